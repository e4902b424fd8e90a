import type { Argv } from 'yargs'
import { type Override, parseOverride } from '../config/load.ts'

/** What `run` and `check` take to make a config. */
export interface ConfigArguments {
  config: string
  set: string | string[] | undefined
  seed: string | undefined
  replications: number | undefined
}

/** Declares the config and what overrides it. */
export const configOptions = <T>(yargs: Argv<T>) =>
  yargs
    .positional('config', {
      type: 'string',
      demandOption: true,
      describe: 'YAML file, or the name of a ready-made config',
    })
    .option('set', {
      type: 'string',
      nargs: 1,
      describe: 'Override one value, written as YAML, e.g. swarm.peers=200; may be repeated',
    })
    .option('seed', { type: 'string', requiresArg: true, describe: 'Seed of the experiment' })
    .option('replications', {
      type: 'number',
      requiresArg: true,
      describe: 'Simulations a policy and matrix point',
    })

/** The overrides, in the order in which they apply. */
export function overridesOf({ set, seed, replications }: ConfigArguments): Override[] {
  const overrides = [set ?? []].flat().map(parseOverride)
  if (seed !== undefined)
    overrides.push({ path: 'seed', value: /^\d{1,15}$/.test(seed) ? Number(seed) : seed })
  if (replications !== undefined) overrides.push({ path: 'replications', value: replications })
  return overrides
}
