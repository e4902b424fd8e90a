import { once } from 'node:events'
import { createHash, randomBytes } from 'node:crypto'
import { buffer } from 'node:stream/consumers'
import { PeerConnection } from 'node-datachannel'
import { afterEach, describe, expect, it } from 'vitest'
import { rtcClosed, RtcConnection, rtcConnectionCount } from './rtc-connection.ts'
import { type IceOptions, RTC_LIMITS, type RtcLimits } from './rtc-options.ts'
import type { RtcStream } from './rtc-stream.ts'

const DIRECT: IceOptions = { stun: [], turn: [], bindAddress: '127.0.0.1' }

const made: RtcConnection[] = []
afterEach(async () => {
  for (const connection of made.splice(0)) connection.close()
  await rtcClosed()
  expect(rtcConnectionCount()).toBe(0)
})

interface Pair {
  readonly connections: readonly [RtcConnection, RtcConnection]
  readonly streams: readonly [RtcStream, RtcStream]
}

async function pair(limits: Partial<RtcLimits> = {}, ice: IceOptions = DIRECT): Promise<Pair> {
  const all = { ...RTC_LIMITS, ...limits }
  const one = RtcConnection.offer(ice, all)
  const two = RtcConnection.answer((await one.description).sdp, ice, all)
  made.push(one, two)
  one.accept((await two.description).sdp)
  const streams = await Promise.all([one.opened, two.opened])
  return { connections: [one, two], streams }
}

const sha1 = (data: Uint8Array): string => createHash('sha1').update(data).digest('hex')

describe('two WebRTC connections', () => {
  it('carry bytes both ways, in writes of any size, and close when both have been read', async () => {
    const {
      connections,
      streams: [one, two],
    } = await pair()
    expect(one.remote).toMatch(/^127\.0\.0\.1:\d+$/)
    const there = randomBytes(20_000_000)
    const back = randomBytes(300_000)
    const [gotThere, gotBack] = [buffer(two), buffer(one)]
    for (const at of [0, 1, 2, 5, 100, 20_000]) two.write(back.subarray(at, nextOf(at)))
    two.write(back.subarray(100_000))
    for (let at = 0; at < there.length; at += 1_000_000)
      if (!one.write(there.subarray(at, at + 1_000_000))) await once(one, 'drain')
    one.end()
    expect(sha1(await gotThere)).toBe(sha1(there))
    expect(sha1(await gotBack)).toBe(sha1(back))
    await Promise.all(connections.map(({ closed }) => closed))
  })

  it('make a writer wait while the other side is slow to take', async () => {
    const limits = { sendBufferBytes: 128 * 1024, resumeBytes: 32 * 1024 }
    const {
      streams: [one, two],
    } = await pair(limits)
    const data = randomBytes(16_000)
    let waits = 0
    const got = buffer(two)
    for (let i = 0; i < 500; i++)
      if (!one.write(data)) {
        waits++
        await once(one, 'drain')
        expect(one.writableLength).toBe(0)
      }
    one.end()
    expect((await got).length).toBe(500 * data.length)
    expect(waits).toBeGreaterThan(0)
  })

  it('cut a stream that nobody reads', async () => {
    const {
      streams: [one, two],
    } = await pair({ unreadBytes: 1_000_000 })
    const failed = once(two, 'error')
    const closed = once(one.resume(), 'close')
    one.write(randomBytes(3_000_000))
    const [error] = (await failed) as [Error]
    expect(error).toMatchObject({ code: 'E_RTC_UNREAD' })
    await closed
  })

  it('tell one that the other is gone', async () => {
    const {
      connections: [, gone],
      streams: [one],
    } = await pair()
    one.resume()
    gone.close()
    await once(one, 'close')
    expect(one.destroyed).toBe(true)
  })

  it('are rid of within their time where the other side never closes', async () => {
    const silent = new PeerConnection('silent', { iceServers: [] })
    const described = new Promise<string>((resolve) =>
      silent.onGatheringStateChange(
        (state) => state === 'complete' && resolve(silent.localDescription()!.sdp),
      ),
    )
    const one = RtcConnection.offer(DIRECT, { ...RTC_LIMITS, lingerMs: 200 })
    made.push(one)
    silent.setRemoteDescription((await one.description).sdp, 'offer')
    one.accept(await described)
    const stream = await one.opened
    stream.resume().end('last words')
    await one.closed
    silent.close()
  })
})

const nextOf = (at: number): number => ({ 0: 1, 1: 2, 2: 5, 5: 100, 100: 20_000 })[at] ?? 100_000

describe('a WebRTC connection that can not be', () => {
  it('says so when nobody answers', async () => {
    const one = RtcConnection.offer(DIRECT, { ...RTC_LIMITS, offerTimeoutMs: 20 })
    await expect(one.opened).rejects.toThrow('no WebRTC connection: nobody has answered the offer')
  })

  it('says so when the other side is never reached', async () => {
    const limits = { ...RTC_LIMITS, connectTimeoutMs: 100 }
    const one = RtcConnection.offer(DIRECT, limits)
    const two = RtcConnection.answer((await one.description).sdp, DIRECT, limits)
    const { sdp } = await two.description
    two.close()
    one.accept(sdp)
    await expect(one.opened).rejects.toThrow('no way to the other side was found in time')
    await expect(two.opened).rejects.toMatchObject({ code: 'E_RTC_UNCONNECTED' })
  })

  it('says so when a description can not be read', async () => {
    expect(() => RtcConnection.answer('v=0\r\n', DIRECT)).toThrow("invalid offer: it can't be read")
    const one = RtcConnection.offer(DIRECT)
    await one.description
    expect(() => one.accept('nonsense')).toThrow("invalid answer: it can't be read")
    await expect(one.opened).rejects.toThrow("the answer can't be read")
  })
})

it('memory stays flat over many connections', { timeout: 60_000 }, async () => {
  const batch = async (): Promise<void> => {
    const pairs = await Promise.all(Array.from({ length: 12 }, () => pair()))
    for (const { streams } of pairs) {
      streams[1].resume()
      streams[0].resume().end(Buffer.alloc(100_000))
    }
    await Promise.all(pairs.flatMap(({ connections }) => connections.map(({ closed }) => closed)))
    made.length = 0
  }
  await batch()
  await batch()
  const beforeBytes = process.memoryUsage().rss
  for (let i = 0; i < 4; i++) await batch()
  expect(rtcConnectionCount()).toBe(0)
  expect(process.memoryUsage().rss - beforeBytes).toBeLessThan(20e6)
})
