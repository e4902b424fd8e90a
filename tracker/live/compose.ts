import { randomBytes } from 'node:crypto'
import { type Logger, pino } from 'pino'
import { createRanker, type PolicySpec } from '../../model/policies.ts'
import { PolicyMaker } from '../../model/policy-maker.ts'
import type { RankingModel } from '../../model/policy-model.ts'
import { parseEndpoint } from '../../peer/protocol/endpoint.ts'
import type { Address } from '../../peer/protocol/ids.ts'
import type { FeatureName } from '../../peer/protocol/features.ts'
import type { RevocationStore } from '../../peer/ports/outcome-store.ts'
import type { Recorder } from '../../peer/ports/recorder.ts'
import { SeededRandom } from '../../peer/ports/seeded-random.ts'
import { SystemClock } from '../../peer/ports/system-clock.ts'
import { TRACKER_DEFAULTS, type TrackerSettings } from '../core/options.ts'
import { Tracker } from '../core/tracker.ts'
import { type ApiOptions, createApi } from './api/create-api.ts'
import { BitTorrentSwarms } from './bittorrent.ts'
import { Cluster } from './cluster/cluster.ts'
import { boundsOf, joinCluster, shareOfContents } from './cluster/join.ts'
import type { ClusterPlace } from './cluster/place.ts'
import { SharedRevocations } from './cluster/shared-revocations.ts'
import { Contents } from './contents.ts'
import { type DoorOptions, openDoors } from './doors.ts'
import { Holdings } from './holdings.ts'
import { HttpNetwork } from './http-network.ts'
import { type OutcomeQueue, TrackerMetrics } from './metrics.ts'
import { MOST_OPEN } from './origin.ts'
import { networkOf, RateLimits, type RateLimitSettings } from './rate-limits.ts'
import { Revocations } from './revocations.ts'
import { type PolicyChoice, Serving } from './serving.ts'
import { createVerifier, type TokenKey } from './tokens.ts'
import { WsSwarms } from './ws-swarms.ts'

/** Processes that start together wait so long for each other before they say that they are up. */
const CLUSTER_PATIENCE_MS = 10_000
const NO_RECORDER: Recorder = { wants: () => false, record: () => undefined }

export interface TrackerServerOptions extends ApiOptions, DoorOptions {
  readonly policy: PolicySpec
  /** Needed by the policy `model`. */
  readonly model?: RankingModel | undefined
  readonly recorder?: Recorder | undefined
  readonly settings?: Partial<TrackerSettings>
  /** Typical round-trip time between two regions, milliseconds; unknown where it is left out. */
  readonly rttEstimateMs?: (fromRegion: string, toRegion: string) => number
  /** Region of an IP address, empty where it is not known. */
  readonly regionOf?: (host: string) => string
  /** Features that are hidden from every policy, as if nobody ever knew them. */
  readonly maskedFeatures?: readonly FeatureName[]
  readonly log?: Logger
  /** None where it is left out. */
  readonly rateLimits?: RateLimitSettings
  /** What tokens of admins and reporters are checked with; without one nobody is an admin. */
  readonly tokenKey?: TokenKey | undefined
  readonly tokenAudience?: string
  /** Where revocations of tokens are kept; without it they last until the tracker stops. */
  readonly revocations?: RevocationStore | undefined
  /** Adds memory, processor time and the like of the whole process to the metrics. */
  readonly watchesProcess?: boolean
  /** How the queue before the outcome store stands, for the metrics. */
  readonly outcomeQueue?: (() => OutcomeQueue) | undefined
  /** Which part of a cluster this process is; without one it is the whole tracker. */
  readonly place?: ClusterPlace | undefined
  /** Makes the tracker's draws reproducible; drawn from the system where it is left out. */
  readonly seed?: string | undefined
}

export interface TrackerServer {
  /** Where peers reach the tracker from this machine. */
  readonly url: string
  readonly port: number
  /** NaN where UDP is off. */
  readonly udpPort: number
  readonly tracker: Tracker
  /** The policy that ranks now. */
  readonly serving: PolicyChoice
  /** Takes no more from clients and answers what is under way; other processes of a cluster are still answered. */
  stopFront(): Promise<void>
  /** Answers what is under way, then closes. */
  stop(): Promise<void>
}

/** Starts a tracker behind HTTP, or its part of a cluster. Rejects with ListenError, PolicyError or SettingError. */
export async function startTracker(options: TrackerServerOptions): Promise<TrackerServer> {
  const { policy, model, recorder = NO_RECORDER, log = pino({ level: 'silent' }), place } = options
  const cluster = place && new Cluster(place)
  const random = new SeededRandom(options.seed ?? randomBytes(16).toString('hex'))
  const network = new HttpNetwork()
  const settings = boundsOf({ ...TRACKER_DEFAULTS, ...options.settings }, cluster)
  const sight = { knowsRegions: options.regionOf !== undefined, masked: options.maskedFeatures ?? [] }
  const ranker = createRanker(policy, { random: random.fork('ranker'), model })
  const metrics = new TrackerMetrics()
  const serving = new Serving({ policy: policy.name, model: model?.label ?? '', ranker }, metrics)
  const tracker = new Tracker(
    { clock: new SystemClock(), random: random.fork('tracker'), network, ranker, recorder },
    {
      settings,
      rttEstimateMs: options.rttEstimateMs ?? (() => NaN),
      policiesOf: (contentId) => serving.policiesOf(contentId),
      maskedFeatures: sight.masked,
      networkOf: voiceOf,
      placeOf,
      heardShadow: (served, shadow) => serving.heardShadow(served, shadow),
    },
  )
  metrics.watch(tracker, () => serving.slots)
  if (options.watchesProcess) metrics.watchProcess()
  if (options.outcomeQueue) metrics.watchQueue(options.outcomeQueue)
  if (cluster) metrics.watchShards(() => cluster.mesh.upCount)
  const trustedProxies = options.trustedProxies ?? 0
  let isReady = false
  const regionOf = options.regionOf ?? (() => '')
  const limits = new RateLimits(options.rateLimits, cluster?.limits)
  const revocations = new Revocations({ store: options.revocations, nowMs: () => Date.now(), log })
  if (options.tokenKey) await revocations.start()
  const swarms = new BitTorrentSwarms(tracker, regionOf)
  const wsSwarms = new WsSwarms(tracker, swarms, regionOf)
  const contents = new Contents(cluster && shareOfContents(cluster))
  const holdings = new Holdings(tracker, settings.expiryMs)
  const local = { tracker, network, swarms, wsSwarms, contents, holdings, serving, metrics }
  const relays = cluster && joinCluster(cluster, local, log)
  const shared = cluster && new SharedRevocations(cluster, revocations, log)
  const api = createApi(options, {
    ...{ tracker, network, contents, holdings, regionOf, log, trustedProxies },
    ...{ serving, metrics, limits, maker: new PolicyMaker(random.fork('policies'), sight) },
    revocations,
    tokens: options.tokenKey && revocations.guard(createVerifier(options.tokenKey, options.tokenAudience)),
    isSecure: options.tls !== undefined,
    isReady: () => isReady,
    ...{ cluster, neighbours: relays?.neighbours, originDownloads: cluster?.shareOf(MOST_OPEN) },
  })
  await cluster?.open(api.inner())
  await shared?.start()
  await api.begin()
  const doors = await openDoors(options, {
    ...{ swarms, wsSwarms, limits, metrics, log, app: api.app, relays },
    ...{ census: cluster?.census, udpSecret: place?.secret },
  }).catch(async (error: unknown) => {
    await cluster?.close()
    throw error
  })
  tracker.start()
  // Who takes another's place does not wait: it is being waited for.
  if (place?.isReplacement === false) await cluster?.mesh.whole(CLUSTER_PATIENCE_MS)
  isReady = true
  log.info(
    { url: doors.url, policy: serving.main.ranker.name, policyVersion: serving.main.ranker.version },
    'tracker is up',
  )
  const stopFront = async (): Promise<void> => {
    isReady = false
    await doors.close()
  }
  return {
    ...{ url: doors.url, port: doors.port, udpPort: doors.udpPort, tracker },
    get serving() {
      return serving.main
    },
    stopFront,
    stop: async () => {
      if (isReady) await stopFront()
      api.stop()
      shared?.stop()
      await cluster?.close()
      tracker.stop()
      revocations.stop()
      log.info({ announces: tracker.announces }, 'tracker has stopped')
    },
  }
}

/** Whoever has an address has all its ports, and its /64; on this machine itself each port may be somebody else's. */
function voiceOf(address: Address): string {
  if (address === '' || address.startsWith('127.') || address.startsWith('[::1]')) return address
  return networkOf(parseEndpoint(address).host)
}

/** Where an address or a host is: those who share it may speak for each other. */
const placeOf = (text: Address): string =>
  networkOf(/^(\[.*\]|[^:]*):\d+$/.test(text) ? parseEndpoint(text).host : text)
