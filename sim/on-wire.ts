import type { ControlMessage } from './faults/network-filter.ts'
import type { LinkEnd } from './link-end.ts'
import { answered, asked, dropped } from './request-load.ts'

/** A message that says what it says now, whatever becomes of the sender's chunks. */
export const asOfNow = (message: ControlMessage): ControlMessage =>
  'chunks' in message ? { ...message, chunks: message.chunks.clone() } : message

/** What travels is what the message said when it was sent; on the way, requests count as load of the receiver. */
export function onWire(end: LinkEnd, message: ControlMessage): ControlMessage {
  switch (message.type) {
    case 'bitfield':
    case 'announce':
      return asOfNow(message)
    case 'request':
      asked(end)
      return message
    case 'cancel':
      if (!end.peer!.findTransfer(message.requestId)) answered(end)
      return message
    case 'busy':
      answered(end.peer!)
      return message
    case 'choke':
      dropped(end.peer!)
      return message
    default:
      return message
  }
}
