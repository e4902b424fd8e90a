import { randomBytes } from 'node:crypto'
import { createServer, type IncomingMessage, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type Logger, pino } from 'pino'
import { createRanker, type PolicySpec } from '../../model/policies.ts'
import type { RankingModel } from '../../model/policy-model.ts'
import { formatEndpoint } from '../../peer/protocol/endpoint.ts'
import type { Recorder } from '../../peer/ports/recorder.ts'
import { SeededRandom } from '../../peer/ports/seeded-random.ts'
import { SystemClock } from '../../peer/ports/system-clock.ts'
import { TRACKER_DEFAULTS, type TrackerSettings } from '../core/options.ts'
import { Tracker } from '../core/tracker.ts'
import { createApp } from './app.ts'
import { BitTorrentSwarms } from './bittorrent.ts'
import { clientHost } from './client-host.ts'
import { Contents } from './contents.ts'
import { ListenError } from './errors.ts'
import { createHttpFront } from './http-front.ts'
import { HttpNetwork } from './http-network.ts'
import { startUdp, type UdpServer } from './udp-server.ts'
import { startWs } from './ws-server.ts'
import { WsSwarms } from './ws-swarms.ts'

const NO_RECORDER: Recorder = { wants: () => false, record: () => undefined }
const REQUEST_TIMEOUT_MS = 30_000
/** Longer than the announce interval, so that peers keep their connections. */
const KEEP_ALIVE_MS = 75_000
/** Requests under way get this long when the tracker stops. */
const GRACE_MS = 5_000
const SWEEP_MS = 20
const DEFAULT_CONNECTIONS = 12_000

export interface TrackerServerOptions {
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
  /** Believes X-Forwarded-For of this many proxies in front; 0, the default, believes nobody. */
  readonly trustedProxies?: number
  readonly log?: Logger
  readonly maxConnections?: number
  /** Origins of pages whose WebSockets are taken; null, the default, takes all. */
  readonly origins?: readonly string[] | null
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
  /** Answers what is under way, then closes. */
  stop(): Promise<void>
}

/** Starts a tracker behind HTTP. Rejects with ListenError or PolicyError. */
export async function startTracker(options: TrackerServerOptions): Promise<TrackerServer> {
  const { host, port, policy, model, recorder = NO_RECORDER, log = pino({ level: 'silent' }) } = options
  const random = new SeededRandom(options.seed ?? randomBytes(16).toString('hex'))
  const network = new HttpNetwork()
  const ranker = createRanker(policy, { random: random.fork('ranker'), model })
  const tracker = new Tracker(
    { clock: new SystemClock(), random: random.fork('tracker'), network, ranker, recorder },
    {
      settings: { ...TRACKER_DEFAULTS, ...options.settings },
      rttEstimateMs: options.rttEstimateMs ?? (() => NaN),
    },
  )
  const trustedProxies = options.trustedProxies ?? 0
  let isReady = false
  const app = createApp({
    tracker,
    network,
    ranker,
    contents: new Contents(),
    log,
    trustedProxies,
    isReady: () => isReady,
  })
  const swarms = new BitTorrentSwarms(tracker, options.regionOf)
  const hostOf = (request: IncomingMessage): string => clientHost(request, trustedProxies)
  const front = createHttpFront({ swarms, hostOf, log })
  const server = createServer(
    { requestTimeout: REQUEST_TIMEOUT_MS, keepAliveTimeout: KEEP_ALIVE_MS },
    (request, response) => front(request, response) || app(request, response),
  )
  const maxConnections = options.maxConnections ?? DEFAULT_CONNECTIONS
  server.maxConnections = maxConnections
  await listen(server, host, port)
  const udp = await startUdpOf(options, swarms, log).catch(async (error: unknown) => {
    await close(server)
    throw error
  })
  const ws = startWs({
    ...{ server, hostOf, maxConnections, log },
    swarms: new WsSwarms(tracker, swarms, options.regionOf),
    origins: options.origins ?? null,
  })
  tracker.start()
  isReady = true
  const bound = (server.address() as AddressInfo).port
  const shown = host === '0.0.0.0' || host === '::' ? '127.0.0.1' : host
  const url = `http://${formatEndpoint(shown, bound)}`
  log.info({ url, policy: ranker.name, policyVersion: ranker.version }, 'tracker is up')
  return {
    url,
    port: bound,
    udpPort: udp?.port ?? NaN,
    tracker,
    stop: async () => {
      isReady = false
      ws.stop()
      await udp?.stop()
      await close(server)
      tracker.stop()
      log.info({ announces: tracker.announces }, 'tracker has stopped')
    },
  }
}

async function startUdpOf(
  { host, udpPort = null }: TrackerServerOptions,
  swarms: BitTorrentSwarms,
  log: Logger,
): Promise<UdpServer | undefined> {
  return udpPort === null
    ? undefined
    : startUdp({ swarms, host, port: udpPort, nowMs: () => Date.now(), log })
}

async function listen(server: Server, host: string, port: number): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    const refuse = (error: NodeJS.ErrnoException): void => reject(new ListenError(host, port, error))
    server.once('error', refuse)
    server.listen(port, host, () => {
      server.off('error', refuse)
      resolve()
    })
  })
}

async function close(server: Server): Promise<void> {
  const closed = new Promise((resolve) => server.close(resolve))
  // Connections are kept alive when their last request is answered: they become idle one by one.
  const sweep = setInterval(() => server.closeIdleConnections(), SWEEP_MS)
  const cut = setTimeout(() => server.closeAllConnections(), GRACE_MS)
  await closed
  clearInterval(sweep)
  clearTimeout(cut)
}
