import { describe, expect, it } from 'vitest'
import {
  formatBytes,
  formatDuration,
  formatHalfWidth,
  formatPercent,
  formatPercentInterval,
  formatPlain,
  formatValue,
  scaleFor,
  scaleOf,
} from './format.ts'

const plain = (text: string): string => text.replaceAll('\u00a0', ' ')

describe('format', () => {
  it.each([
    ['s', 41, 's', 1],
    ['s', 0.4, 'ms', 1000],
    ['s', 8000, 'h', 1 / 3600],
    ['ms', 900, 'ms', 1],
    ['ms', 41_000, 's', 1 / 1000],
    ['B/s', 1.2e6, 'MB/s', 1e-6],
    ['B/s', 12, 'B/s', 1],
    ['share', 0.1, '%', 100],
    ['ratio', 2, '×', 1],
    ['furlong', 2, 'furlong', 1],
  ])('shows %s of about %d in %s', (unit, magnitude, suffix, factor) => {
    expect(scaleFor(unit, magnitude)).toMatchObject({ suffix, factor })
  })

  it('shows the digits that the intervals support, the same for all estimates', () => {
    const wide = { mean: 41.2345, ci95: [39.9, 42.5] as [number, number] }
    const scale = scaleOf('s', [wide, { mean: 40, ci95: null }])
    expect(formatValue(wide.mean, scale)).toBe('41.2')
    expect(formatValue(40, scale)).toBe('40.0')
    expect(formatHalfWidth(wide.ci95, scale)).toBe('1.3')
    expect(formatValue(null, scale)).toBe('–')
    expect(formatValue(1234.4, scaleOf('count', [{ mean: 1234.4, ci95: null }]))).toBe('1,234')
  })

  it('writes true minus signs, pluses where wanted, and no signed zero', () => {
    expect(plain(formatPercent(-0.123, true))).toBe('−12.3 %')
    expect(plain(formatPercent(0.05, true))).toBe('+5.0 %')
    expect(plain(formatPercent(-0.0001, true))).toBe('0.0 %')
    expect(plain(formatPercentInterval([-0.02, 0.111]))).toBe('[−2.0, 11.1]')
  })

  it('writes plain numbers, bytes and lengths of time', () => {
    expect([0, 7, 1.7132, 0.04567, 12_345.6].map(formatPlain)).toEqual(['0', '7', '1.71', '0.0457', '12,346'])
    expect([999, 64e6, 12.8e9].map(formatBytes).map(plain)).toEqual(['999 B', '64 MB', '12.8 GB'])
    expect([8.25, 192, 7500].map(formatDuration).map(plain)).toEqual(['8.25 s', '3 min 12 s', '2 h 5 min'])
  })
})
