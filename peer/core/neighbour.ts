import type { Link } from '../ports/network.ts'
import type { KnownPeer } from './known-peer.ts'

/** The other end of a link whose handshake is done. The fields that every choice looks at come first. */
export class Neighbour {
  readonly link: Link
  /** Its row in the table of held chunks, where chunks that this peer held first may be missing, and in the figures. */
  row = -1
  /** This peer wants something that the other side holds. */
  interesting = false
  /** The other side takes no requests from this peer. */
  chokedByIt = true
  /** Own requests under way at the other side. */
  inflight = 0
  readonly isOrigin: boolean
  readonly known: KnownPeer
  /** Whether the other side opened the link. */
  readonly incoming: boolean
  bitfieldHeard = false
  /** The other side wants something that this peer holds. */
  interested = false
  /** This peer takes no requests from the other side. */
  choked = true
  /** Its requests that wait here or are being served. */
  uploads = 0

  constructor(link: Link, known: KnownPeer, incoming: boolean) {
    this.link = link
    this.known = known
    this.isOrigin = known.isOrigin
    this.incoming = incoming
  }
}
