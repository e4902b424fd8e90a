import { KERNEL_WASM_BASE64 } from './kernel.generated.ts'

/** Most candidates that the kernel takes at a time. */
export const BATCH_ROWS = 64

/** A stretch of the kernel's memory, at a multiple of 16 bytes. */
export interface Area {
  /** Address, bytes. */
  readonly at: number
  readonly floats: Float32Array
  /** The same bytes as whole numbers. */
  readonly words: Int32Array
}

interface KernelFunctions {
  /** Scales raw features; see model/kernel/score.ts. */
  readonly scale: (
    features: number,
    rowBytes: number,
    table: number,
    inputs: number,
    y: number,
    rows: number,
    limit: number,
  ) => void
  /** Computes one dense layer. */
  readonly dense: (
    x: number,
    inputs: number,
    kernel: number,
    bias: number,
    y: number,
    outputs: number,
    rows: number,
    rectify: boolean,
  ) => void
}

const PAGE_BYTES = 65_536

let compiled: WebAssembly.Module | undefined

/** A WebAssembly instance of the scoring kernel with memory of its own. */
export class Kernel {
  readonly run: KernelFunctions
  /** One for each length given, in order. */
  readonly areas: readonly Area[]

  /** `lengths`: how many 32-bit values each area holds. */
  constructor(lengths: readonly number[]) {
    compiled ??= new WebAssembly.Module(Buffer.from(KERNEL_WASM_BASE64, 'base64'))
    const { exports } = new WebAssembly.Instance(compiled)
    this.run = exports as unknown as KernelFunctions
    const memory = exports['memory'] as WebAssembly.Memory
    // The kernel keeps nothing in memory itself. The first bytes stay free so that no address is 0.
    let endByte = 16
    const starts = lengths.map((length) => {
      const at = endByte
      endByte = (at + length * 4 + 15) & ~15
      return at
    })
    const missingBytes = endByte - memory.buffer.byteLength
    if (missingBytes > 0) memory.grow(Math.ceil(missingBytes / PAGE_BYTES))
    const { buffer } = memory
    this.areas = lengths.map((length, i) => ({
      at: starts[i],
      floats: new Float32Array(buffer, starts[i], length),
      words: new Int32Array(buffer, starts[i], length),
    }))
  }
}
