import type { Interval } from '../estimates.ts'
import type { Estimate } from '../schema.ts'

/** How values of a unit are shown: value × factor with so many decimals, followed by the suffix. */
export interface Scale {
  factor: number
  suffix: string
  decimals: number
}

const NO_BREAK = '\u00a0'
const MINUS = '\u2212'
/** Stands where there is no value. */
export const NO_VALUE = '\u2013'

const RATES: readonly [number, string][] = [
  [1e9, 'GB/s'],
  [1e6, 'MB/s'],
  [1e3, 'kB/s'],
]

type Unit = Omit<Scale, 'decimals'>

function unitFor(unit: string, size: number): Unit {
  switch (unit) {
    case 'share':
      return { factor: 100, suffix: '%' }
    case 's':
      if (size >= 7200) return { factor: 1 / 3600, suffix: 'h' }
      return size < 1 ? { factor: 1000, suffix: 'ms' } : { factor: 1, suffix: 's' }
    case 'ms': {
      if (size < 10_000) return { factor: 1, suffix: 'ms' }
      const seconds = unitFor('s', size / 1000)
      return { factor: seconds.factor / 1000, suffix: seconds.suffix }
    }
    case 'B/s': {
      const [divisor, suffix] = RATES.find(([least]) => size >= least) ?? [1, 'B/s']
      return { factor: 1 / divisor, suffix }
    }
    case 'ratio':
      return { factor: 1, suffix: '×' }
    case 'index':
    case 'count':
      return { factor: 1, suffix: '' }
    default:
      return { factor: 1, suffix: unit }
  }
}

/**
 * The scale that suits values up to `magnitude` in a unit of the metrics catalogue, with the decimals that show two
 * significant digits of `precision`.
 */
export function scaleFor(unit: string, magnitude: number, precision = Math.abs(magnitude) / 10): Scale {
  const shown = unitFor(unit, Math.abs(magnitude))
  return { ...shown, decimals: unit === 'count' ? 0 : decimalsFor(precision * shown.factor) }
}

/** One scale for several estimates of a metric, with the digits that their intervals support. */
export function scaleOf(unit: string, estimates: readonly Pick<Estimate, 'mean' | 'ci95'>[]): Scale {
  const halves = estimates.flatMap(({ ci95 }) => (ci95 && ci95[1] > ci95[0] ? (ci95[1] - ci95[0]) / 2 : []))
  const magnitude = magnitudeOf(estimates.map(({ mean }) => mean))
  const typical = halves.toSorted((a, b) => a - b)[Math.floor(halves.length / 2)]
  return scaleFor(unit, magnitude, typical === undefined ? magnitude / 10 : Math.min(typical, magnitude / 10))
}

/** The largest magnitude among the values that are not null. */
export function magnitudeOf(values: readonly (number | null)[]): number {
  return values.reduce((most: number, value) => Math.max(most, Math.abs(value ?? 0)), 0)
}

/** Digits after the point that show two significant digits of `precision`. */
export function decimalsFor(precision: number): number {
  if (!(precision > 0) || !Number.isFinite(precision)) return 0
  return Math.min(6, Math.max(0, 1 - Math.floor(Math.log10(precision))))
}

/** Number with grouped thousands, a true minus and, where wanted, a plus. */
export function formatNumber(value: number, decimals: number, signed = false): string {
  const digits = Math.abs(value).toLocaleString('en-US', {
    minimumFractionDigits: decimals,
    maximumFractionDigits: decimals,
  })
  if (!/[1-9]/.test(digits)) return digits
  return (value < 0 ? MINUS : signed ? '+' : '') + digits
}

/** Number with about three significant digits. */
export function formatPlain(value: number): string {
  const size = Math.abs(value)
  if (size === 0 || Number.isInteger(value)) return formatNumber(value, 0)
  return formatNumber(value, decimalsFor(size / 10))
}

/** Value with its unit: 41.2 s. */
export function withSuffix(text: string, suffix: string): string {
  if (text === NO_VALUE || suffix === '') return text
  return suffix === '×' ? text + suffix : text + NO_BREAK + suffix
}

/** Value in the given scale, without the suffix. */
export function formatValue(value: number | null, scale: Scale, signed = false): string {
  return value === null ? NO_VALUE : formatNumber(value * scale.factor, scale.decimals, signed)
}

/** Half of the width of an interval in the given scale. */
export function formatHalfWidth([low, high]: Interval, scale: Scale): string {
  return formatValue((high - low) / 2, scale)
}

/** Share as a percentage with a decimal: 12.3 %. */
export function formatPercent(share: number, signed = false, decimals = 1): string {
  return formatNumber(share * 100, decimals, signed) + NO_BREAK + '%'
}

/** Ends of an interval of shares, without the percent sign: [8.1, 16.0]. */
export function formatPercentInterval([low, high]: Interval, signed = false, decimals = 1): string {
  return `[${formatNumber(low * 100, decimals, signed)},${NO_BREAK}${formatNumber(high * 100, decimals, signed)}]`
}

/** Bytes in decimal units: 64 MB. */
export function formatBytes(bytes: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB', 'PB']
  let scaled = bytes
  let unit = 0
  while (scaled >= 1000 && unit < units.length - 1) {
    scaled /= 1000
    unit++
  }
  return formatPlain(Number(scaled.toPrecision(3))) + NO_BREAK + units[unit]
}

/** Length of time: 8.2 s, 3 min 12 s, 2 h 5 min. */
export function formatDuration(seconds: number): string {
  if (seconds < 60) return withSuffix(formatPlain(seconds), 's')
  const whole = Math.round(seconds)
  const [hours, minutes] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60]
  const parts = hours > 0 ? [hours, 'h', minutes, 'min'] : [minutes, 'min', whole % 60, 's']
  return parts.join(NO_BREAK)
}
