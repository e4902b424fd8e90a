import { PEER_ID_BYTES, type PeerId } from '../protocol/ids.ts'
import type { Random } from '../ports/random.ts'

/** Client name and version in peer ids (BEP 20). */
const CLIENT = Buffer.from('-SB0100-')

/** A new peer id: this client's name, and what `random` draws. */
export function drawPeerId(random: Random): PeerId {
  const drawn = Array.from({ length: PEER_ID_BYTES - CLIENT.length }, () => random.below(256))
  return Buffer.concat([CLIENT, Buffer.from(drawn)]).toString('hex')
}
