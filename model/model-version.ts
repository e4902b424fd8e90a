import { createHash } from 'node:crypto'
import { quote } from '../peer/protocol/ids.ts'
import { TrainingError } from './errors.ts'
import type { Mlp } from './mlp.ts'
import type { InputDefinition } from './inputs.ts'

const NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,31}$/

/** Throws TrainingError where a model can't be called so: rows and wire messages carry `name@version` in 63 bytes. */
export function checkModelName(name: string): void {
  if (!NAME.test(name))
    throw new TrainingError(
      `invalid model name: ${quote(name)} (allowed 1 to 32 letters, digits, dots, hyphens and underscores)`,
    )
}

/** What makes scores what they are, as 12 hex digits: SHA-256 over inputs, layer widths and weights. */
export function modelVersion(inputs: readonly InputDefinition[], mlp: Mlp): string {
  const hash = createHash('sha256').update(JSON.stringify([inputs.map(toList), mlp.sizes]))
  for (const { buffer, byteOffset, byteLength } of [...mlp.kernels, ...mlp.biases])
    hash.update(new Uint8Array(buffer, byteOffset, byteLength))
  return hash.digest('hex').slice(0, 12)
}

/** How rows and messages name a model. */
export const modelLabel = (name: string, version: string): string => `${name}@${version}`

function toList(input: InputDefinition): unknown[] {
  return input.kind === 'missing'
    ? [input.feature, 'missing']
    : [input.feature, 'value', input.transform, input.mean, input.std]
}
