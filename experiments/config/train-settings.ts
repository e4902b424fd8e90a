import { z } from 'zod'
import { BACKEND_NAMES } from '../../model/backend.ts'
import { trainingOptionsSchema } from '../../model/options.ts'
import { policiesSchema } from './policy-settings.ts'
import { count } from './quantity.ts'
import { oneOf } from './sections.ts'

/** Policies that explore, so that the model sees what the others would not have chosen. */
const COLLECTORS = [
  { policy: 'random' as const },
  { policy: 'fastest' as const, explore: { kind: 'epsilon' as const, epsilon: 0.3 } },
]

const name = () => {
  const error =
    'a name of 1 to 32 letters, digits, "-", "_" and "." expected, beginning with a letter or digit'
  return z.string({ error }).regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,31}$/, { error })
}

/** How `seedbed run` collects outcomes and trains a model before it evaluates. */
export const trainSchema = z
  .strictObject({
    name: name().default('ranker'),
    collect: z
      .strictObject({
        policies: policiesSchema.prefault(COLLECTORS),
        replications: count(1, 10_000).default(4),
      })
      .prefault({}),
    /** Null: wasm, or cpu where that does not start. */
    backend: oneOf(...BACKEND_NAMES)
      .nullable()
      .default(null),
    options: trainingOptionsSchema.prefault({}),
  })
  .nullable()
  .default(null)
