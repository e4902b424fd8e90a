import { SimConfigError } from './errors.ts'
import { REGIONS } from './region-rtt.ts'

// Checks of config values; each throws SimConfigError that names the path, quotes the value and says what is allowed.

export function positiveSum(path: string, values: readonly number[]): void {
  const sum = values.reduce((total, value) => total + value, 0)
  if (!(sum > 0)) throw new SimConfigError(path, values, 'at least one above 0')
}

export function atLeast(path: string, value: number, least: number): void {
  if (!(value >= least && value < Infinity)) throw new SimConfigError(path, value, `${least} or more, finite`)
}

export function share(path: string, value: number): void {
  if (!(value >= 0 && value <= 1)) throw new SimConfigError(path, value, '0 to 1')
}

export function whole(path: string, value: number, least: number, most: number): void {
  if (!(Number.isInteger(value) && value >= least && value <= most))
    throw new SimConfigError(path, value, `a whole number from ${least} to ${most}`)
}

export function region(path: string, value: string): void {
  if (!(REGIONS as readonly string[]).includes(value))
    throw new SimConfigError(path, value, REGIONS.join(', '))
}
