import type { bytes } from '../config/quantity.ts'

/** Reads an option that is an amount with its unit, as configs have it: `4 Mbit/s`, `2 s`, or a bare number. */
export const amount = (name: string, schema: ReturnType<typeof bytes>) => (given: string) => {
  const { success, data, error } = schema.safeParse(/^[0-9.]+$/.test(given) ? Number(given) : given)
  if (success) return data
  throw new Error(`invalid --${name}: ${given} (${error.issues[0].message})`)
}
