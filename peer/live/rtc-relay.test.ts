import { createHash, randomBytes } from 'node:crypto'
import { buffer } from 'node:stream/consumers'
import { afterEach, expect, it } from 'vitest'
import { rtcClosed, RtcConnection } from './rtc-connection.ts'
import { type IceOptions, RTC_LIMITS } from './rtc-options.ts'
import { type RunningTurnServer, startTurnServer } from './turn-server.testing.ts'

const BYTES = 10_000_000
const sha1 = (data: Uint8Array): string => createHash('sha1').update(data).digest('hex')

let turn: RunningTurnServer | undefined
const made: RtcConnection[] = []
afterEach(async () => {
  for (const connection of made.splice(0)) connection.close()
  await rtcClosed()
  await turn?.stop()
  turn = undefined
})

it('peers that tell only of addresses on a TURN server talk through it', async (test) => {
  turn = await startTurnServer(test)
  const ice: IceOptions = { stun: [], turn: [turn.server], relayOnly: true, bindAddress: '127.0.0.1' }
  const one = RtcConnection.offer(ice)
  const offer = await one.description
  expect(offer.sdp.match(/typ \w+/g)).toEqual(['typ relay'])
  const two = RtcConnection.answer(offer.sdp, ice)
  made.push(one, two)
  one.accept((await two.description).sdp)
  const [there, here] = await Promise.all([one.opened, two.opened])
  const pairs = [one.candidatePair!, two.candidatePair!]
  expect(pairs).toEqual([
    { local: 'relay', remote: 'relay' },
    { local: 'relay', remote: 'relay' },
  ])
  const data = randomBytes(BYTES)
  const got = buffer(here)
  there.resume().end(data)
  expect(sha1(await got)).toBe(sha1(data))
  // The server reports every few thousand packets.
  expect(turn.relayedBytes()).toBeGreaterThan(BYTES / 2)
})

/** As if behind a NAT, in a home network where no relay can send to; the NAT lets nobody in. */
const behindNat = (sdp: string): string =>
  sdp
    .replace(/ 127\.0\.0\.1 \d+ typ host/, ' 192.168.77.77 9 typ host')
    .replace(/ 127\.0\.0\.1 \d+ typ srflx/, ' 127.0.0.3 9 typ srflx')

it('peers find each other through a relay that ends what is sent to private networks', async (test) => {
  turn = await startTurnServer(test)
  // Bound to an address of loopback the server can't send to any other, and gives up who asks it to.
  const ice: IceOptions = { stun: [], turn: [turn.server], bindAddress: '127.0.0.1' }
  const one = RtcConnection.offer(ice)
  const two = RtcConnection.answer(behindNat((await one.description).sdp), ice)
  made.push(one, two)
  one.accept(behindNat((await two.description).sdp))
  await Promise.all([one.opened, two.opened])
  expect([one.candidatePair!, two.candidatePair!].flatMap(({ local, remote }) => [local, remote])).toContain(
    'relay',
  )
})

it('a TURN server that refuses the password is of no help', async (test) => {
  turn = await startTurnServer(test)
  const ice: IceOptions = {
    stun: [],
    turn: [{ ...turn.server, password: 'wrong' }],
    relayOnly: true,
    bindAddress: '127.0.0.1',
  }
  const one = RtcConnection.offer(ice, { ...RTC_LIMITS, offerTimeoutMs: 5_000 })
  made.push(one)
  expect((await one.description).sdp).not.toContain('a=candidate')
})
