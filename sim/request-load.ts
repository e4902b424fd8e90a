import type { LinkEnd } from './link-end.ts'

// Requests that a host has been sent and has not answered: what the oracle knows and no peer can. Counted per link from
// the requester's end, so that a link that goes takes its requests along.

/** A request leaves this end. */
export function asked(requester: LinkEnd): void {
  requester.pendingRequests++
  requester.peer!.network.host.pendingRequests++
}

/** The other side answers a request of this end, or this end withdraws it. */
export function answered(requester: LinkEnd): void {
  if (requester.pendingRequests === 0) return
  requester.pendingRequests--
  requester.peer!.network.host.pendingRequests--
}

/** No request of this end is waiting any more: the other side has dropped them, or the link is gone. */
export function dropped(requester: LinkEnd): void {
  const { peer } = requester
  if (peer) peer.network.host.pendingRequests -= requester.pendingRequests
  requester.pendingRequests = 0
}
