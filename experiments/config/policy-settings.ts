import { z } from 'zod'
import { EXPLORE_KINDS } from '../../model/explore.ts'
import { POLICY_NAMES } from '../../model/policies.ts'
import { real, share } from './quantity.ts'
import { label, oneOf } from './sections.ts'

/** Policies that configs may name: those of `model`, and the simulator's own upper bound. */
export const CONFIG_POLICIES = [...POLICY_NAMES, 'oracle'] as const
export type ConfigPolicy = (typeof CONFIG_POLICIES)[number]

const explore = z
  .discriminatedUnion('kind', [
    z.strictObject({ kind: z.literal(EXPLORE_KINDS[0]), epsilon: share() }),
    z.strictObject({ kind: z.literal(EXPLORE_KINDS[1]), temperature: real({ least: 1e-6, most: 1e6 }) }),
  ])
  .nullable()
  .default(null)

const policy = () => oneOf(...CONFIG_POLICIES)
const modelFolder = () => z.string().min(1).nullable().default(null)

const nameAlone = (value: unknown): unknown => (typeof value === 'string' ? { policy: value } : value)

const rankerSchema = z.strictObject({ policy: policy(), explore, model: modelFolder() })

/** The policy of one place: what it is called, how it explores, and its model folder (null: the one trained here). */
export type RankerSettings = z.output<typeof rankerSchema>

const chosenSchema = rankerSchema.extend({
  label: label().optional(),
  /** Policy of the tracker; null: the same as the peers'. */
  tracker: z.preprocess(nameAlone, rankerSchema.nullable()).default(null),
})

/** One policy under study: a name alone, or settings. */
export const policySchema = z.preprocess(nameAlone, chosenSchema).transform((chosen) => {
  const { policy, explore, model, tracker, label = defaultLabel(chosen) } = chosen
  return { label, policy, explore, model, tracker }
})

/** What may be written as a name alone; JSON Schema does not see that by itself. */
export const namedAlone: readonly unknown[] = [rankerSchema, chosenSchema]

/** A policy under study, resolved. */
export type PolicySettings = z.output<typeof policySchema>

/** Names of policies, settings of policies, or both. */
export const policiesSchema = z.array(policySchema).min(1)

function defaultLabel({ policy, explore, tracker }: z.output<typeof chosenSchema>): string {
  const exploring = explore === null ? '' : `+${explore.kind}`
  const trackedBy = tracker === null ? '' : `/${tracker.policy}`
  return `${policy}${exploring}${trackedBy}`
}

/** Whether a policy needs a model that the config does not name. */
export function needsTrainedModel({ policy, model, tracker }: PolicySettings): boolean {
  const isMissing = (settings: { policy: string; model: string | null }): boolean =>
    settings.policy === 'model' && settings.model === null
  return isMissing({ policy, model }) || (tracker !== null && isMissing(tracker))
}
