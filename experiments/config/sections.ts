import { z } from 'zod'

type Shape = Record<string, z.ZodType>
type WithDefaults<S extends Shape> = { [K in keyof S]: z.ZodDefault<S[K]> }

/**
 * A section of the config whose keys may all be left out: what is missing is taken from `defaults`. The output holds
 * every key.
 */
export function section<S extends Shape>(shape: S, defaults: { [K in keyof S]: z.output<S[K]> }) {
  return z.strictObject(withDefaults(shape, defaults)).prefault({} as never)
}

/** Like `section`, for one of several kinds: `kind` says which, and must be there. */
export function kindSection<K extends string, S extends Shape>(
  kind: K,
  shape: S,
  defaults: { [P in keyof S]: z.output<S[P]> },
) {
  return z.strictObject({ kind: z.literal(kind), ...withDefaults(shape, defaults) })
}

function withDefaults<S extends Shape>(
  shape: S,
  defaults: { [K in keyof S]: z.output<S[K]> },
): WithDefaults<S> {
  const keys = Object.entries(shape).map(([key, schema]) => [
    key,
    schema.default(() => structuredClone(defaults[key]) as never),
  ])
  return Object.fromEntries(keys) as WithDefaults<S>
}

/** One of a few words. */
export const oneOf = <const T extends string>(...words: readonly T[]) => z.enum(words as readonly [T, ...T[]])

/** A short text without line breaks. */
export const label = (most = 60) => {
  const error = `a text of 1 to ${most} characters without line breaks expected`
  return z
    .string({ error })
    .refine((text) => text.length <= most && /^[^\n\r]*\S[^\n\r]*$/.test(text), { error })
}
