import { randomBytes } from 'node:crypto'
import { isIPv6 } from 'node:net'
import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible'
import { textHash } from '../core/text-hash.ts'

export interface RateLimitSettings {
  /** Requests of the data API that one address may make a minute; 0 for any number. */
  readonly perAddress: number
  /** Requests that the holder of one token may make a minute; 0 for any number. */
  readonly perToken: number
  /** Announces over HTTP that one address may make a minute; 0 for any number. */
  readonly announcesPerAddress: number
}

export const NO_LIMITS: RateLimitSettings = { perAddress: 0, perToken: 0, announcesPerAddress: 0 }

/** Whether a request may pass, and what its sender is told of the limit. */
export interface Verdict {
  readonly isAllowed: boolean
  /** Undefined where there is no limit. */
  readonly limit?: number
  readonly remaining: number
  readonly resetSeconds: number
}

/** What the senders of one place have spent this minute. */
export interface Spent {
  readonly consumedPoints: number
  readonly msBeforeNext: number
}

/** Counts of one limit. */
export interface Counts {
  /** Adds points, none to look only, and tells what comes out. */
  count(place: number, points: number): Promise<Spent>
}

/** What is counted. */
export interface CountedLimit {
  readonly points: number
  /** Whether it is counted so often that a question for each time is too dear. */
  readonly isBusy: boolean
}

/** How several processes count together. */
export interface SharedLimits {
  /** The same for all. */
  readonly seed: number
  share(name: string, own: Counts, limit: CountedLimit): Counts
}

interface Limit {
  readonly points: number
  readonly counts: Counts
}

const PASS: Verdict = { isAllowed: true, remaining: Infinity, resetSeconds: 0 }
const WINDOW_S = 60
/** An address may show so many times fewer tokens that do not do than it may make requests. */
const FAILURE_POINTS = 10
/** Requests that a request counts as. */
const POINTS = { free: 0, read: 1, write: 2, announce: 1 } as const
/**
 * Senders are counted in so many places: memory is bounded whatever they send from. Two may share one; which ones do
 * depends on a number drawn at the start, so that nobody can choose whom to share with.
 */
const PLACES = 65_536

/** Counts the requests of addresses and of tokens, minute by minute. */
export class RateLimits {
  readonly #seed: number
  readonly #api: Limit | undefined
  readonly #failures: Limit | undefined
  readonly #tokens: Limit | undefined
  readonly #announces: Limit | undefined

  constructor(settings: RateLimitSettings = NO_LIMITS, shared?: SharedLimits) {
    const { perAddress, perToken, announcesPerAddress } = settings
    const limit = (name: string, points: number, isBusy = false): Limit | undefined => {
      if (points === 0) return undefined
      const own = new MemoryCounts(points)
      return { points, counts: shared?.share(name, own, { points, isBusy }) ?? own }
    }
    this.#seed = shared?.seed ?? randomBytes(4).readUInt32LE()
    this.#api = limit('api', perAddress)
    this.#failures = limit('failures', Math.ceil(perAddress / FAILURE_POINTS))
    this.#tokens = limit('tokens', perToken)
    this.#announces = limit('announces', announcesPerAddress, true)
  }

  /** Whether announces are counted at all. */
  get countsAnnounces(): boolean {
    return this.#announces !== undefined
  }

  address(host: string, cost: keyof typeof POINTS): Promise<Verdict> {
    return this.#heed(cost === 'announce' ? this.#announces : this.#api, networkOf(host), cost)
  }

  token(subject: string, cost: keyof typeof POINTS): Promise<Verdict> {
    return this.#heed(this.#tokens, subject, cost)
  }

  /** Whether an address may show a token: whoever has shown many that do not do may not. */
  async mayShowToken(host: string): Promise<Verdict> {
    if (!this.#failures) return PASS
    const verdict = await consume(this.#failures, this.#placeOf(networkOf(host)), 0)
    return { ...verdict, isAllowed: verdict.remaining > 0 }
  }

  /** Counts a token that does not do. */
  async failedToken(host: string): Promise<void> {
    await this.#failures?.counts.count(this.#placeOf(networkOf(host)), 1)
  }

  async #heed(limit: Limit | undefined, sender: string, cost: keyof typeof POINTS): Promise<Verdict> {
    const points = POINTS[cost]
    return limit && points > 0 ? consume(limit, this.#placeOf(sender), points) : PASS
  }

  #placeOf(text: string): number {
    return textHash(text, this.#seed) & (PLACES - 1)
  }
}

/** Counts in the memory of this process. */
class MemoryCounts implements Counts {
  readonly #limiter: RateLimiterMemory

  constructor(points: number) {
    this.#limiter = new RateLimiterMemory({ points, duration: WINDOW_S })
  }

  async count(place: number, points: number): Promise<Spent> {
    const key = String(place)
    if (points === 0) return (await this.#limiter.get(key)) ?? { consumedPoints: 0, msBeforeNext: 0 }
    try {
      return await this.#limiter.consume(key, points)
    } catch (spent) {
      if (spent instanceof RateLimiterRes) return spent
      throw spent
    }
  }
}

async function consume(limit: Limit, place: number, points: number): Promise<Verdict> {
  const { consumedPoints, msBeforeNext } = await limit.counts.count(place, points)
  return {
    isAllowed: consumedPoints <= limit.points,
    limit: limit.points,
    remaining: Math.max(0, limit.points - consumedPoints),
    resetSeconds: Math.max(1, Math.ceil(msBeforeNext / 1000)),
  }
}

/** Whoever has one IPv6 address has all of its /64. */
export function networkOf(host: string): string {
  if (!isIPv6(host)) return host
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(host)
  if (mapped) return mapped[1]
  const [head, tail = ''] = host.split('::')
  const front = head === '' ? [] : head.split(':')
  const back = tail === '' ? [] : tail.split(':')
  const zeros = host.includes('::')
    ? Array<string>(Math.max(0, 8 - front.length - back.length)).fill('0')
    : []
  return [...front, ...zeros, ...back]
    .slice(0, 4)
    .map((group) => Number.parseInt(group, 16).toString(16))
    .join(':')
}
