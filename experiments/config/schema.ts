import { z } from 'zod'
import { faultsSchema } from './faults-settings.ts'
import { networkSchema } from './network-settings.ts'
import { peerSchema, trackerSchema } from './peer-settings.ts'
import { CONFIG_POLICIES, namedAlone, needsTrainedModel, policiesSchema } from './policy-settings.ts'
import { count, durationS } from './quantity.ts'
import { problemsOfPublished, publishedSchema } from './published.ts'
import { label } from './sections.ts'
import { trainSchema } from './train-settings.ts'
import {
  accessClassesSchema,
  arrivalsSchema,
  checksSchema,
  recordingSchema,
  regionsSchema,
  sessionsSchema,
  swarmSchema,
} from './world-settings.ts'
import { workloadSchema } from './workload.ts'

const isSeed = (seed: number | string): boolean =>
  typeof seed === 'number' ? Number.isSafeInteger(seed) && seed >= 0 : seed.length >= 1 && seed.length <= 100
const seedError = 'a whole number from 0 or a text of 1 to 100 characters expected'

/** An experiment as YAML says it (input) and with everything filled in (output). A resolved config resolves to itself. */
export const configSchema = z.strictObject({
  name: label(),
  description: z.string().max(4000).default(''),
  seed: z
    .union([z.number(), z.string()], { error: seedError })
    .refine(isSeed, { error: seedError })
    .default(1),
  replications: count(1, 10_000).default(5),
  /** Label of the policy that the others are compared with; null: none. */
  baseline: label().nullable().default(null),
  policies: policiesSchema,
  /** Values to try, by path: every combination is a point of the sweep. */
  matrix: z.record(z.string(), z.array(z.unknown()).min(1).max(1000)).default({}),
  published: publishedSchema,
  workload: workloadSchema,
  /** Folder that paths of data files start from; a config file's own where it names any. */
  dataFolder: z.string().min(1).nullable().default(null),
  /** Simulated time after which a run ends although peers are not done. */
  durationLimitS: durationS({ least: 0.001 }).default(4 * 3600),
  swarm: swarmSchema,
  accessClasses: accessClassesSchema,
  regions: regionsSchema,
  arrivals: arrivalsSchema,
  sessions: sessionsSchema,
  faults: faultsSchema,
  network: networkSchema,
  peer: peerSchema,
  tracker: trackerSchema,
  recording: recordingSchema,
  checks: checksSchema,
  train: trainSchema,
})

/** An experiment with everything filled in. */
export type Config = z.output<typeof configSchema>

/** Paths that a sweep may not vary: they say what is run, not how the world is. */
export const NOT_IN_MATRIX = [
  'name',
  'description',
  'seed',
  'replications',
  'baseline',
  'policies',
  'matrix',
  'train',
  'published',
]

/** What no single key shows to be wrong. */
export function problemsBetweenKeys(config: Config): string[] {
  const labels = config.policies.map((policy) => policy.label)
  const twice = labels.find((name, i) => labels.indexOf(name) !== i)
  const problems: string[] = []
  if (twice !== undefined)
    problems.push(
      `invalid policies: label ${JSON.stringify(twice)} appears twice (give each policy a label of its own)`,
    )
  if (config.baseline !== null && !labels.includes(config.baseline))
    problems.push(`invalid baseline: ${JSON.stringify(config.baseline)} (allowed null, ${labels.join(', ')})`)
  config.policies.forEach((policy, i) => {
    if (needsTrainedModel(policy) && config.train === null)
      problems.push(
        `invalid policies.${i}: policy "model" needs a model (add model: PATH to it, or a train section to the config)`,
      )
  })
  config.train?.collect.policies.forEach((policy, i) => {
    if (needsTrainedModel(policy))
      problems.push(
        `invalid train.collect.policies.${i}: policy "model" needs a model (add model: PATH to it)`,
      )
  })
  return [...problems, ...problemsOfPublished(config)]
}

/** JSON Schema of a config file, as `seedbed schema config` prints it. */
export function configJsonSchema(): object {
  return z.toJSONSchema(configSchema, {
    io: 'input',
    unrepresentable: 'any',
    override: ({ zodSchema, jsonSchema }) => {
      if (!namedAlone.includes(zodSchema)) return
      const settings = { ...jsonSchema }
      for (const key of Object.keys(jsonSchema)) delete jsonSchema[key]
      jsonSchema.anyOf = [{ type: 'string', enum: [...CONFIG_POLICIES] }, settings]
    },
  })
}
