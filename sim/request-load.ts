import { DOWN, type LinkEnd } from './link-end.ts'

// Requests that a host has been sent and has not answered: what the oracle knows and no peer can. Counted per link from
// the requester's end, so that a link that goes takes its requests along.

/** A request leaves this end. */
export function asked(requester: LinkEnd): void {
  count(requester, 1)
}

/** The other side answers a request of this end, or this end withdraws it. */
export function answered(requester: LinkEnd): void {
  if (pendingOf(requester) > 0) count(requester, -1)
}

/** No request of this end is waiting any more: the other side has dropped them, or the link is about to go. */
export function dropped(requester: LinkEnd): void {
  const pending = pendingOf(requester)
  if (pending > 0) count(requester, -pending)
}

const pendingOf = ({ state, records, slot }: LinkEnd): number =>
  state === DOWN ? 0 : records.pendingRequests(slot)

function count(requester: LinkEnd, change: number): void {
  const { slot, network } = requester
  const { links, hosts } = network.fabric
  links.countRequests(slot, change)
  hosts.countRequests(requester.otherIndex, change)
}
