import fc from 'fast-check'
import { afterAll, expect, it } from 'vitest'
import { RtcError } from './errors.ts'
import { rtcClosed, RtcConnection, rtcConnectionCount } from './rtc-connection.ts'
import type { IceOptions } from './rtc-options.ts'

const DIRECT: IceOptions = { stun: [], turn: [], bindAddress: '127.0.0.1' }

afterAll(() => rtcClosed())

type Edit = { readonly at: number; readonly with: string; readonly cut: number }

const edits: fc.Arbitrary<Edit[]> = fc.array(
  fc.record({
    at: fc.double({ min: 0, max: 1, noNaN: true }),
    with: fc.oneof(
      fc.string({ maxLength: 20 }),
      fc.constantFrom(
        '\r\n',
        'm=audio 9 RTP/AVP 0\r\n',
        'a=candidate:',
        '4294967296',
        '-1',
        '\0',
        'a=setup:active\r\n',
      ),
    ),
    cut: fc.nat(60),
  }),
  { minLength: 1, maxLength: 6 },
)

const apply = (text: string, list: readonly Edit[]): string =>
  list.reduce((edited, { at, with: put, cut }) => {
    const from = Math.floor(at * edited.length)
    return edited.slice(0, from) + put + edited.slice(from + cut)
  }, text)

/** Whether a call went well, or failed with an error for the user. */
function isHandled(call: () => RtcConnection): boolean {
  try {
    call().close()
    return true
  } catch (error) {
    return error instanceof RtcError
  }
}

it('offers that were tampered with are answered or refused', async () => {
  const real = RtcConnection.offer(DIRECT)
  const { sdp } = await real.description
  real.close()
  fc.assert(
    fc.property(edits, (list) => isHandled(() => RtcConnection.answer(apply(sdp, list), DIRECT))),
    { numRuns: 300 },
  )
  expect(rtcConnectionCount()).toBe(0)
})

it('answers that were tampered with are taken or refused', async () => {
  const one = RtcConnection.offer(DIRECT)
  const two = RtcConnection.answer((await one.description).sdp, DIRECT)
  const { sdp } = await two.description
  one.close()
  two.close()
  await fc.assert(
    fc.asyncProperty(edits, async (list) => {
      const offering = RtcConnection.offer(DIRECT)
      await offering.description
      return isHandled(() => {
        offering.accept(apply(sdp, list))
        return offering
      })
    }),
    { numRuns: 100 },
  )
  expect(rtcConnectionCount()).toBe(0)
})
