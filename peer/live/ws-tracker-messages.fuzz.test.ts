import fc from 'fast-check'
import { expect, it } from 'vitest'
import { fuzz } from '../../tools/testing/fuzz-cases.ts'
import { ProtocolError } from '../protocol/errors.ts'
import { binaryString, parseWsTrackerMessage } from './ws-tracker-messages.ts'

const hex20 = fc
  .uint8Array({ minLength: 20, maxLength: 20 })
  .map((bytes) => Buffer.from(bytes).toString('hex'))

it('what a tracker relays is read as it was sent', () => {
  fc.assert(
    fc.property(
      hex20,
      hex20,
      hex20,
      fc.string(),
      fc.constantFrom('offer' as const, 'answer' as const),
      (infoHash, peerId, offerId, sdp, kind) => {
        const message = {
          action: 'announce',
          info_hash: binaryString(infoHash),
          peer_id: binaryString(peerId),
          offer_id: binaryString(offerId),
          [kind]: { type: kind, sdp },
        }
        const read = parseWsTrackerMessage(JSON.stringify(message))
        expect(read).toEqual({ kind, infoHash, peerId, offerId: binaryString(offerId), sdp })
      },
    ),
  )
})

it('no message makes the parser fail but with a ProtocolError', async () => {
  const part = fc.oneof(fc.jsonValue(), fc.string({ minLength: 20, maxLength: 20 }))
  const text = fc.oneof(
    fc.string(),
    fc.json(),
    fc
      .record(
        {
          action: fc.constantFrom('announce', 'scrape', 'x'),
          info_hash: part,
          peer_id: part,
          offer_id: part,
          offer: fc.oneof(part, fc.record({ type: part, sdp: part })),
          answer: fc.oneof(part, fc.record({ type: part, sdp: part })),
          interval: part,
          complete: part,
          'failure reason': part,
        },
        { requiredKeys: [] },
      )
      .map((value) => JSON.stringify(value)),
  )
  await fuzz(
    fc.property(text, (message) => {
      try {
        parseWsTrackerMessage(message)
        return true
      } catch (error) {
        return error instanceof ProtocolError
      }
    }),
    2000,
  )
})
