/** 2^53, which lifts subnormal numbers among the normal ones. */
const LIFT = 9007199254740992

// Coefficients of fdlibm's e_pow.c. BP: what the mantissa is compared with; DP: their logarithms to base 2, in two parts.
const BP = [1, 1.5]
const DP_HIGH = [0, 5.84962487220764160156e-1]
const DP_LOW = [0, 1.35003920212974897128e-8]
const L1 = 5.99999999999994648725e-1
const L2 = 4.28571428578550184252e-1
const L3 = 3.33333329818377432918e-1
const L4 = 2.72728123808534006489e-1
const L5 = 2.30660745775561754067e-1
const L6 = 2.06975017800338417784e-1
const P1 = 1.66666666666666019037e-1
const P2 = -2.7777777777015593384e-3
const P3 = 6.61375632143793436117e-5
const P4 = -1.6533902205465251539e-6
const P5 = 4.13813679705723846039e-8
const LN2 = 6.93147180559945286227e-1
const LN2_HIGH = 6.93147182464599609375e-1
const LN2_LOW = -1.90465429995776804525e-9
/** 2 / (3 ln 2). */
const CP = 9.61796693925975554329e-1
const CP_HIGH = 9.61796700954437255859e-1
const CP_LOW = -7.02846165095275826516e-9

const double = new Float64Array(1)
const words = new Uint32Array(double.buffer)
const isLittleEndian = new Uint8Array(new Uint16Array([1]).buffer)[0] === 1
const HIGH = isLittleEndian ? 1 : 0
const LOW = 1 - HIGH

function high(value: number): number {
  double[0] = value
  return words[HIGH] | 0
}

function withHigh(value: number, word: number): number {
  double[0] = value
  words[HIGH] = word
  return double[0]
}

/** The value without the lower half of its mantissa: products of two such are exact enough. */
function truncated(value: number): number {
  double[0] = value
  words[LOW] = 0
  return double[0]
}

/**
 * `base` to the power of `exponent`, to within one unit in the last place; NaN unless both are finite and the base is 0 or more.
 *
 * ECMA-262 leaves `**` and `Math.pow` to the engine, and Node 24 took to the C library of the platform: with them, a simulation
 * is another one on another machine. This is fdlibm's e_pow.c (Sun Microsystems, 1993) as the V8 of Node 20 and 22 has it, in
 * arithmetic that IEEE 754 defines to the last bit.
 */
export function power(base: number, exponent: number): number {
  if (!(base >= 0 && base < Infinity && Math.abs(exponent) < Infinity)) return NaN
  if (exponent === 0 || base === 1) return 1
  if (exponent === 2) return base * base
  if (exponent === 0.5) return Math.sqrt(base)
  if (exponent === -1) return 1 / base
  if (exponent === 1) return base
  if (base === 0) return exponent > 0 ? 0 : Infinity
  const [log, logRest] = log2(base)
  // The product of exponent and logarithm, in two parts.
  const exponentHigh = truncated(exponent)
  const rest = (exponent - exponentHigh) * log + exponent * logRest
  const whole = exponentHigh * log
  if (rest + whole >= 1025) return Infinity
  if (rest + whole <= -1076) return 0
  return exp2(whole, rest)
}

const parts: [number, number] = [0, 0]

/** Logarithm to base 2 of a positive number, in two parts; valid until the next call. */
function log2(base: number): readonly [number, number] {
  let x = base
  let n = 0
  if (x < 2.2250738585072014e-308) {
    x *= LIFT
    n = -53
  }
  let word = high(x)
  n += (word >> 20) - 0x3ff
  const mantissa = word & 0xfffff
  word = mantissa | 0x3ff00000
  let k = 0
  if (mantissa >= 0xbb67a) {
    n++
    word -= 0x100000
  } else if (mantissa > 0x3988e) k = 1
  x = withHigh(x, word)
  const difference = x - BP[k]
  const inverse = 1 / (x + BP[k])
  const ss = difference * inverse
  const sHigh = truncated(ss)
  const sumHigh = withHigh(0, ((word >> 1) | 0x20000000) + 0x80000 + (k << 18))
  const sumLow = x - (sumHigh - BP[k])
  const sLow = inverse * (difference - sHigh * sumHigh - sHigh * sumLow)
  let s2 = ss * ss
  let r = s2 * s2 * (L1 + s2 * (L2 + s2 * (L3 + s2 * (L4 + s2 * (L5 + s2 * L6)))))
  r += sLow * (sHigh + ss)
  s2 = sHigh * sHigh
  const tHigh = truncated(3 + s2 + r)
  const tLow = r - (tHigh - 3 - s2)
  const u = sHigh * tHigh
  const v = sLow * tHigh + tLow * ss
  const pHigh = truncated(u + v)
  const pLow = v - (pHigh - u)
  const zHigh = CP_HIGH * pHigh
  const zLow = CP_LOW * pHigh + pLow * CP + DP_LOW[k]
  parts[0] = truncated(zHigh + zLow + DP_HIGH[k] + n)
  parts[1] = zLow - (parts[0] - n - DP_HIGH[k] - zHigh)
  return parts
}

/** 2 to the power of `whole` + `rest`. */
function exp2(whole: number, rest: number): number {
  const sum = rest + whole
  const n = Math.abs(sum) > 0.5 ? Math.sign(sum) * Math.floor(Math.abs(sum) + 0.5) : 0
  const fraction = whole - n
  const t = truncated(rest + fraction)
  const u = t * LN2_HIGH
  const v = (rest - (t - fraction)) * LN2 + t * LN2_LOW
  const z = u + v
  const w = v - (z - u)
  const z2 = z * z
  const t1 = z - z2 * (P1 + z2 * (P2 + z2 * (P3 + z2 * (P4 + z2 * P5))))
  // V8 has the correction for w in the denominator; it is below the last digit.
  const r = (z * t1) / (t1 - 2 - (w + z * w))
  return scaled(1 - (r - z), n)
}

/** value * 2^n, for a value near 1 and n from -1076 to 1025: in two steps, of which only the second can round. */
function scaled(value: number, n: number): number {
  const half = n >> 1
  return value * withHigh(0, (0x3ff + half) << 20) * withHigh(0, (0x3ff + n - half) << 20)
}
