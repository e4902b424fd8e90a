import { stringify } from 'yaml'
import type { TrackerServerOptions } from '../../tracker/live/compose.ts'
import type { RunningTracker } from './open-tracker.ts'
import type { Output } from './output.ts'
import type { TrackerArguments } from './tracker-options.ts'

/** What is left out of a summary: what is no setting, and names that yargs adds. */
const NOT_SHOWN = ['_', '$0', 'config', 'dry-run', 'outcomes', 'json', 'help', 'version']

/**
 * Options as they came out of command line, environment and file, by their names; passwords are masked. Files of keys are
 * shown by path: what is in them never is.
 */
export function describeSettings(
  given: TrackerArguments,
  { policy, model }: TrackerServerOptions,
): Record<string, unknown> {
  const named = Object.entries(given)
    .filter(
      ([name, value]) => name === name.toLowerCase() && !NOT_SHOWN.includes(name) && value !== undefined,
    )
    .map(([name, value]) => [name, typeof value === 'string' ? masked(value) : value])
  return {
    ...Object.fromEntries(named),
    policy: policy.name,
    ...(model && { 'model-label': model.label }),
    tokens: tokensOf(given),
  }
}

/** Prints where a tracker is, of how many processes it is made, and what ranks. */
export function tellRunning(
  out: Output['out'],
  { json, cluster }: Pick<TrackerArguments, 'json' | 'cluster'>,
  { url, udpPort, policy, model }: RunningTracker,
): void {
  if (json) out.write(`${JSON.stringify({ url, udpPort, policy, model, ...(cluster && { cluster }) })}\n`)
  else {
    const ranking = `policy ${policy}${model === null ? '' : `, model ${model}`}`
    out.write(`tracker at ${url} (${ranking}${cluster ? `, ${cluster} processes` : ''})\n`)
  }
}

export const settingsText = (settings: Record<string, unknown>): string => stringify(settings)

function tokensOf({ authSecretFile, authKeyFile, authJwksFile }: TrackerArguments): string {
  if (authSecretFile !== undefined) return 'signed with a shared secret (masked)'
  if (authKeyFile !== undefined || authJwksFile !== undefined) return 'signed by the holder of a private key'
  return 'none: no requests of admins, reports from anybody'
}

/** A URI without its password. */
const masked = (text: string): string => text.replace(/^([a-z][a-z0-9+.-]*:\/\/[^:/@]*):[^@]*@/i, '$1:***@')
