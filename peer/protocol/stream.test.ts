import { describe, expect, it } from 'vitest'
import { ProtocolError } from './errors.ts'
import { canonicalStream, chunkIntervalMs, parseStream, signedPrefix } from './stream.ts'

const stream = {
  contentId: 'ab'.repeat(32),
  name: 'news',
  chunkBytes: 2048,
  rateBps: 51_200,
  publicKey: 'cd'.repeat(32),
}

describe('stream manifest', () => {
  it('is read as it was written, and refused where a field is off', () => {
    expect(parseStream(JSON.parse(JSON.stringify(stream)))).toEqual(stream)
    for (const wrong of [
      null,
      { ...stream, contentId: 'ab' },
      { ...stream, name: '' },
      { ...stream, chunkBytes: 0 },
      { ...stream, chunkBytes: 16 * 1024 * 1024 },
      { ...stream, rateBps: 0 },
      { ...stream, rateBps: Infinity },
      { ...stream, publicKey: 'xyz' },
    ])
      expect(() => parseStream(wrong)).toThrow(ProtocolError)
  })

  it('emits 25 chunks of 2,048 bytes a second at about 400 kbit/s', () => {
    expect(chunkIntervalMs(stream)).toBe(40)
  })

  it('names everything that a viewer relies on in the text that its id is the hash of', () => {
    expect(canonicalStream(stream)).toBe(`seedbed-stream-1\n"news"\n2048\n51200\n${'cd'.repeat(32)}\n`)
  })

  it('signs the stream and the full number, not only its low bits', () => {
    const [low, high] = [signedPrefix(stream.contentId, 7), signedPrefix(stream.contentId, 7 + 65_536)]
    expect(low).toHaveLength(40)
    expect([...low.subarray(0, 2), low[39]]).toEqual([0xab, 0xab, 7])
    expect(high).not.toEqual(low)
  })
})
