import type { ControlMessage } from './faults/network-filter.ts'
import type { LinkEnd } from './link-end.ts'
import { answered, asked, dropped } from './request-load.ts'

/** What travels is what the message said when it was sent; on the way, requests count as load of the receiver. */
export function onWire(end: LinkEnd, message: ControlMessage): ControlMessage {
  switch (message.type) {
    case 'bitfield':
    case 'announce':
      return { ...message, chunks: message.chunks.clone() }
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
