// The two steps of scoring a batch of at most 64 candidates: scaling raw features, and one dense layer.
// Scaled inputs and activations lie value by value: value k of candidate r at (k * 64 + r) * 4, so that one vector holds
// the same value of four candidates. Dense kernels are row-major [inputs, outputs], as TensorFlow.js stores them.

const STRIDE: usize = 64 * 4

const MISSING = 0
const LOG1P = 1

/**
 * Turns raw features, row-major with NaN for unknown, into network inputs. `table` has four words an input: byte offset
 * of the feature in a row, kind, mean, factor. `rows` is a multiple of 4; what lies in rows beyond the batch is computed
 * and ignored.
 */
export function scale(
  features: usize,
  rowBytes: usize,
  table: usize,
  inputs: usize,
  y: usize,
  rows: usize,
  limit: f32,
): void {
  const most = f32x4.splat(limit)
  const least = f32x4.neg(most)
  for (let input: usize = 0; input < inputs; input++, table += 16, y += STRIDE) {
    const column = features + load<u32>(table)
    const kind = load<i32>(table, 4)
    const mean = v128.load32_splat(table, 8)
    const factor = v128.load32_splat(table, 12)
    for (let row: usize = 0; row < rows; row += 4) {
      const raw = gather(column + row * rowBytes, rowBytes)
      const known = f32x4.eq(raw, raw)
      let value: v128
      if (kind == MISSING) value = v128.andnot(f32x4.splat(1), known)
      else {
        const transformed = kind == LOG1P ? log1p(raw) : raw
        const scaled = f32x4.mul(f32x4.sub(transformed, mean), factor)
        value = v128.and(f32x4.max(f32x4.min(scaled, most), least), known)
      }
      v128.store(y + (row << 2), value)
    }
  }
}

// @ts-ignore: decorator
@inline
function gather(at: usize, step: usize): v128 {
  let four = v128.load32_zero(at)
  four = v128.load_lane<f32>(at + step, four, 1)
  four = v128.load_lane<f32>(at + step * 2, four, 2)
  return v128.load_lane<f32>(at + step * 3, four, 3)
}

// ln(1 + max(x, 0)) within a few units of the last place: 1 + x = 2^e m with m in [sqrt(1/2), sqrt(2)), and the series of
// 2 artanh((m - 1) / (m + 1)).
// @ts-ignore: decorator
@inline
function log1p(x: v128): v128 {
  const y = f32x4.add(f32x4.max(x, f32x4.splat(0)), f32x4.splat(1))
  const e = i32x4.shr_s(i32x4.sub(y, i32x4.splat(0x3f3504f3)), 23)
  const m = f32x4.sub(i32x4.sub(y, i32x4.shl(e, 23)), f32x4.splat(1))
  const s = f32x4.div(m, f32x4.add(m, f32x4.splat(2)))
  const z = f32x4.mul(s, s)
  let sum = f32x4.add(f32x4.mul(z, f32x4.splat(1.0 / 9)), f32x4.splat(1.0 / 7))
  sum = f32x4.add(f32x4.mul(z, sum), f32x4.splat(1.0 / 5))
  sum = f32x4.add(f32x4.mul(z, sum), f32x4.splat(1.0 / 3))
  sum = f32x4.add(f32x4.mul(z, sum), f32x4.splat(1))
  const mantissa = f32x4.mul(f32x4.add(s, s), sum)
  return f32x4.add(f32x4.mul(f32x4.convert_i32x4_s(e), f32x4.splat(0.6931472)), mantissa)
}

/** One dense layer, y = x W + b, rectified where asked for. `rows` is a multiple of 8; what lies in rows beyond the batch is computed and ignored. */
export function dense(
  x: usize,
  inputs: usize,
  kernel: usize,
  bias: usize,
  y: usize,
  outputs: usize,
  rows: usize,
  rectify: bool,
): void {
  const floor = f32x4.splat(rectify ? 0 : -Infinity)
  const kernelRow = outputs << 2
  const tiled = outputs & ~3
  for (let row: usize = 0; row < rows; row += 8) {
    const xRow = x + (row << 2)
    const yRow = y + (row << 2)
    for (let out: usize = 0; out < tiled; out += 4) tile(xRow, inputs, kernel + (out << 2), kernelRow, bias + (out << 2), yRow + out * STRIDE, floor)
    for (let out: usize = tiled; out < outputs; out++) column(xRow, inputs, kernel + (out << 2), kernelRow, bias + (out << 2), yRow + out * STRIDE, floor)
  }
}

// @ts-ignore: decorator
@inline
function tile(x: usize, inputs: usize, kernel: usize, kernelRow: usize, bias: usize, y: usize, floor: v128): void {
  let a0 = v128.load32_splat(bias)
  let a1 = v128.load32_splat(bias, 4)
  let a2 = v128.load32_splat(bias, 8)
  let a3 = v128.load32_splat(bias, 12)
  let b0 = a0
  let b1 = a1
  let b2 = a2
  let b3 = a3
  for (let k: usize = 0; k < inputs; k++) {
    const xa = v128.load(x)
    const xb = v128.load(x, 16)
    const w0 = v128.load32_splat(kernel)
    a0 = f32x4.add(a0, f32x4.mul(xa, w0))
    b0 = f32x4.add(b0, f32x4.mul(xb, w0))
    const w1 = v128.load32_splat(kernel, 4)
    a1 = f32x4.add(a1, f32x4.mul(xa, w1))
    b1 = f32x4.add(b1, f32x4.mul(xb, w1))
    const w2 = v128.load32_splat(kernel, 8)
    a2 = f32x4.add(a2, f32x4.mul(xa, w2))
    b2 = f32x4.add(b2, f32x4.mul(xb, w2))
    const w3 = v128.load32_splat(kernel, 12)
    a3 = f32x4.add(a3, f32x4.mul(xa, w3))
    b3 = f32x4.add(b3, f32x4.mul(xb, w3))
    x += STRIDE
    kernel += kernelRow
  }
  v128.store(y, f32x4.max(a0, floor))
  v128.store(y, f32x4.max(b0, floor), 16)
  v128.store(y + STRIDE, f32x4.max(a1, floor))
  v128.store(y + STRIDE, f32x4.max(b1, floor), 16)
  v128.store(y + STRIDE * 2, f32x4.max(a2, floor))
  v128.store(y + STRIDE * 2, f32x4.max(b2, floor), 16)
  v128.store(y + STRIDE * 3, f32x4.max(a3, floor))
  v128.store(y + STRIDE * 3, f32x4.max(b3, floor), 16)
}

// @ts-ignore: decorator
@inline
function column(x: usize, inputs: usize, kernel: usize, kernelRow: usize, bias: usize, y: usize, floor: v128): void {
  let a = v128.load32_splat(bias)
  let b = a
  for (let k: usize = 0; k < inputs; k++) {
    const w = v128.load32_splat(kernel)
    a = f32x4.add(a, f32x4.mul(v128.load(x), w))
    b = f32x4.add(b, f32x4.mul(v128.load(x, 16), w))
    x += STRIDE
    kernel += kernelRow
  }
  v128.store(y, f32x4.max(a, floor))
  v128.store(y, f32x4.max(b, floor), 16)
}
