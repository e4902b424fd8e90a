import { readFileSync, statSync } from 'node:fs'
import { createSecureContext } from 'node:tls'
import { rttEstimateMs } from '../../sim/regions.ts'
import type { TrackerServerOptions } from '../../tracker/live/compose.ts'
import { FolderOrigin } from '../../tracker/live/folder-origin.ts'
import type { Origin } from '../../tracker/live/origin.ts'
import { createVerifier, type TokenKey } from '../../tracker/live/tokens.ts'
import { UrlOrigin } from '../../tracker/live/url-origin.ts'
import { openGeoIp } from '../../tracker/live/geoip.ts'
import { readModelFiles } from '../../model/load-model.ts'
import { checkSight } from '../../model/check-sight.ts'
import { UsageError } from '../errors.ts'
import { choosePolicy } from './live-options.ts'
import type { TrackerArguments } from './tracker-options.ts'

/** Silent for so many intervals, a peer is forgotten. */
const EXPIRY_INTERVALS = 3
const MOST_KEY_BYTES = 64 * 1024

/** What the files of a command line hold that have to be the same for all processes of a tracker, whenever they start. */
export interface TrackerFiles {
  readonly tokenKey: TokenKey | undefined
  readonly tls: { readonly cert: string; readonly key: string } | undefined
  /** By name; undefined without a model. */
  readonly model: ReadonlyMap<string, Uint8Array> | undefined
}

/** Throws UsageError and ModelFileError. */
export const readTrackerFiles = (given: TrackerArguments): TrackerFiles => ({
  tokenKey: readTokenKey(given),
  tls: readTls(given),
  model: given.model === undefined ? undefined : readModelFiles(given.model),
})

/**
 * What a command line comes to, all files read and checked; nothing is opened or written. Throws UsageError, SettingError
 * and ModelFileError.
 */
export function resolveTracker(
  given: TrackerArguments,
  files: TrackerFiles = readTrackerFiles(given),
): TrackerServerOptions {
  const { tokenKey, tls } = files
  const chosen = choosePolicy(given, files.model)
  const regionOf = given.geoip === undefined ? undefined : openGeoIp(given.geoip)
  const masked = given.mask ?? []
  if (chosen.model) checkSight(chosen.model, { knowsRegions: regionOf !== undefined, masked })
  if (tokenKey) createVerifier(tokenKey)
  return {
    ...{ host: given.host, port: given.port, udpPort: given.udp ? (given.udpPort ?? given.port) : null },
    ...chosen,
    ...(regionOf && { regionOf }),
    maskedFeatures: masked,
    ...{ seed: given.seed, trustedProxies: given.trustedProxies, maxConnections: given.maxConnections },
    // All connections of a proxy have its address.
    maxConnectionsPerAddress: given.trustedProxies > 0 ? 0 : given.addressConnections,
    settings: {
      announceMs: given.announceInterval * 1000,
      expiryMs: given.announceInterval * 1000 * EXPIRY_INTERVALS,
      balancesUploads: given.balanceUploads,
    },
    ...{ origins: given.origin ?? null, rttEstimateMs, watchesProcess: true },
    ...{ origin: readOrigin(given), originChunkBytes: given.originChunkBytes, tls },
    ...{ tokenKey, tokenAudience: given.authAudience },
    rateLimits: {
      ...{ perAddress: given.apiLimit, perToken: given.tokenLimit },
      announcesPerAddress: given.announceLimit,
    },
    // Whoever names a policy wants that one.
    resumesPolicy: given.policy === undefined && given.model === undefined,
  }
}

function readTokenKey({ authSecretFile, authKeyFile, authJwksFile }: TrackerArguments): TokenKey | undefined {
  if (authSecretFile !== undefined) return { kind: 'secret', secret: readSecret(authSecretFile) }
  if (authKeyFile !== undefined) return { kind: 'public-key', pem: readText('auth-key-file', authKeyFile) }
  if (authJwksFile !== undefined) return { kind: 'jwks', text: readText('auth-jwks-file', authJwksFile) }
  return undefined
}

/** The secret in a file, without white space around it. Throws UsageError. */
export const readSecret = (path: string): Buffer => Buffer.from(readText('auth-secret-file', path).trim())

function readTls({ tlsCert, tlsKey }: TrackerArguments): { cert: string; key: string } | undefined {
  if (tlsCert === undefined || tlsKey === undefined) return undefined
  const files = { cert: readText('tls-cert', tlsCert), key: readText('tls-key', tlsKey) }
  try {
    createSecureContext(files)
    return files
  } catch (error) {
    throw new UsageError(
      `invalid --tls-cert or --tls-key: ${(error as Error).message} (PEM files expected that belong together)`,
    )
  }
}

function readOrigin({ originFolder, originUrl }: TrackerArguments): Origin | undefined {
  if (originFolder !== undefined) {
    if (!statSync(originFolder, { throwIfNoEntry: false })?.isDirectory())
      throw new UsageError(`invalid --origin-folder: ${JSON.stringify(originFolder)} (no such folder)`)
    return new FolderOrigin(originFolder)
  }
  if (originUrl === undefined) return undefined
  const url = URL.canParse(originUrl) ? new URL(originUrl) : undefined
  if (!url || !['http:', 'https:'].includes(url.protocol) || url.search !== '' || url.hash !== '')
    throw new UsageError(
      `invalid --origin-url: ${JSON.stringify(originUrl)} (http or https, without ? and #)`,
    )
  if (url.username !== '' || url.password !== '')
    throw new UsageError('invalid --origin-url: it holds a password (put a proxy that adds it in between)')
  return new UrlOrigin(url)
}

function readText(option: string, path: string): string {
  try {
    if (statSync(path).size > MOST_KEY_BYTES) throw new Error(`larger than ${MOST_KEY_BYTES} bytes`)
    return readFileSync(path, 'utf8')
  } catch (error) {
    throw new UsageError(`invalid --${option}: ${JSON.stringify(path)} (${(error as Error).message})`)
  }
}
