import { z } from 'zod'
import type { Revocation } from '../../../peer/ports/outcome-store.ts'
import type { Revocations } from '../revocations.ts'
import { MOST_ID_CHARS } from '../tokens.ts'
import { ADMIN_HOME } from './admin-home.ts'
import { errorSchema, NOT_FOUND } from './fields.ts'
import { type Route, route } from './route.ts'

const name = z.string().min(1).max(MOST_ID_CHARS)

const revocationSchema = z
  .object({
    revocation: z.string().meta({ description: 'how DELETE names it', example: 'jti:3f0c1f3e' }),
    kind: z.enum(['jti', 'subject']),
    name,
    revokedMs: z.int(),
    expiresMs: z.int().nullable().meta({
      description:
        'when it is forgotten, milliseconds since 1970; null: when it is lifted, or its token has shown itself',
    }),
  })
  .meta({ id: 'Revocation' })

const expiresMs = z
  .int()
  .positive()
  .optional()
  .meta({ description: 'when the last of these tokens expires by itself, milliseconds since 1970' })

const bodySchema = z.union([
  z.strictObject({ jti: name.meta({ description: 'one token, by its id' }), expiresMs }),
  z.strictObject({
    subject: name.meta({ description: 'all that were issued until now for a subject' }),
    expiresMs,
  }),
])

const UNSTORED = { description: 'The store can not be reached: nothing was changed', body: errorSchema }

/** Revocations of tokens, for the operator. */
export function revocationRoutes(revocations: Revocations): Route[] {
  // One process revokes for all.
  const admin = { tag: 'admin', cost: 'write', role: 'admin', home: () => ADMIN_HOME } as const
  const isKept = z.boolean().meta({ description: 'false where this tracker has no store: until it restarts' })
  return [
    route({
      ...{ method: 'post', path: '/admin/revocations', name: 'revoke', summary: 'Revoke tokens', ...admin },
      description:
        'They do no more once this is answered; at other trackers of the same store within 10 seconds. Tokens that a subject is given later do again, from the next second on.',
      body: bodySchema,
      responses: {
        201: { description: 'Revoked', body: revocationSchema.extend({ isKept }) },
        409: { description: 'Too many are kept already', body: errorSchema },
        503: UNSTORED,
      },
      handle: async ({ body, res }) => {
        const until = body.expiresMs ?? null
        const revocation = await revocations.revoke(
          'jti' in body
            ? { kind: 'jti', name: body.jti, expiresMs: until }
            : { kind: 'subject', name: body.subject, expiresMs: until },
        )
        res.status(201).json({ ...described(revocation), isKept: revocations.isKept })
      },
    }),
    route({
      ...{ method: 'get', path: '/admin/revocations', name: 'revocations', summary: 'What was revoked' },
      ...admin,
      responses: {
        200: {
          description: 'The last one first, less what has expired by itself',
          body: z.object({ revocations: z.array(revocationSchema), isKept }),
        },
      },
      handle: ({ res }) =>
        void res.json({ revocations: revocations.list().map(described), isKept: revocations.isKept }),
    }),
    route({
      ...{ method: 'delete', path: '/admin/revocations/{revocation}', name: 'liftRevocation', ...admin },
      summary: 'Take a revocation back',
      params: z.object({
        revocation: z
          .string()
          .regex(/^(jti|subject):./, 'jti:NAME or subject:NAME expected')
          .max(MOST_ID_CHARS + 8),
      }),
      responses: {
        200: { description: 'Lifted', body: z.object({ revocation: z.string() }) },
        404: NOT_FOUND,
        503: UNSTORED,
      },
      handle: async ({ params: { revocation }, res }) => {
        const at = revocation.indexOf(':')
        const kind = revocation.slice(0, at) === 'jti' ? 'jti' : 'subject'
        await revocations.lift(kind, revocation.slice(at + 1))
        res.json({ revocation })
      },
    }),
  ]
}

const described = ({ kind, name, revokedMs, expiresMs }: Revocation) => ({
  ...{ revocation: `${kind}:${name}`, kind, name, revokedMs, expiresMs },
})
