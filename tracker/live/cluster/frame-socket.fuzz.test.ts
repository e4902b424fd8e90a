import { once } from 'node:events'
import { connect, createServer, type AddressInfo, type Socket } from 'node:net'
import { PassThrough } from 'node:stream'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { FrameSocket } from './frame-socket.ts'

type Frame = [kind: number, id: number, body: string]

const frame = fc.tuple(
  fc.nat(255),
  fc.nat(2 ** 32 - 1),
  fc.oneof(fc.string(), fc.string({ minLength: 5000, maxLength: 40_000 })),
)

it('frames arrive as they were sent, however the bytes between are cut', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(frame, { maxLength: 20 }),
      fc.array(fc.integer({ min: 1, max: 9000 })),
      async (frames, cuts) => {
        const wire = new PassThrough()
        const sent: Buffer[] = []
        wire.on('data', (data: Buffer) => sent.push(data))
        const sender = new FrameSocket(
          wire,
          () => undefined,
          () => undefined,
        )
        for (const [kind, id, body] of frames) sender.send(kind, id, body, 'utf8')
        sender.end()
        await once(wire, 'end')
        const bytes = Buffer.concat(sent)
        const heard: Frame[] = []
        const receiving = new PassThrough()
        const receiver = new FrameSocket(
          receiving,
          (kind, id, body) => heard.push([kind, id, body.toString('utf8')]),
          () => undefined,
        )
        for (let at = 0, n = 0; at < bytes.length; n++) {
          const end = at + (cuts[n] ?? bytes.length)
          receiving.write(bytes.subarray(at, end))
          at = end
        }
        receiving.end()
        await once(receiving, 'end')
        receiver.destroy()
        expect(heard).toEqual(frames)
      },
    ),
    { numRuns: 60 },
  )
})

/** Both ends of a connection. */
async function pair(): Promise<[Socket, Socket]> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const accepted = once(server, 'connection') as Promise<[Socket]>
  const near = connect((server.address() as AddressInfo).port, '127.0.0.1')
  const [far] = await accepted
  server.close()
  return [near, far]
}

it('ends where a frame says that it is longer than any may be', async () => {
  const [near, far] = await pair()
  const ended = new Promise<void>((resolve) => {
    new FrameSocket(far, () => undefined, resolve)
  })
  near.on('error', () => undefined).write(Buffer.from('ffffffff0300000001', 'hex'))
  await ended
  near.destroy()
})

it('ends where nobody reads, and holds no more than a bound until then', async () => {
  const [near, far] = await pair()
  far.pause()
  let isEnded = false
  const sender = new FrameSocket(
    near,
    () => undefined,
    () => (isEnded = true),
  )
  const body = Buffer.alloc(1024 * 1024)
  let sent = 0
  while (!isEnded) {
    sender.send(3, 1, body)
    sent++
    await new Promise((resolve) => setImmediate(resolve))
  }
  expect(sent).toBeLessThan(100)
  far.destroy()
})
