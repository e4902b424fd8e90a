import type { ControlMessage } from './faults/network-filter.ts'
import { type LinkEnd, UP } from './link-end.ts'
import { onWire } from './on-wire.ts'

/** A control message comes to the end of a link. */
export function deliver(end: LinkEnd, message: ControlMessage): void {
  if (end.state !== UP) return
  // What is asked of the node does not depend on what it knows of others.
  if (message.type !== 'request' && message.type !== 'cancel') {
    end.network.catchUp()
    if (end.state !== UP) return
  }
  end.handler.message(end, message)
}

interface CheckedMessage {
  readonly message: ControlMessage
  readonly sentMs: number
  readonly oneWayMs: number
  readonly number: number
}

/** What travels where every message is checked. */
export function check(end: LinkEnd, message: ControlMessage): CheckedMessage {
  const { oneWayMs, network } = end
  return {
    message: onWire(end, message),
    sentMs: network.fabric.kernel.nowMs,
    oneWayMs,
    number: end.sentCount++,
  }
}

/** The same as `deliver` at the other end, once it is clear that the message may come now. */
export function deliverChecked(sender: LinkEnd, checked: CheckedMessage): void {
  const { message, sentMs, oneWayMs, number } = checked
  const { fabric, host } = sender.network
  const tookMs = fabric.kernel.nowMs - sentMs
  if (number !== sender.arrivedCount++)
    fabric.audit.violate(
      'messages of a link arrive in order',
      `message ${number} (${message.type}) of ${host.address} to ${sender.remote} out of order`,
    )
  // Times are sums of doubles: the last digits are not exact.
  if (tookMs < oneWayMs - 1e-6)
    fabric.audit.violate(
      'no delivery before send + transmission + propagation',
      `${message.type} from ${host.address} to ${sender.remote} took ${tookMs} ms`,
    )
  deliver(sender.peer!, message)
}
