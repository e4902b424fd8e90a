import type { Logger } from 'pino'
import type { TrackerSettings } from '../../core/options.ts'
import type { Tracker } from '../../core/tracker.ts'
import type { BitTorrentSwarms } from '../bittorrent.ts'
import { CONTENT_LIMITS, type ContentLimits, type Contents } from '../contents.ts'
import type { Holdings } from '../holdings.ts'
import { answerHttp, type PassHttp } from '../http-front.ts'
import type { HttpNetwork } from '../http-network.ts'
import type { TrackerMetrics } from '../metrics.ts'
import type { Serving } from '../serving.ts'
import { swarmStats } from '../swarm-stats.ts'
import { parseUdp } from '../udp-packets.ts'
import { answerUdp, type PassUdp } from '../udp-server.ts'
import { LocalWsDesk, type WsDesk } from '../ws-desk.ts'
import type { WsSwarms } from '../ws-swarms.ts'
import type { Cluster } from './cluster.ts'
import type { Neighbours } from './neighbours.ts'

/** What a process holds itself. */
export interface LocalParts {
  readonly tracker: Tracker
  readonly network: HttpNetwork
  readonly swarms: BitTorrentSwarms
  readonly wsSwarms: WsSwarms
  readonly contents: Contents
  readonly holdings: Holdings
  readonly serving: Serving
  readonly metrics: TrackerMetrics
}

/** Where what clients send is passed on that other processes answer. */
export interface Relays {
  readonly http: PassHttp
  readonly udp: PassUdp
  readonly ws: WsDesk
  readonly neighbours: Neighbours
}

/** Answers the other processes of a cluster, and makes what asks them. */
export function joinCluster(cluster: Cluster, local: LocalParts, log: Logger): Relays {
  const { tracker, network, swarms, wsSwarms, contents, holdings, serving, metrics } = local
  const { http: httpMeter, udp: udpMeter, ws: wsMeter } = metrics.announces
  const bitTorrent = cluster.bitTorrent({
    http: (path, query, host) => answerHttp(swarms, path, query, () => host, httpMeter),
    udp: (packet, host, family) => {
      const request = parseUdp(packet, host)
      if (!request || request.action === 'connect')
        throw new TypeError('invalid packet: an announce expected')
      return answerUdp(request, family, swarms, udpMeter)
    },
    scrape: (infoHash) => swarms.scrape(infoHash),
    scrapeAll: (infoHash) => wsSwarms.scrape(infoHash),
  })
  const ws = cluster.ws({
    desk: new LocalWsDesk(wsSwarms, wsMeter),
    scrape: (hashes, told) => bitTorrent.scrape(hashes, told),
    failed: (peer, error) => {
      wsMeter.failed++
      log.error({ err: error }, 'WebSocket message failed')
      peer.send({ 'failure reason': 'internal error' })
    },
  })
  const neighbours = cluster.neighbours({
    exchange: (host, messages) => network.exchange(host, messages),
    letGo: (peerId, host, isTrusted) => holdings.letGo(peerId, host, isTrusted),
    stats: () => swarmStats(tracker, contents, serving.main.ranker),
    metrics: () => metrics.registry.getMetricsAsJSON(),
  })
  return {
    http: (path, query, host, told) => bitTorrent.http(path, query, host, told),
    udp: (request, packet, family, told) => bitTorrent.udp(request, packet, family, told),
    ...{ ws, neighbours },
  }
}

/** Bounds of the whole tracker come in equal shares: swarms are spread evenly. */
export const boundsOf = (settings: TrackerSettings, cluster: Cluster | undefined): TrackerSettings =>
  cluster
    ? {
        ...settings,
        maxSwarms: cluster.shareOf(settings.maxSwarms),
        maxChunks: cluster.shareOf(settings.maxChunks),
        maxMembershipsPerAddress: cluster.shareOf(settings.maxMembershipsPerAddress),
      }
    : settings

export const shareOfContents = (cluster: Cluster): ContentLimits => ({
  maxContents: cluster.shareOf(CONTENT_LIMITS.maxContents),
  maxBytes: cluster.shareOf(CONTENT_LIMITS.maxBytes),
})
