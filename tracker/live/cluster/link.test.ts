import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { ShardDownError } from './errors.ts'
import { FrameSocket } from './frame-socket.ts'
import { ANSWER, ASKED, Link, socketOf } from './link.ts'

/** Long, but for who waits for it. */
const TIMEOUT_MS = 5000

let folder: string
let link: Link
let server: Server
/** What the other end has been asked, by number, and whether it answers. */
let heard: number[]
let isAnswering: boolean
let far: FrameSocket | undefined

const listen = (): Promise<void> =>
  new Promise((resolve) => {
    server = createServer()
    server.on('upgrade', (_request, stream) => {
      stream.write('HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n')
      far = new FrameSocket(
        stream,
        (_kind, id, body) => {
          heard.push(id)
          if (isAnswering) far?.send(ANSWER, id, body)
        },
        () => undefined,
      )
    })
    server.listen(socketOf(folder, 1), resolve)
  })

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'seedbed-link-'))
  heard = []
  isAnswering = false
  await listen()
})
afterEach(() => {
  link.close()
  far?.destroy()
  server.close()
  rmSync(folder, { recursive: true })
})

async function connect(timeoutMs = TIMEOUT_MS): Promise<void> {
  const place = { index: 0, count: 2, folder, secret: randomBytes(32), startedMs: 0, isReplacement: false }
  await new Promise<void>((resolve) => {
    link = new Link(place, 1, { push: () => undefined, up: resolve }, timeoutMs)
    link.dial()
  })
}

const ask = (): Promise<string> =>
  new Promise((resolve, reject) => {
    link.ask(ASKED.call, 'question', 'utf8', (error, body) =>
      error ? reject(error) : resolve(body.toString()),
    )
  })

it('gives up on an end that does not answer, asks it nothing more, and goes on when it is heard again', async () => {
  await connect(50)
  const asked = await Promise.allSettled([ask(), ask()])
  expect(asked.map(({ status }) => status)).toEqual(['rejected', 'rejected'])
  expect(link.isUp).toBe(false)
  expect(heard).toEqual([1, 2])
  await expect(ask()).rejects.toThrow(ShardDownError)
  // What needs no answer is still said.
  link.tell(ASKED.call, 'notice', 'utf8')
  await expect.poll(() => heard).toEqual([1, 2, 0])
  isAnswering = true
  far!.send(ANSWER, 1, 'late')
  await expect.poll(() => link.isUp).toBe(true)
  expect(await ask()).toBe('question')
})

it('tells everybody at once when the other end is gone, and dials until it is back', async () => {
  await connect()
  const asked = Promise.allSettled([ask(), ask()])
  await expect.poll(() => heard.length).toBe(2)
  far!.destroy()
  server.close()
  for (const one of await asked) expect(one).toMatchObject({ reason: expect.any(ShardDownError) as unknown })
  await expect(ask()).rejects.toThrow('is starting again')
  rmSync(socketOf(folder, 1), { force: true })
  isAnswering = true
  await listen()
  await expect.poll(() => link.isUp).toBe(true)
  expect(await ask()).toBe('question')
})
