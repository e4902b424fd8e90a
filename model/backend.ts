import { createRequire } from 'node:module'
import { dirname, sep } from 'node:path'
import util from 'node:util'
import { quote } from '../peer/protocol/ids.ts'
import { BackendError } from './errors.ts'

export const BACKEND_NAMES = ['wasm', 'tensorflow', 'cpu'] as const
export type BackendName = (typeof BACKEND_NAMES)[number]

/**
 * Makes TensorFlow.js compute on the named backend; without a name on `wasm`, or on `cpu` where that does not start.
 * `notice` is told, in a sentence, when the slow `cpu` backend is used. Returns the backend in use.
 * Throws BackendError where the named one is unknown or does not start.
 */
export async function useBackend(
  name: BackendName | undefined,
  notice: (text: string) => void,
): Promise<BackendName> {
  if (name !== undefined && !BACKEND_NAMES.includes(name))
    throw new BackendError(`invalid backend: ${quote(name)} (allowed ${BACKEND_NAMES.join(', ')})`)
  try {
    await start(name ?? 'wasm')
  } catch (error) {
    if (name !== undefined) throw error
    notice(`${(error as Error).message}; using the cpu backend, which is many times slower`)
    await start('cpu')
    return 'cpu'
  }
  if (name === 'cpu') notice('the cpu backend is many times slower than wasm (the default) and tensorflow')
  return name ?? 'wasm'
}

async function start(name: BackendName): Promise<void> {
  // Loaded only now, so that naming a backend costs nothing.
  const tf = await import('@tensorflow/tfjs')
  // TensorFlow.js would print a hint of its own on standard error when a backend other than its native one is used.
  tf.env().set('PROD', true)
  if (name === 'wasm') await pointToWasmFiles()
  if (name === 'tensorflow') await loadNativeBackend(tf.engine())
  let cause: unknown
  const isSet = await tf.setBackend(name).catch((error: unknown) => {
    cause = error
    return false
  })
  if (isSet && tf.getBackend() === name) return
  throw new BackendError(`TensorFlow.js backend ${quote(name)} did not start${reasonOf(cause)}`, { cause })
}

/** The wasm binaries lie in the installed package; left alone, the backend would guess from the entry script. */
async function pointToWasmFiles(): Promise<void> {
  const { setWasmPaths } = await import('@tensorflow/tfjs-backend-wasm')
  const entry = createRequire(import.meta.url).resolve('@tensorflow/tfjs-backend-wasm')
  setWasmPaths(dirname(entry) + sep)
}

async function loadNativeBackend(engine: unknown): Promise<void> {
  // Typed as a string: the package is optional, and its types may not be there.
  const packageName: string = '@tensorflow/tfjs-node'
  // Warnings and errors only: the library tells at length which processor instructions it uses.
  process.env['TF_CPP_MIN_LOG_LEVEL'] ??= '1'
  restoreUtil(util)
  const native = await import(packageName).catch((cause: unknown) => {
    throw new BackendError(
      `TensorFlow.js backend "tensorflow" is not installed${reasonOf(cause)} (npm run setup:tfjs-node builds it; or choose the backend wasm)`,
      { cause },
    )
  })
  if ((native as { engine(): unknown }).engine() !== engine)
    throw new BackendError(
      '@tensorflow/tfjs-node brings a TensorFlow.js of its own (npm run setup:tfjs-node installs the one that fits)',
    )
}

/** The package's version 4.22 calls functions of `util` that Node 23 took away. */
function restoreUtil(functions: { isArray?: unknown; isNullOrUndefined?: unknown }): void {
  functions.isArray ??= Array.isArray
  functions.isNullOrUndefined ??= (value: unknown) => value === null || value === undefined
}

const reasonOf = (cause: unknown): string =>
  cause instanceof Error ? `: ${cause.message.split('\n')[0]}` : ''
