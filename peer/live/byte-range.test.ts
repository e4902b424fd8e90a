import { describe, expect, it } from 'vitest'
import { parseRange } from './byte-range.ts'

describe('a Range header', () => {
  it('names one range, cut to what there is', () => {
    const of = (header: string) => parseRange(header, 1000)
    expect(of('bytes=0-0')).toEqual({ start: 0, end: 1 })
    expect(of('bytes=100-')).toEqual({ start: 100, end: 1000 })
    expect(of('Bytes = 990-5000')).toEqual({ start: 990, end: 1000 })
    expect(of('bytes=-10')).toEqual({ start: 990, end: 1000 })
    expect(of('bytes=-5000')).toEqual({ start: 0, end: 1000 })
    expect(of('bytes=0-99999999999999999999999')).toEqual({ start: 0, end: 1000 })
  })

  it('cannot be met behind the end, or with no bytes', () => {
    for (const header of ['bytes=1000-', 'bytes=5000-6000', 'bytes=-0'])
      expect(parseRange(header, 1000), header).toBe('unsatisfiable')
    expect(parseRange('bytes=-1', 0)).toBe('unsatisfiable')
  })

  it('is ignored where it is not one valid range of bytes', () => {
    for (const header of [
      ...[undefined, '', 'bytes', 'bytes=', 'bytes=-', 'bytes=5-4', 'bytes=a-b', 'bytes=1.5-2'],
      ...['items=0-1', 'bytes=0-1,5-6', 'bytes=0--1', 'bytes=+1-2', 'bytes=0x1-2'],
    ])
      expect(parseRange(header, 1000), String(header)).toBe('whole')
  })
})
