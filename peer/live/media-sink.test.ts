import { PassThrough } from 'node:stream'
import { setImmediate } from 'node:timers/promises'
import { expect, it } from 'vitest'
import { MediaSink } from './media-sink.ts'

const never = (): never => {
  throw new Error('the output is open')
}

it('hands media over in order, and resolves when all has left', async () => {
  const output = new PassThrough({ highWaterMark: 4 })
  const sink = new MediaSink(output, 1000, never)
  for (let i = 0; i < 20; i++) sink.write(Uint8Array.of(i, i, i))
  expect(sink.waitingBytes).toBeGreaterThan(0)
  const parts: Buffer[] = []
  output.on('data', (part: Buffer) => parts.push(part))
  await sink.end()
  await setImmediate()
  expect([...Buffer.concat(parts)]).toEqual(Array.from({ length: 60 }, (_, i) => Math.floor(i / 3)))
  expect([sink.writtenBytes, sink.droppedBytes, output.writable]).toEqual([60, 0, true])
})

it('keeps the newest within its bound where nobody reads', async () => {
  const output = new PassThrough({ highWaterMark: 1 })
  const sink = new MediaSink(output, 10, never)
  for (let i = 0; i < 100; i++) {
    sink.write(Uint8Array.of(i))
    expect(sink.waitingBytes).toBeLessThanOrEqual(10)
  }
  const parts: Buffer[] = []
  output.on('data', (part: Buffer) => parts.push(part))
  await sink.end()
  await setImmediate()
  const read = [...Buffer.concat(parts)]
  expect(read.slice(-10)).toEqual([90, 91, 92, 93, 94, 95, 96, 97, 98, 99])
  expect(read.length + sink.droppedBytes).toBe(100)
})

it('says once that nobody reads any more, and ends', async () => {
  const output = new PassThrough({ highWaterMark: 1 })
  let closed = 0
  const sink = new MediaSink(output, 10, () => closed++)
  sink.write(Uint8Array.of(1, 2))
  sink.write(Uint8Array.of(3, 4))
  const ended = sink.end()
  output.destroy(new Error('broken pipe'))
  await ended
  sink.write(Uint8Array.of(5))
  expect([closed, sink.waitingBytes]).toEqual([1, 0])
})
