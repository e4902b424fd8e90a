import { readFileSync } from 'node:fs'
import type { Argv } from 'yargs'
import { type FeatureName, FEATURES } from '../../peer/protocol/features.ts'
import { DEFAULT_AUDIENCE } from '../../tracker/live/tokens.ts'
import { ConfigError } from '../config/errors.ts'
import { parseYaml } from '../config/load.ts'
import { nearest } from '../config/suggest.ts'
import { UsageError } from '../errors.ts'
import { type LiveArguments, liveOptions } from './live-options.ts'
import { STORE_DEFAULTS } from './store-options.ts'

const LOG_LEVELS = ['silent', 'error', 'warn', 'info', 'debug'] as const

/** More than a machine has processors for. */
const MOST_PROCESSES = 64

/** What variables of the environment begin with: `SEEDBED_TRACKER_UDP_PORT` is `--udp-port`. */
export const ENV_PREFIX = 'SEEDBED_TRACKER'

export interface TrackerArguments extends LiveArguments {
  host: string
  port: number
  udpPort: number | undefined
  udp: boolean
  /** So many processes; undefined for this one alone. */
  cluster: number | undefined
  maxConnections: number
  addressConnections: number
  announceInterval: number
  balanceUploads: boolean
  origin: string[] | undefined
  trustedProxies: number
  tlsCert: string | undefined
  tlsKey: string | undefined
  geoip: string | undefined
  mask: FeatureName[] | undefined
  originFolder: string | undefined
  originUrl: string | undefined
  originChunkBytes: number
  authSecretFile: string | undefined
  authKeyFile: string | undefined
  authJwksFile: string | undefined
  authAudience: string
  apiLimit: number
  tokenLimit: number
  announceLimit: number
  logLevel: (typeof LOG_LEVELS)[number]
  dryRun: boolean
}

/** What holds where nothing is said. */
export const TRACKER_ARGUMENTS: TrackerArguments = {
  ...STORE_DEFAULTS,
  ...{ policy: undefined, model: undefined, seed: undefined, json: false },
  ...{ host: '127.0.0.1', port: 8080, udpPort: undefined, udp: true, cluster: undefined },
  ...{
    maxConnections: 12_000,
    addressConnections: 1000,
    announceInterval: 30,
    balanceUploads: false,
    origin: undefined,
    trustedProxies: 0,
  },
  ...{ tlsCert: undefined, tlsKey: undefined, geoip: undefined, mask: undefined },
  ...{ originFolder: undefined, originUrl: undefined, originChunkBytes: 2 ** 20 },
  ...{ authSecretFile: undefined, authKeyFile: undefined, authJwksFile: undefined },
  ...{ authAudience: DEFAULT_AUDIENCE, apiLimit: 1200, tokenLimit: 6000, announceLimit: 6000 },
  ...{ logLevel: 'info', dryRun: false },
}

/** Declares what `seedbed tracker` takes, from the command line, the environment and a file, in that order. */
export function trackerOptions(yargs: Argv): Argv<TrackerArguments> {
  const declared = security(data(network(liveOptions(yargs))))
    .option('log-level', {
      choices: LOG_LEVELS,
      default: TRACKER_ARGUMENTS.logLevel,
      describe: 'What is logged',
    })
    .option('dry-run', {
      type: 'boolean',
      default: TRACKER_ARGUMENTS.dryRun,
      describe: 'Check everything, print what would run, and open nothing',
    })
    .env(ENV_PREFIX)
    .config('config', CONFIG_ABOUT, (path) => readConfig(path, optionNames(yargs)))
    .check((given) => checkTracker(given as unknown as TrackerArguments))
  checkEnvironment(optionNames(yargs))
  return declared as unknown as Argv<TrackerArguments>
}

const CONFIG_ABOUT = `YAML file of these options, by name. What the command line says comes first, then the environment (--udp-port is ${ENV_PREFIX}_UDP_PORT), then the file`

const network = <T>(yargs: Argv<T>) =>
  yargs
    .option('host', {
      type: 'string',
      default: TRACKER_ARGUMENTS.host,
      describe: 'Address to listen on; 0.0.0.0 for all',
    })
    .option('port', {
      type: 'number',
      default: TRACKER_ARGUMENTS.port,
      describe: 'Port to listen on; 0 for a free one',
    })
    .option('udp-port', {
      type: 'number',
      requiresArg: true,
      describe: 'UDP port for BitTorrent clients [default: that of --port]',
    })
    .option('udp', {
      type: 'boolean',
      default: TRACKER_ARGUMENTS.udp,
      describe: 'Answer BitTorrent clients over UDP too',
    })
    .option('cluster', {
      type: 'number',
      requiresArg: true,
      describe:
        'Processes that share the work, each with a part of the swarms [default: one, without a supervisor]',
    })
    .option('max-connections', {
      type: 'number',
      default: TRACKER_ARGUMENTS.maxConnections,
      describe: 'Connections taken at once',
    })
    .option('address-connections', {
      type: 'number',
      default: TRACKER_ARGUMENTS.addressConnections,
      describe: 'Connections that one address may hold; 0 for any number. Not counted behind proxies',
    })
    .option('balance-uploads', {
      type: 'boolean',
      default: TRACKER_ARGUMENTS.balanceUploads,
      describe:
        'Believe uploads only as far as downloads of the swarm bear them out; for swarms that have no other tracker',
    })
    .option('announce-interval', {
      type: 'number',
      default: TRACKER_ARGUMENTS.announceInterval,
      describe:
        'Seconds after which peers announce again; one that is silent for three times as long is forgotten',
    })
    .option('origin', {
      type: 'string',
      array: true,
      requiresArg: true,
      describe:
        'Origin of pages that may use the tracker, e.g. https://example.org; may be repeated [default: WebSockets of all, the data API of none]',
    })
    .option('geoip', {
      type: 'string',
      requiresArg: true,
      describe: 'Database in MaxMind format (.mmdb) that tells the region of unmodified clients',
    })
    .option('mask', {
      choices: FEATURES.map(({ name }) => name),
      array: true,
      requiresArg: true,
      describe: 'Feature to hide from the policy; may be repeated',
    })
    .option('trusted-proxies', {
      type: 'number',
      default: TRACKER_ARGUMENTS.trustedProxies,
      describe: 'Proxies in front whose X-Forwarded-For is believed',
    })
    .option('tls-cert', {
      type: 'string',
      requiresArg: true,
      describe: 'Certificate and chain, PEM: HTTPS only',
    })
    .option('tls-key', { type: 'string', requiresArg: true, describe: 'Its private key, PEM' })

const data = <T>(yargs: Argv<T>) =>
  yargs
    .option('origin-folder', {
      type: 'string',
      requiresArg: true,
      describe: 'Folder whose files the data API gives chunks of',
    })
    .option('origin-url', {
      type: 'string',
      requiresArg: true,
      describe: 'URL below which these files are, instead of a folder',
    })
    .option('origin-chunk-bytes', {
      type: 'number',
      default: TRACKER_ARGUMENTS.originChunkBytes,
      describe: 'Size of the chunks of files that are known by name alone',
    })

const security = <T>(yargs: Argv<T>) =>
  yargs
    .option('auth-secret-file', {
      type: 'string',
      requiresArg: true,
      describe: 'File of the secret that tokens are signed with (32 bytes or more)',
    })
    .option('auth-key-file', {
      type: 'string',
      requiresArg: true,
      describe: 'Public key of who signs tokens, PEM',
    })
    .option('auth-jwks-file', {
      type: 'string',
      requiresArg: true,
      describe: 'Public keys, as a JSON Web Key Set',
    })
    .option('auth-audience', {
      type: 'string',
      requiresArg: true,
      default: TRACKER_ARGUMENTS.authAudience,
      describe: 'For whom tokens have to be',
    })
    .option('api-limit', {
      type: 'number',
      default: TRACKER_ARGUMENTS.apiLimit,
      describe: 'Requests of the data API an address may make a minute; 0 for any number',
    })
    .option('token-limit', {
      type: 'number',
      default: TRACKER_ARGUMENTS.tokenLimit,
      describe: 'Requests the holder of a token may make a minute; 0 for any number',
    })
    .option('announce-limit', {
      type: 'number',
      default: TRACKER_ARGUMENTS.announceLimit,
      describe: 'Announces over HTTP an address may make a minute; 0 for any number',
    })

function checkTracker(given: TrackerArguments): true {
  checkCount('port', given.port, 0, 65_535)
  if (given.udpPort !== undefined) checkCount('udp-port', given.udpPort, 0, 65_535)
  if (given.cluster !== undefined) checkCount('cluster', given.cluster, 1, MOST_PROCESSES)
  checkCount('trusted-proxies', given.trustedProxies, 0, 16)
  checkCount('max-connections', given.maxConnections, 1, 1_000_000)
  checkCount('address-connections', given.addressConnections, 0, 1_000_000)
  checkCount('announce-interval', given.announceInterval, 1, 86_400)
  checkCount('origin-chunk-bytes', given.originChunkBytes, 1024, 2 ** 24)
  for (const name of ['api-limit', 'token-limit', 'announce-limit'] as const)
    checkCount(name, (given as unknown as Record<string, number>)[name], 0, 1e9)
  if ((given.tlsCert === undefined) !== (given.tlsKey === undefined))
    throw new Error('--tls-cert and --tls-key go together: give both or none')
  if (given.originFolder !== undefined && given.originUrl !== undefined)
    throw new Error('--origin-folder and --origin-url exclude each other: give one')
  const keys = [given.authSecretFile, given.authKeyFile, given.authJwksFile].filter(
    (path) => path !== undefined,
  )
  if (keys.length > 1)
    throw new Error('--auth-secret-file, --auth-key-file and --auth-jwks-file exclude each other: give one')
  for (const origin of given.origin ?? [])
    if (origin !== '*' && (!URL.canParse(origin) || new URL(origin).origin !== origin))
      throw new Error(
        `invalid --origin: ${JSON.stringify(origin)} (scheme and host, e.g. https://example.org, or *)`,
      )
  return true
}

function checkCount(name: string, value: number, least: number, most: number): void {
  if (!Number.isInteger(value) || value < least || value > most)
    throw new Error(`invalid --${name}: ${value} (${least} to ${most})`)
}

/** Reads a file of options; yargs wants an error returned, not thrown. */
function readConfig(path: string, known: readonly string[]): object | Error {
  try {
    const values = parseYaml(readFileSync(path, 'utf8'), path) ?? {}
    if (typeof values !== 'object' || Array.isArray(values))
      throw new ConfigError(path, ['invalid config: options by name expected, e.g. port: 8080'])
    const problems = unknownNames(Object.keys(values), known)
    if (problems.length > 0) throw new ConfigError(path, problems)
    return values
  } catch (error) {
    if (error instanceof ConfigError) return error
    return new ConfigError(path, [`can't be read: ${(error as Error).message}`])
  }
}

function checkEnvironment(known: readonly string[]): void {
  const prefix = `${ENV_PREFIX}_`
  const given = Object.keys(process.env).filter((name) => name.startsWith(prefix))
  const allowed = known.map((name) => `${prefix}${name.toUpperCase().replaceAll('-', '_')}`)
  const [problem] = unknownNames(given, allowed)
  if (problem !== undefined) throw new UsageError(`environment: ${problem}`)
}

const unknownNames = (given: readonly string[], known: readonly string[]): string[] =>
  given
    .filter((name) => !known.includes(name))
    .map((name) => {
      const meant = nearest(name, known)
      return `unknown option ${name}${meant === undefined ? '' : ` (did you mean ${meant}?)`}`
    })

/** The names of all options that were declared, with hyphens. */
export function optionNames(yargs: Argv): string[] {
  const { key } = (yargs as unknown as { getOptions(): { key: Record<string, unknown> } }).getOptions()
  return Object.keys(key).filter((name) => name === name.toLowerCase())
}
