import { SystemClock } from '../ports/system-clock.ts'
import type { Random } from '../ports/random.ts'
import type { PeerFinder } from './peer-finder.ts'
import { rtcClosed } from './rtc-connection.ts'
import { type IceOptions, RTC_LIMITS, type RtcLimits } from './rtc-options.ts'
import { RtcSwarm } from './rtc-swarm.ts'
import { isWsTracker } from './torrent-trackers.ts'
import { WsTracker } from './ws-tracker.ts'

/** Connections over WebRTC that a peer looks for, and one that has everything; others may connect beyond them. */
const WANTED = 10
const WANTED_BY_SEED = 4
/** Most trackers of one torrent that are announced to at once. */
const MOST_TRACKERS = 5

export interface RtcFinderOptions {
  readonly ice: IceOptions
  readonly random: Random
  readonly limits?: Partial<RtcLimits>
  warning?(error: Error): void
}

/** What a process looks for peers with. */
export interface ClosableFinder {
  readonly find: PeerFinder
  /** Ends what all swarms share, when all have been left; resolves when it is gone. */
  close(): Promise<void>
}

/** Looks for peers over WebRTC at those trackers of a torrent that are WebSocket addresses, one connection to each for all torrents. */
export function createRtcFinder({ ice, random, limits, warning }: RtcFinderOptions): ClosableFinder {
  const clock = new SystemClock()
  const trackers = new Map<string, WsTracker>()
  const trackerAt = (url: string): WsTracker => {
    const tracker =
      trackers.get(url) ??
      new WsTracker(url, { clock, random: random.fork('ws', url), ...(warning && { warning }) })
    trackers.set(url, tracker)
    return tracker
  }
  const find: PeerFinder = ({ infoHash, peerId, trackers: named, ...sought }) => {
    const urls = named.filter(isWsTracker).slice(0, MOST_TRACKERS)
    const swarm: RtcSwarm = new RtcSwarm(
      {
        ...{ infoHash, peerId, ice, clock, trackers: urls.map(trackerAt) },
        limits: { ...RTC_LIMITS, ...limits },
      },
      {
        figures: () => sought.figures(),
        wanted: () => (sought.figures().leftBytes === 0 ? WANTED_BY_SEED : WANTED) - swarm.connectionCount,
        connected: (stream) => sought.adoptStream(stream, stream.remote),
        ...(warning && { warning }),
      },
    )
    swarm.start()
    void sought.completed.then(() => swarm.announce())
    return () => swarm.leave()
  }
  const close = async (): Promise<void> => {
    await Promise.all([...trackers.values()].map((tracker) => tracker.close()))
    await rtcClosed()
  }
  return { find, close }
}
