import type { ControlMessage } from './faults/network-filter.ts'
import type { LinkEnd } from './link-end.ts'
import { answered, asked, dropped } from './request-load.ts'

/** A message sets out; on the way, requests count as load of the receiver. */
export function onWire(end: LinkEnd, message: ControlMessage): ControlMessage {
  switch (message.type) {
    case 'request':
      asked(end)
      break
    case 'cancel':
      if (!end.peer!.findTransfer(message.requestId)) answered(end)
      break
    case 'busy':
      answered(end.peer!)
      break
    case 'choke':
      dropped(end.peer!)
      break
    default:
  }
  return message
}
