import { randomBytes } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
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
import { clientHost } from './client-host.ts'
import { Cluster } from './cluster/cluster.ts'
import { boundsOf, joinCluster, shareOfContents } from './cluster/join.ts'
import { SharedRevocations } from './cluster/shared-revocations.ts'
import type { ClusterPlace } from './cluster/place.ts'
import { Contents } from './contents.ts'
import { Holdings } from './holdings.ts'
import { createHttpFront } from './http-front.ts'
import { listen, type TlsFiles } from './http-listener.ts'
import { HttpNetwork } from './http-network.ts'
import { type OutcomeQueue, TrackerMetrics } from './metrics.ts'
import { networkOf, RateLimits, type RateLimitSettings } from './rate-limits.ts'
import { Revocations } from './revocations.ts'
import { type PolicyChoice, Serving } from './serving.ts'
import { createVerifier, type TokenKey } from './tokens.ts'
import { MOST_OPEN } from './origin.ts'
import { startUdp, type UdpServer, type UdpServerOptions } from './udp-server.ts'
import { LocalWsDesk } from './ws-desk.ts'
import { startWs } from './ws-server.ts'
import { WsSwarms } from './ws-swarms.ts'

const NO_RECORDER: Recorder = { wants: () => false, record: () => undefined }
const DEFAULT_CONNECTIONS = 12_000

export interface TrackerServerOptions extends ApiOptions {
  readonly host: string
  /** 0 takes a free one. */
  readonly port: number
  /** Port of the UDP protocol for BitTorrent clients; null for none, 0 for a free one. */
  readonly udpPort?: number | null
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
  /** Believes X-Forwarded-For of this many proxies in front; 0, the default, believes nobody. */
  readonly trustedProxies?: number
  readonly log?: Logger
  readonly maxConnections?: number
  /** Connections of one address; 0, the default, for any number. Of no use behind a proxy, whose address all have. */
  readonly maxConnectionsPerAddress?: number
  /** Speaks TLS only, where it is given. */
  readonly tls?: TlsFiles | undefined
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
  const {
    host,
    port,
    policy,
    model,
    recorder = NO_RECORDER,
    log = pino({ level: 'silent' }),
    place,
  } = options
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
  const hostOf = (request: IncomingMessage): string => clientHost(request, trustedProxies)
  const { http: meter, udp: udpMeter, ws: wsMeter } = metrics.announces
  const front = createHttpFront({ swarms, hostOf, log, limits, meter, pass: relays?.http })
  const maxConnections = options.maxConnections ?? DEFAULT_CONNECTIONS
  const maxPerAddress = options.maxConnectionsPerAddress ?? 0
  const { server, url, ...http } = await listen(
    { host, port, maxConnections, maxPerAddress, census: cluster?.census, tls: options.tls },
    (request, response) => front(request, response) || api.app(request, response),
  ).catch(async (error: unknown) => {
    await cluster?.close()
    throw error
  })
  const udp = await startUdpOf(options, { swarms, log, meter: udpMeter, pass: relays?.udp }).catch(
    async (error: unknown) => {
      await Promise.all([http.close(), cluster?.close()])
      throw error
    },
  )
  const ws = startWs({
    ...{ server, hostOf, maxConnections, log, meter: wsMeter },
    desk: relays?.ws ?? new LocalWsDesk(wsSwarms, wsMeter),
    origins: options.origins?.includes('*') ? null : (options.origins ?? null),
  })
  tracker.start()
  isReady = true
  log.info(
    { url, policy: serving.main.ranker.name, policyVersion: serving.main.ranker.version },
    'tracker is up',
  )
  const stopFront = async (): Promise<void> => {
    isReady = false
    ws.stop()
    await udp?.stop()
    await http.close()
  }
  return {
    url,
    port: http.port,
    udpPort: udp?.port ?? NaN,
    tracker,
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

async function startUdpOf(
  { host, udpPort = null, place }: TrackerServerOptions,
  parts: Pick<UdpServerOptions, 'swarms' | 'log' | 'meter' | 'pass'>,
): Promise<UdpServer | undefined> {
  return udpPort === null
    ? undefined
    : startUdp({ ...parts, host, port: udpPort, nowMs: () => Date.now(), secret: place?.secret })
}
