import { createPublicKey, type KeyObject, randomUUID } from 'node:crypto'
import {
  createLocalJWKSet,
  errors,
  type JSONWebKeySet,
  type JWTPayload,
  type JWTVerifyOptions,
  jwtVerify,
  SignJWT,
} from 'jose'
import { z } from 'zod'
import { HttpError, SettingError } from './errors.ts'

/** What a token may be for. */
export const ROLES = ['admin', 'report'] as const
export type Role = (typeof ROLES)[number]

/** Who a token speaks for. */
export interface TokenHolder {
  readonly subject: string
  readonly role: Role
}

/** What a token says that does. */
export interface TokenClaims extends TokenHolder {
  /** Its claim `jti`; empty where it has none. */
  readonly tokenId: string
  /** NaN where it does not say. */
  readonly issuedMs: number
  readonly expiresMs: number
}

export interface TokenVerifier {
  /** Rejects with HttpError where the token does not do. */
  verify(token: string): Promise<TokenClaims>
}

/** What tokens are checked with: one shared secret, or public keys. */
export type TokenKey =
  | { readonly kind: 'secret'; readonly secret: Uint8Array }
  | { readonly kind: 'public-key'; readonly pem: string }
  | { readonly kind: 'jwks'; readonly text: string }

export const DEFAULT_AUDIENCE = 'seedbed-tracker'

/** An HMAC is no stronger than its key: RFC 7518 wants as many bytes as the hash has. */
export const LEAST_SECRET_BYTES = 32
const MOST_TOKEN_CHARS = 4096
/** Longest claim `jti`. */
export const MOST_ID_CHARS = 128
const CLOCK_SKEW_S = 5
const SECRET_ALGORITHMS = ['HS256']
const PUBLIC_ALGORITHMS = ['EdDSA', 'Ed25519', 'ES256', 'ES384', 'ES512', 'PS256', 'PS384', 'PS512', 'RS256']

const claimsSchema = z.object({
  sub: z.string().min(1).max(128),
  role: z.enum(ROLES),
  jti: z.string().max(MOST_ID_CHARS).default(''),
  iat: z.number().default(NaN),
  exp: z.number(),
})

const jwksSchema = z.object({
  keys: z
    .array(
      z
        .looseObject({ kty: z.enum(['RSA', 'EC', 'OKP']) })
        .refine((key) => !('d' in key), { error: 'a private key: the tracker needs the public part only' }),
    )
    .min(1)
    .max(32),
})

/** Checks tokens (JWT, RFC 7519) of that audience: signed, not expired, of a role. Throws SettingError. */
export function createVerifier(key: TokenKey, audience = DEFAULT_AUDIENCE): TokenVerifier {
  const check = signatureCheck(key)
  return {
    verify: async (token) => {
      if (token.length > MOST_TOKEN_CHARS) throw refused('it is too long')
      try {
        const payload = await check(token, {
          audience,
          requiredClaims: ['exp'],
          clockTolerance: CLOCK_SKEW_S,
        })
        const claims = claimsSchema.safeParse(payload)
        if (!claims.success) throw refused('it names no subject, or no role, or too long an id')
        const { sub, role, jti, iat, exp } = claims.data
        return { subject: sub, role, tokenId: jti, issuedMs: 1000 * iat, expiresMs: 1000 * exp }
      } catch (error) {
        if (error instanceof errors.JOSEError) throw refused(reasonOf(error))
        throw error
      }
    },
  }
}

/** A check for each kind of key, each with its own algorithms: nobody can have a public key taken for a secret. */
function signatureCheck(key: TokenKey): (token: string, options: JWTVerifyOptions) => Promise<JWTPayload> {
  if (key.kind === 'secret') {
    if (key.secret.length < LEAST_SECRET_BYTES)
      throw new SettingError(
        `invalid token secret: ${key.secret.length} bytes (at least ${LEAST_SECRET_BYTES}; openssl rand -base64 48 makes one)`,
      )
    return async (token, options) =>
      (await jwtVerify(token, key.secret, { ...options, algorithms: SECRET_ALGORITHMS })).payload
  }
  const algorithms = PUBLIC_ALGORITHMS
  if (key.kind === 'public-key') {
    const publicKey = readPublicKey(key.pem)
    return async (token, options) => (await jwtVerify(token, publicKey, { ...options, algorithms })).payload
  }
  const keys = createLocalJWKSet(readKeySet(key.text))
  return async (token, options) => (await jwtVerify(token, keys, { ...options, algorithms })).payload
}

function readPublicKey(pem: string): KeyObject {
  if (/PRIVATE KEY/.test(pem))
    throw new SettingError('invalid token key: a private key (the tracker needs the public one only)')
  try {
    return createPublicKey(pem)
  } catch (cause) {
    throw new SettingError('invalid token key: not a public key in PEM form', { cause })
  }
}

function readKeySet(text: string): JSONWebKeySet {
  try {
    return jwksSchema.parse(JSON.parse(text)) as JSONWebKeySet
  } catch (cause) {
    throw new SettingError(
      `invalid token keys: not a JSON Web Key Set of public keys (${cause instanceof z.ZodError ? z.prettifyError(cause) : (cause as Error).message})`,
      { cause },
    )
  }
}

/** A token for somebody, signed with the shared secret; its id is drawn where none is given. */
export function mintToken(
  secret: Uint8Array,
  { subject, role, tokenId = randomUUID() }: TokenHolder & { readonly tokenId?: string },
  lifeSeconds: number,
  audience = DEFAULT_AUDIENCE,
): Promise<string> {
  const nowS = Math.floor(Date.now() / 1000)
  return new SignJWT({ role })
    .setProtectedHeader({ alg: SECRET_ALGORITHMS[0], typ: 'JWT' })
    .setSubject(subject)
    .setJti(tokenId)
    .setAudience(audience)
    .setIssuedAt(nowS)
    .setExpirationTime(nowS + lifeSeconds)
    .sign(secret)
}

export const refused = (why: string): HttpError =>
  new HttpError(401, 'E_TOKEN', `this token does not do: ${why} (seedbed tracker token mints one)`)

function reasonOf(error: errors.JOSEError): string {
  if (error instanceof errors.JWTExpired) return 'it has expired'
  if (error instanceof errors.JWTClaimValidationFailed)
    return `its claim ${error.claim} is not what it should be`
  return 'it is not one of this tracker'
}
