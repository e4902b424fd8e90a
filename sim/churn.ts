import type { Random } from '../peer/ports/random.ts'
import { power } from '../peer/protocol/powers.ts'

/** When peers arrive. */
export type Arrivals =
  /** All within `windowS` seconds, uniformly. */
  | { readonly kind: 'flash'; readonly windowS: number }
  /** One after the other, with exponential gaps of `meanGapS` seconds. */
  | { readonly kind: 'poisson'; readonly meanGapS: number }

/** How long peers stay, whether they have completed or not. */
export type Sessions =
  | { readonly kind: 'unlimited' }
  /** Weibull-distributed session lengths. */
  | { readonly kind: 'weibull'; readonly shape: number; readonly scaleS: number }

export interface Churn {
  readonly arrivals: Arrivals
  readonly sessions: Sessions
  /** Mean time that a peer that has completed stays to serve others (exponential); null: until the end. */
  readonly lingerS: number | null
  /** Share of the leaving peers that say goodbye; the others vanish. */
  readonly gracefulShare: number
}

/** Session lengths of three measured systems (Stutzbach and Rejaie, IMC 2006): Weibull shape and scale. */
export const MEASURED_SESSIONS = [
  { kind: 'weibull', shape: 0.38, scaleS: 42.4 * 60 },
  { kind: 'weibull', shape: 0.34, scaleS: 21.3 * 60 },
  { kind: 'weibull', shape: 0.59, scaleS: 41.9 * 60 },
] as const satisfies readonly Sessions[]

/** When one peer comes, how long it stays, and how it goes. Infinity stands for never. */
export interface Lifetime {
  readonly arrivalMs: number
  readonly sessionMs: number
  readonly lingerMs: number
  readonly isGraceful: boolean
}

/** The lifetimes of `count` peers; each draws from its own stream of `random`. */
export function drawLifetimes(churn: Churn, count: number, random: Random): Lifetime[] {
  let gapsMs = 0
  return Array.from({ length: count }, (_, peer) => {
    const stream = random.fork(peer)
    const arrivalDraw = stream.next()
    let arrivalMs: number
    if (churn.arrivals.kind === 'flash') arrivalMs = 1000 * churn.arrivals.windowS * arrivalDraw
    else arrivalMs = gapsMs += 1000 * exponential(churn.arrivals.meanGapS, arrivalDraw)
    const sessionDraw = stream.next()
    const lingerDraw = stream.next()
    return {
      arrivalMs,
      sessionMs: 1000 * sessionS(churn.sessions, sessionDraw),
      lingerMs: churn.lingerS === null ? Infinity : 1000 * exponential(churn.lingerS, lingerDraw),
      isGraceful: stream.next() < churn.gracefulShare,
    }
  })
}

/** Inverse of the exponential distribution function. */
export function exponential(mean: number, quantile: number): number {
  return -mean * Math.log(1 - quantile)
}

function sessionS(sessions: Sessions, quantile: number): number {
  if (sessions.kind === 'unlimited') return Infinity
  return sessions.scaleS * power(-Math.log(1 - quantile), 1 / sessions.shape)
}
