import { PassThrough } from 'node:stream'
import { setImmediate } from 'node:timers/promises'
import { expect, it } from 'vitest'
import { MediaFeed } from './media-feed.ts'

it('reads ahead up to its bound, then lets the writer wait', async () => {
  const input = new PassThrough({ highWaterMark: 10 })
  const feed = new MediaFeed(input, 100)
  const data = Uint8Array.from({ length: 1000 }, (_, i) => i & 0xff)
  let sent = 0
  const send = (): void => {
    while (sent < data.length) {
      const goesOn = input.write(data.subarray(sent, (sent += 10)))
      if (!goesOn) return void input.once('drain', send)
    }
    input.end()
  }
  send()
  const taken: Uint8Array[] = []
  while (!feed.isEnded) {
    await setImmediate()
    expect(feed.bytes).toBeLessThanOrEqual(110)
    taken.push(feed.take(33))
  }
  expect(Buffer.concat(taken).equals(data)).toBe(true)
})

it('ends with the error of what it reads', async () => {
  const input = new PassThrough()
  const feed = new MediaFeed(input, 100)
  input.write('abc')
  await setImmediate()
  input.destroy(new Error('unplugged'))
  await setImmediate()
  expect([feed.isLast, feed.isEnded, feed.error?.message]).toEqual([true, false, 'unplugged'])
  expect(Buffer.from(feed.take(10)).toString()).toBe('abc')
  expect(feed.isEnded).toBe(true)
})
