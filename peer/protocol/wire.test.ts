import { describe, expect, it } from 'vitest'
import { textBytes, WireReader, WireWriter } from './wire.ts'

describe('wire', () => {
  it('writes and reads every kind of field', () => {
    const out = new WireWriter(1 + 2 + 4 + 8 + 4 + 2 + textBytes('añb') + 3)
    out.u8(200)
    out.u16(60_000)
    out.u32(4_000_000_000)
    out.u53(Number.MAX_SAFE_INTEGER)
    out.f32(0.5)
    out.hex('00ff', 2)
    out.text('añb', 10)
    out.raw(Uint8Array.of(1, 2, 3))
    expect(out.offset).toBe(out.bytes.length)
    const input = new WireReader(out.bytes)
    expect([input.u8(), input.u16(), input.u32(), input.u53(), input.f32()]).toEqual([
      200,
      60_000,
      4_000_000_000,
      Number.MAX_SAFE_INTEGER,
      0.5,
    ])
    expect([input.hex(2), input.text(10), [...input.raw(3)], input.remaining]).toEqual([
      '00ff',
      'añb',
      [1, 2, 3],
      0,
    ])
  })

  it('refuses values out of range', () => {
    const out = new WireWriter(16)
    expect(() => out.u8(256)).toThrow(/0 to 255/)
    expect(() => out.u16(-1)).toThrow(/0 to 65535/)
    expect(() => out.u32(1.5)).toThrow(/whole number/)
    expect(() => out.u53(2 ** 53)).toThrow(/whole number/)
    expect(() => out.u8(NaN)).toThrow(/whole number/)
    expect(() => out.text('long', 3)).toThrow(/at most 3 bytes/)
  })

  it('refuses bytes that end early or are not what they should be', () => {
    const read = (...bytes: number[]): WireReader => new WireReader(Uint8Array.from(bytes))
    expect(() => read(1).u16()).toThrow(/ends early/)
    expect(() => read(2, 0x61).text(10)).toThrow(/ends early/)
    expect(() => read(3, 0x61, 0x61, 0x61).text(2)).toThrow(/invalid text length: 3/)
    expect(() => read(2, 0xc3, 0x28).text(10)).toThrow(/not UTF-8/)
    expect(() => read(0xff, 0, 0, 0, 0, 0, 0, 0).u53()).toThrow(/2\^53/)
    expect(() => read(0x7f, 0x80, 0, 0).measure()).toThrow(/invalid measure: Infinity/)
    expect(read(0x7f, 0xc0, 0, 0).measure()).toBeNaN()
  })
})
