import type { Random } from '../../peer/ports/random.ts'
import { exponential } from '../churn.ts'
import { normal } from '../normal.ts'
import type { AttendanceConfig } from './config.ts'

const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS
/** How long before the simulation sessions may have begun that are still going on. */
const LEAD_MS = 6 * HOUR_MS
/** Those who are there from the start come within so long, not all at once. */
const SETTLE_MS = 60_000

/** One sitting of one listener, in simulated time. */
export interface SessionPlan {
  readonly beginMs: number
  readonly lengthMs: number
}

/**
 * The sessions of one listener that touch the first `untilMs`: a Poisson process whose rate follows the hours of the day
 * (drawn by time rescaling), less those that would begin during another.
 */
export function drawSessions(config: AttendanceConfig, untilMs: number, random: Random): SessionPlan[] {
  const sessions: SessionPlan[] = []
  let freeMs = -LEAD_MS
  let atMs = -LEAD_MS
  for (;;) {
    atMs = afterMass(config, atMs, exponential(1, random.next()))
    if (atMs >= untilMs) return sessions
    const lengthMs = 1000 * config.medianS * Math.exp(config.sigma * normal(random))
    const settleMs = SETTLE_MS * random.next()
    if (atMs < freeMs) continue
    freeMs = atMs + lengthMs
    const beginMs = atMs < 0 ? settleMs : atMs
    if (freeMs > beginMs && beginMs < untilMs) sessions.push({ beginMs, lengthMs: freeMs - beginMs })
  }
}

/** Mean length of a session, the mean of its log-normal distribution, milliseconds. */
export function meanSessionMs({ medianS, sigma }: AttendanceConfig): number {
  return 1000 * medianS * Math.exp((sigma * sigma) / 2)
}

/** The time at which the expected number of beginnings since `fromMs` reaches `mass`. */
function afterMass(config: AttendanceConfig, fromMs: number, mass: number): number {
  let atMs = fromMs
  let left = mass
  for (;;) {
    const ofDayMs = (((atMs + config.startHour * HOUR_MS) % DAY_MS) + DAY_MS) % DAY_MS
    const hour = Math.floor(ofDayMs / HOUR_MS)
    const leftOfHourMs = (hour + 1) * HOUR_MS - ofDayMs
    const perMs = ratePerMs(config, hour)
    if (perMs * leftOfHourMs > left) return atMs + left / perMs
    left -= perMs * leftOfHourMs
    atMs += leftOfHourMs
  }
}

function ratePerMs({ hours, sessionsPerDay }: AttendanceConfig, hour: number): number {
  const sum = hours.reduce((total, weight) => total + weight, 0)
  return (sessionsPerDay * hours[hour]) / sum / HOUR_MS
}
