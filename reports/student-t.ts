// Lanczos coefficients (g = 7, n = 9).
const LANCZOS = [
  0.99999999999980993, 676.5203681218851, -1259.1392167224028, 771.32342877765313, -176.61502916214059,
  12.507343278686905, -0.13857109526572012, 9.9843695780195716e-6, 1.5056327351493116e-7,
]

function logGamma(x: number): number {
  let sum = LANCZOS[0]
  for (let i = 1; i < LANCZOS.length; i++) sum += LANCZOS[i] / (x - 1 + i)
  const t = x + 6.5
  return 0.5 * Math.log(2 * Math.PI) + (x - 0.5) * Math.log(t) - t + Math.log(sum)
}

// Continued fraction of the incomplete beta function by Lentz's method (Numerical Recipes, 6.4).
function betaFraction(x: number, a: number, b: number): number {
  const tiny = 1e-300
  const floor = (value: number): number => (Math.abs(value) < tiny ? tiny : value)
  let c = 1
  let d = 1 / floor(1 - ((a + b) * x) / (a + 1))
  let fraction = d
  for (let m = 1; m <= 1000; m++) {
    const even = (m * (b - m) * x) / ((a + 2 * m - 1) * (a + 2 * m))
    d = 1 / floor(1 + even * d)
    c = floor(1 + even / c)
    fraction *= d * c
    const odd = (-(a + m) * (a + b + m) * x) / ((a + 2 * m) * (a + 2 * m + 1))
    d = 1 / floor(1 + odd * d)
    c = floor(1 + odd / c)
    const step = d * c
    fraction *= step
    if (Math.abs(step - 1) < 1e-15) break
  }
  return fraction
}

// `oneMinusX` comes separately so that nothing is lost to rounding where x is close to 1.
function regularisedBeta(x: number, oneMinusX: number, a: number, b: number): number {
  if (x <= 0) return 0
  if (oneMinusX <= 0) return 1
  const logFront = logGamma(a + b) - logGamma(a) - logGamma(b) + a * Math.log(x) + b * Math.log(oneMinusX)
  const front = Math.exp(logFront)
  return x < (a + 1) / (a + b + 2)
    ? (front * betaFraction(x, a, b)) / a
    : 1 - (front * betaFraction(oneMinusX, b, a)) / b
}

/** Probability that a Student t variable with `degrees` degrees of freedom is above `t`, for t ≥ 0. */
function upperTail(t: number, degrees: number): number {
  const square = t * t
  return 0.5 * regularisedBeta(degrees / (degrees + square), square / (degrees + square), degrees / 2, 0.5)
}

/** Cumulative distribution function of Student's t. */
export function studentTCdf(t: number, degrees: number): number {
  return t >= 0 ? 1 - upperTail(t, degrees) : upperTail(-t, degrees)
}

/** Quantile of Student's t for 0 < probability < 1, by bisection on the distribution function. */
export function studentTQuantile(probability: number, degrees: number): number {
  if (!(probability > 0 && probability < 1)) {
    throw new RangeError(`invalid probability: ${probability} (allowed: between 0 and 1)`)
  }
  if (!(degrees > 0)) throw new RangeError(`invalid degrees of freedom: ${degrees} (allowed: above 0)`)
  // The smaller tail is the one that is known exactly.
  return probability < 0.5 ? -quantileOfTail(probability, degrees) : quantileOfTail(1 - probability, degrees)
}

function quantileOfTail(tail: number, degrees: number): number {
  let low = 0
  let high = 1
  while (upperTail(high, degrees) > tail) {
    low = high
    high *= 2
  }
  for (;;) {
    const middle = (low + high) / 2
    if (middle <= low || middle >= high) return middle
    if (upperTail(middle, degrees) > tail) low = middle
    else high = middle
  }
}

/** Half-width factor of a two-sided 95 % interval. */
export function t95(degrees: number): number {
  return studentTQuantile(0.975, degrees)
}
