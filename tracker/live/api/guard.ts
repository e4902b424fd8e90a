import type { Request, RequestHandler, Response } from 'express'
import { HttpError } from '../errors.ts'
import type { RateLimits, Verdict } from '../rate-limits.ts'
import type { Role, TokenVerifier } from '../tokens.ts'
import { noteCaller, type Route } from './route.ts'

export interface GuardParts {
  readonly limits: RateLimits
  /** Undefined where the operator has set up no tokens. */
  readonly tokens: TokenVerifier | undefined
}

/** Makes what stands before each route: rate limits, then tokens and roles. */
export function createGuard({ limits, tokens }: GuardParts): (route: Route) => RequestHandler {
  return ({ role: needed, cost }) =>
    async (req, res, next) => {
      const host = req.ip ?? ''
      const token = bearerOf(req)
      if (token === undefined || !tokens) {
        heed(res, await limits.address(host, cost))
        if (needed) checkAnonymous(res, needed, tokens !== undefined)
        return next()
      }
      heed(res, await limits.mayShowToken(host))
      const caller = await tokens.verify(token).catch(async (error: unknown) => {
        await limits.failedToken(host)
        challenge(res, 'invalid_token')
        throw error
      })
      heed(res, await limits.token(caller.subject, cost))
      if (needed && !grants(caller.role, needed)) {
        challenge(res, 'insufficient_scope')
        throw new HttpError(403, 'E_ROLE', `this token is of the role ${caller.role}; ${needed} is needed`)
      }
      noteCaller(res, { host, ...caller })
      next()
    }
}

/** An admin may do what a reporter may. */
const grants = (role: Role, needed: Role): boolean => role === needed || role === 'admin'

/** Without tokens set up nobody is an admin, and whoever is a peer may report. */
function checkAnonymous(res: Response, needed: Role, hasTokens: boolean): void {
  if (hasTokens) {
    challenge(res)
    throw new HttpError(
      401,
      'E_TOKEN',
      `a token of the role ${needed} is needed (seedbed tracker token mints one)`,
    )
  }
  if (needed === 'admin')
    throw new HttpError(
      403,
      'E_NO_TOKENS',
      'this tracker takes no requests of admins: start it with --auth-secret-file, --auth-key-file or --auth-jwks-file',
    )
}

const challenge = (res: Response, error?: string): void =>
  void res.setHeader(
    'www-authenticate',
    `Bearer realm="seedbed"${error === undefined ? '' : `, error="${error}"`}`,
  )

/** The token of an Authorization header; another scheme is a token that does not do. */
function bearerOf(req: Request): string | undefined {
  const header = req.headers.authorization
  if (header === undefined) return undefined
  return /^Bearer +(\S+) *$/i.exec(header)?.[1] ?? ''
}

function heed(res: Response, verdict: Verdict): void {
  if (verdict.limit !== undefined) {
    res.setHeader('ratelimit-limit', verdict.limit)
    res.setHeader('ratelimit-remaining', verdict.remaining)
    res.setHeader('ratelimit-reset', verdict.resetSeconds)
  }
  if (!verdict.isAllowed)
    throw new HttpError(
      429,
      'E_TOO_MANY',
      `too many requests: go on in ${verdict.resetSeconds} s`,
      verdict.resetSeconds,
    )
}
