import type { Link } from '../ports/network.ts'
import type { KnownPeer } from './known-peer.ts'

/** The other end of a link whose handshake is done. */
export class Neighbour {
  readonly link: Link
  readonly known: KnownPeer
  /** Whether the other side opened the link. */
  readonly incoming: boolean
  /** Its row in the table of held chunks; chunks that this peer held first may be missing there. */
  row = -1
  bitfieldHeard = false
  /** This peer wants something that the other side holds. */
  interesting = false
  /** The other side wants something that this peer holds. */
  interested = false
  /** The other side takes no requests from this peer. */
  chokedByIt = true
  /** This peer takes no requests from the other side. */
  choked = true
  /** When the other side was unchoked, or became interested while it waits. */
  chokeChangedMs = 0
  /** Own requests under way at the other side. */
  inflight = 0
  /** Its requests that wait here or are being served. */
  uploads = 0

  constructor(link: Link, known: KnownPeer, incoming: boolean) {
    this.link = link
    this.known = known
    this.incoming = incoming
  }
}
