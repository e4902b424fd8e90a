import { z } from 'zod'

/** Bounds of a number; `whole` for counts. */
export interface Bounds {
  readonly least?: number
  readonly most?: number
  readonly whole?: boolean
}

const BYTE_UNITS = { B: 1, kB: 1e3, MB: 1e6, GB: 1e9, TB: 1e12, KiB: 2 ** 10, MiB: 2 ** 20, GiB: 2 ** 30 }
const MS_UNITS = { ms: 1, s: 1e3, min: 60e3, h: 3600e3, d: 86_400e3 }
const S_UNITS = { ms: 1e-3, s: 1, min: 60, h: 3600, d: 86_400 }
const RATE_UNITS = {
  'bit/s': 1 / 8,
  'kbit/s': 1e3 / 8,
  'Mbit/s': 1e6 / 8,
  'Gbit/s': 1e9 / 8,
  'B/s': 1,
  'kB/s': 1e3,
  'MB/s': 1e6,
  'GB/s': 1e9,
}

/** A size in bytes: a number, or a text such as `64 MB`. */
export const bytes = (bounds: Bounds = {}) =>
  quantity('bytes', BYTE_UNITS, '64 MB', { least: 0, whole: true, ...bounds })

/** A duration that resolves to milliseconds: a number of them, or a text such as `30 s`. */
export const durationMs = (bounds: Bounds = {}) =>
  quantity('milliseconds', MS_UNITS, '30 s', { least: 0, ...bounds })

/** A duration that resolves to seconds: a number of them, or a text such as `5 min`. */
export const durationS = (bounds: Bounds = {}) =>
  quantity('seconds', S_UNITS, '5 min', { least: 0, ...bounds })

/** A rate that resolves to bytes per second: a number of them, or a text such as `20 Mbit/s`. */
export const rateBps = (bounds: Bounds = {}) =>
  quantity('bytes per second', RATE_UNITS, '20 Mbit/s', { least: 1, ...bounds })

/** A whole number. */
export const count = (least = 0, most = Number.MAX_SAFE_INTEGER) =>
  bounded('a whole number', { least, most, whole: true })

/** A finite number. */
export const real = (bounds: Bounds = {}) => bounded('a number', bounds)

/** A number from 0 to 1. */
export const share = () => bounded('a number', { least: 0, most: 1 })

function bounded(kind: string, bounds: Bounds) {
  const error = `${kind}${boundsText(bounds)} expected`
  return z.number({ error }).refine((value) => isWithin(value, bounds), { error })
}

function quantity(base: string, units: Record<string, number>, example: string, bounds: Bounds) {
  const names = Object.keys(units)
  const error = `${base}${boundsText(bounds)}, or a text such as "${example}", expected; units ${names.join(', ')}`
  const parse = (text: string): number => {
    const match = /^\s*([0-9][0-9_]*(?:\.[0-9]+)?(?:e[0-9]+)?)\s*([A-Za-z/]+)\s*$/.exec(text)
    if (!match || !Object.hasOwn(units, match[2])) return NaN
    const value = Number(match[1].replaceAll('_', '')) * units[match[2]]
    // Factors such as 1e-3 are not exact in binary: 12 digits are more than any setting means.
    return Number(value.toPrecision(12))
  }
  return z
    .union([z.number(), z.string()], { error })
    .transform((value) => (typeof value === 'string' ? parse(value) : value))
    .refine((value) => isWithin(value, bounds), { error })
}

const isWithin = (value: number, { least = -Infinity, most = Infinity, whole = false }: Bounds): boolean =>
  Number.isFinite(value) && value >= least && value <= most && (!whole || Number.isInteger(value))

function boundsText({ least, most }: Bounds): string {
  const hasMost = most !== undefined && most < Number.MAX_SAFE_INTEGER
  if (least !== undefined && hasMost) return ` from ${least} to ${most}`
  if (least !== undefined) return ` of ${least} or more`
  return hasMost ? ` of at most ${most}` : ''
}
