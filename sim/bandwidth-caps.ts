import type { Random } from '../peer/ports/random.ts'
import type { HostSpec } from './sim-host.ts'

/** What the users of some peers allow their client; the access line may carry more. */
export interface BandwidthCap {
  /** Share of the peers that set it, 0 to 1. */
  readonly share: number
  /** Bytes per second; null: no cap that way. */
  readonly upBps: number | null
  readonly downBps: number | null
}

/** A peer's host as its client may use it. Each cap draws from its own stream of `random`; where several strike, the lowest counts. */
export function capped(host: HostSpec, caps: readonly BandwidthCap[], random: Random): HostSpec {
  let { upBps, downBps } = host
  caps.forEach((cap, position) => {
    if (random.fork(position).next() >= cap.share) return
    upBps = Math.min(upBps, cap.upBps ?? Infinity)
    downBps = Math.min(downBps, cap.downBps ?? Infinity)
  })
  return { ...host, upBps, downBps }
}
