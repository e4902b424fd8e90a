import type { Logger } from 'pino'
import type { Revocation, RevocationStore } from '../../peer/ports/outcome-store.ts'
import { quote } from '../../peer/protocol/ids.ts'
import { HttpError } from './errors.ts'
import { refused, type TokenClaims, type TokenVerifier } from './tokens.ts'

/** How often the store is asked what other trackers have revoked. */
const REFRESH_MS = 5_000
export const MOST_REVOCATIONS = 10_000
/** Clocks differ: a token may do a little longer than it says. */
const GRACE_MS = 60_000

export interface RevocationParts {
  /** Without one, revocations are forgotten with the process. */
  readonly store?: RevocationStore | undefined
  readonly nowMs: () => number
  readonly log: Logger
  /** Default 5,000. */
  readonly refreshMs?: number
}

/**
 * Tokens that were revoked before they expired. Those that this process revokes do no more when it says so; those that
 * others revoke through the same store, when that was asked the next time.
 */
export class Revocations {
  readonly #parts: RevocationParts
  #known = new Map<string, Revocation>()
  /** Whether it is known what was revoked before this process. */
  #isLoaded: boolean
  #isStopped = false
  #timer: NodeJS.Timeout | undefined
  #last: Promise<unknown> = Promise.resolve()
  /** Told when something was revoked or lifted here, before whoever asked for it. */
  whenChanged: () => Promise<void> = () => Promise.resolve()

  constructor(parts: RevocationParts) {
    this.#parts = parts
    this.#isLoaded = parts.store === undefined
  }

  /** Whether revocations outlive this process. */
  get isKept(): boolean {
    return this.#parts.store !== undefined
  }

  /** Reads what was revoked, and goes on to do so. Resolves though the store is down. */
  async start(): Promise<void> {
    if (!this.#parts.store) return
    await this.#refresh()
    this.#schedule()
  }

  stop(): void {
    this.#isStopped = true
    clearTimeout(this.#timer)
  }

  /** Takes over what another process knows to be revoked. */
  take(revocations: readonly Revocation[]): Promise<void> {
    return this.#inTurn(async () => {
      this.#known = byKey(revocations)
      this.#isLoaded = true
    })
  }

  /** The same tokens, less those that were revoked. */
  guard(tokens: TokenVerifier): TokenVerifier {
    return {
      verify: async (token) => {
        const claims = await tokens.verify(token)
        this.#check(claims)
        return claims
      },
    }
  }

  /** The last one first. */
  list(): Revocation[] {
    const forgottenMs = this.#parts.nowMs() - GRACE_MS
    return [...this.#known.values()]
      .filter(({ expiresMs }) => !((expiresMs ?? Infinity) < forgottenMs))
      .sort((a, b) => b.revokedMs - a.revokedMs)
  }

  /** Rejects with HttpError, and with StoreUnavailableError; nothing is revoked then. */
  revoke({ kind, name, expiresMs }: Omit<Revocation, 'revokedMs'>): Promise<Revocation> {
    return this.#inTurn(async () => {
      const { nowMs } = this.#parts
      const revocation = { kind, name, revokedMs: nowMs(), expiresMs }
      if (expiresMs !== null && expiresMs < nowMs())
        throw new HttpError(400, 'E_INVALID', `invalid body.expiresMs: ${expiresMs} (it is past already)`)
      if (!this.#known.has(keyOf(revocation)) && this.list().length >= MOST_REVOCATIONS)
        throw new HttpError(
          409,
          'E_REVOCATIONS',
          `${MOST_REVOCATIONS} revocations are kept already (lift some whose tokens have expired, or change the key)`,
        )
      await this.#keep(revocation)
      await this.whenChanged()
      return revocation
    })
  }

  /** Rejects with HttpError where there is none, and with StoreUnavailableError. */
  lift(kind: Revocation['kind'], name: string): Promise<void> {
    return this.#inTurn(async () => {
      const wasStored = await this.#parts.store?.lift(kind, name)
      const wasKnown = this.#known.delete(keyOf({ kind, name }))
      if (!wasStored && !wasKnown)
        throw new HttpError(
          404,
          'E_UNKNOWN_REVOCATION',
          `${kind} ${quote(name)} was not revoked (GET /admin/revocations lists what was)`,
        )
      await this.whenChanged()
    })
  }

  /** Throws HttpError where a token was revoked. */
  #check({ tokenId, subject, role, issuedMs, expiresMs }: TokenClaims): void {
    // Reports weigh little and are taken while a store is down; whoever may switch models has to wait.
    if (!this.#isLoaded && role === 'admin')
      throw new HttpError(
        503,
        'E_STORE_DOWN',
        'the store can not be asked whether this token was revoked',
        REFRESH_MS / 1000,
      )
    const single = tokenId === '' ? undefined : this.#known.get(keyOf({ kind: 'jti', name: tokenId }))
    if (single) {
      if (!((single.expiresMs ?? -Infinity) >= expiresMs)) this.#learn({ ...single, expiresMs })
      throw refused('it was revoked')
    }
    const all = this.#known.get(keyOf({ kind: 'subject', name: subject }))
    // Tokens say the second in which they were issued, and some do not even do that.
    if (all && !(issuedMs / 1000 > Math.floor(all.revokedMs / 1000)))
      throw refused('what its subject was given was revoked')
  }

  /** A revoked token that shows itself says until when it has to be remembered. */
  #learn(revocation: Revocation): void {
    this.#known.set(keyOf(revocation), revocation)
    void this.#inTurn(() => this.#keep(revocation)).catch(() => undefined)
  }

  async #keep(revocation: Revocation): Promise<void> {
    const { store, nowMs } = this.#parts
    await store?.revoke(revocation, nowMs() - GRACE_MS)
    this.#known.set(keyOf(revocation), revocation)
    this.#known = byKey(this.list())
  }

  async #refresh(): Promise<void> {
    const { store, log } = this.#parts
    try {
      await this.#inTurn(async () => {
        this.#known = byKey(await store!.revocations())
      })
      if (!this.#isLoaded) log.info({ revocations: this.#known.size }, 'revocations of tokens are known')
      this.#isLoaded = true
    } catch (error) {
      if (!this.#isLoaded)
        log.warn({ err: error }, 'admins have to wait: it is not known which tokens were revoked')
    }
  }

  #schedule(): void {
    if (this.#isStopped) return
    const { refreshMs = REFRESH_MS } = this.#parts
    this.#timer = setTimeout(() => void this.#refresh().then(() => this.#schedule()), refreshMs).unref()
  }

  /** One after the other: what was read never takes back what was written meanwhile. */
  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#last.then(work)
    this.#last = done.catch(() => undefined)
    return done
  }
}

const keyOf = ({ kind, name }: Pick<Revocation, 'kind' | 'name'>): string => `${kind}:${name}`

const byKey = (revocations: readonly Revocation[]): Map<string, Revocation> =>
  new Map(revocations.map((one) => [keyOf(one), one]))
