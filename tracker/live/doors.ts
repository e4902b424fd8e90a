import type { IncomingMessage, RequestListener } from 'node:http'
import type { Logger } from 'pino'
import type { Census } from './address-connections.ts'
import type { ApiOptions } from './api/create-api.ts'
import type { BitTorrentSwarms } from './bittorrent.ts'
import { clientHost } from './client-host.ts'
import type { Relays } from './cluster/join.ts'
import { createHttpFront } from './http-front.ts'
import { listen, type TlsFiles } from './http-listener.ts'
import type { TrackerMetrics } from './metrics.ts'
import type { RateLimits } from './rate-limits.ts'
import { startUdp } from './udp-server.ts'
import { LocalWsDesk } from './ws-desk.ts'
import { startWs } from './ws-server.ts'
import type { WsSwarms } from './ws-swarms.ts'

const DEFAULT_CONNECTIONS = 12_000

/** Where clients reach a tracker, and how many. */
export interface DoorOptions extends Pick<ApiOptions, 'origins'> {
  readonly host: string
  /** 0 takes a free one. */
  readonly port: number
  /** Port of the UDP protocol for BitTorrent clients; null for none, 0 for a free one. */
  readonly udpPort?: number | null
  /** Believes X-Forwarded-For of this many proxies in front; 0, the default, believes nobody. */
  readonly trustedProxies?: number
  readonly maxConnections?: number
  /** Connections of one address; 0, the default, for any number. Of no use behind a proxy, whose address all have. */
  readonly maxConnectionsPerAddress?: number
  /** Speaks TLS only, where it is given. */
  readonly tls?: TlsFiles | undefined
}

export interface DoorParts {
  readonly swarms: BitTorrentSwarms
  readonly wsSwarms: WsSwarms
  readonly limits: RateLimits
  readonly metrics: TrackerMetrics
  readonly log: Logger
  /** Answers what is no announce. */
  readonly app: RequestListener
  /** Where swarms are spread over several processes: who is asked for those that are not here. */
  readonly relays: Relays | undefined
  /** Who counts connections, and what connection ids over UDP are made with, where that is not this process's own affair. */
  readonly census: Census | undefined
  readonly udpSecret: Buffer | undefined
}

/** A tracker's ports, open. */
export interface Doors {
  readonly url: string
  readonly port: number
  /** NaN where UDP is off. */
  readonly udpPort: number
  /** Takes no more and answers what is under way. */
  close(): Promise<void>
}

/** Lets clients in, over HTTP, WebSockets and UDP. Rejects with ListenError and SettingError. */
export async function openDoors(options: DoorOptions, parts: DoorParts): Promise<Doors> {
  const { host, port, udpPort = null, trustedProxies = 0, tls, origins = null } = options
  const { maxConnections = DEFAULT_CONNECTIONS, maxConnectionsPerAddress: maxPerAddress = 0 } = options
  const { swarms, wsSwarms, limits, metrics, log, app, relays, census } = parts
  const { http: meter, udp: udpMeter, ws: wsMeter } = metrics.announces
  const hostOf = (request: IncomingMessage): string => clientHost(request, trustedProxies)
  const front = createHttpFront({ swarms, hostOf, log, limits, meter, pass: relays?.http })
  const { server, url, ...http } = await listen(
    { host, port, maxConnections, maxPerAddress, census, tls },
    (request, response) => front(request, response) || app(request, response),
  )
  const startedUdp =
    udpPort === null
      ? undefined
      : startUdp({
          ...{ swarms, host, port: udpPort, log, meter: udpMeter, nowMs: () => Date.now() },
          ...{ secret: parts.udpSecret, pass: relays?.udp },
        })
  const udp = await startedUdp?.catch(async (error: unknown) => {
    await http.close()
    throw error
  })
  const ws = startWs({
    ...{ server, hostOf, maxConnections, log, meter: wsMeter },
    desk: relays?.ws ?? new LocalWsDesk(wsSwarms, wsMeter),
    origins: origins?.includes('*') ? null : origins,
  })
  return {
    ...{ url, port: http.port, udpPort: udp?.port ?? NaN },
    close: async () => {
      ws.stop()
      await udp?.stop()
      await http.close()
    },
  }
}
