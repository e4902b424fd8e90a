import type { Link } from '../ports/network.ts'
import type { KnownPeer } from './known-peer.ts'

/** The other end of a link whose handshake is done. What every choice looks at is in the neighbour table. */
export class Neighbour {
  readonly link: Link
  /** Its row in the tables of what is kept of all neighbours; -1 once it has left. */
  row = -1
  readonly isOrigin: boolean
  readonly known: KnownPeer
  /** Whether the other side opened the link. */
  readonly incoming: boolean
  bitfieldHeard = false
  /** The other side wants something that this peer holds. */
  interested = false
  /** This peer takes no requests from the other side. */
  choked = true
  /** When it was unchoked last, counted in neighbours unchoked before. */
  turn = -1
  /** Its requests that wait here or are being served. */
  uploads = 0

  constructor(link: Link, known: KnownPeer, incoming: boolean) {
    this.link = link
    this.known = known
    this.isOrigin = known.isOrigin
    this.incoming = incoming
  }
}
