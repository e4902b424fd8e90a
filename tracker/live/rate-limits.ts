import { randomBytes } from 'node:crypto'
import { isIPv6 } from 'node:net'
import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible'

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
  readonly #seed = randomBytes(4).readUInt32LE()
  readonly #api: RateLimiterMemory | undefined
  readonly #failures: RateLimiterMemory | undefined
  readonly #tokens: RateLimiterMemory | undefined
  readonly #announces: RateLimiterMemory | undefined

  constructor({ perAddress, perToken, announcesPerAddress }: RateLimitSettings = NO_LIMITS) {
    const limiter = (points: number) =>
      points > 0 ? new RateLimiterMemory({ points, duration: WINDOW_S }) : undefined
    this.#api = limiter(perAddress)
    this.#failures = limiter(Math.ceil(perAddress / FAILURE_POINTS))
    this.#tokens = limiter(perToken)
    this.#announces = limiter(announcesPerAddress)
  }

  /** Whether announces are counted at all. */
  get countsAnnounces(): boolean {
    return this.#announces !== undefined
  }

  address(host: string, cost: keyof typeof POINTS): Promise<Verdict> {
    const limiter = cost === 'announce' ? this.#announces : this.#api
    return consume(limiter, this.#placeOf(networkOf(host)), POINTS[cost])
  }

  token(subject: string, cost: keyof typeof POINTS): Promise<Verdict> {
    return consume(this.#tokens, this.#placeOf(subject), POINTS[cost])
  }

  /** Whether an address may show a token: whoever has shown many that do not do may not. */
  async mayShowToken(host: string): Promise<Verdict> {
    if (!this.#failures) return PASS
    const spent = await this.#failures.get(this.#placeOf(networkOf(host)))
    const verdict = verdictOf(this.#failures, spent)
    return { ...verdict, isAllowed: verdict.remaining > 0 }
  }

  /** Counts a token that does not do. */
  async failedToken(host: string): Promise<void> {
    await this.#failures?.penalty(this.#placeOf(networkOf(host)))
  }

  /** FNV-1a, from a secret start. */
  #placeOf(text: string): string {
    let hash = this.#seed ^ 0x811c9dc5
    for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193)
    return String((hash ^ (hash >>> 16)) & (PLACES - 1))
  }
}

async function consume(
  limiter: RateLimiterMemory | undefined,
  key: string,
  points: number,
): Promise<Verdict> {
  if (!limiter || points === 0) return PASS
  try {
    return verdictOf(limiter, await limiter.consume(key, points))
  } catch (spent) {
    if (spent instanceof RateLimiterRes) return { ...verdictOf(limiter, spent), isAllowed: false }
    throw spent
  }
}

const verdictOf = ({ points }: RateLimiterMemory, spent: RateLimiterRes | null): Verdict => ({
  isAllowed: (spent?.consumedPoints ?? 0) <= points,
  limit: points,
  remaining: Math.max(0, points - (spent?.consumedPoints ?? 0)),
  resetSeconds: Math.max(1, Math.ceil((spent?.msBeforeNext ?? 0) / 1000)),
})

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
