import { bounded } from './chunk-set-codec.ts'
import { type Address, DIGEST_BYTES } from './ids.ts'
import { LIMITS } from './limits.ts'
import { QUERY_ID_BYTES, type SearchMessage, type SearchMessageType } from './search-messages.ts'
import { textBytes, type WireReader, type WireWriter } from './wire.ts'

// Bodies of the frames that neighbours search with; codec.ts writes what stands around them.

/** Bytes of a message's fields. */
export function searchBodyBytes(m: SearchMessage): number {
  switch (m.type) {
    case 'query':
      return QUERY_ID_BYTES + DIGEST_BYTES + 1
    case 'hit':
      return QUERY_ID_BYTES + addressesBytes(m.addresses)
    case 'neighbours':
      return addressesBytes(m.addresses)
  }
}

const addressesBytes = (addresses: readonly Address[]): number =>
  addresses.reduce((bytes, address) => bytes + textBytes(address), 1)

/** Writes the fields. Throws ProtocolError where one exceeds its limit. */
export function writeSearchBody(out: WireWriter, m: SearchMessage): void {
  switch (m.type) {
    case 'query':
      out.hex(m.queryId, QUERY_ID_BYTES)
      out.contentId(m.contentId)
      return out.u8(ttl(m.ttl))
    case 'hit':
      out.hex(m.queryId, QUERY_ID_BYTES)
      return writeAddresses(out, m.addresses)
    case 'neighbours':
      return writeAddresses(out, m.addresses)
  }
}

function writeAddresses(out: WireWriter, addresses: readonly Address[]): void {
  out.u8(bounded(addresses.length, 0, LIMITS.addressesPerMessage, 'number of addresses'))
  for (const address of addresses) out.text(address, LIMITS.addressBytes)
}

/** Reads what `writeSearchBody` wrote. Throws ProtocolError. */
export function readSearchBody(input: WireReader, type: SearchMessageType): SearchMessage {
  switch (type) {
    case 'query':
      return { type, queryId: input.hex(QUERY_ID_BYTES), contentId: input.contentId(), ttl: ttl(input.u8()) }
    case 'hit':
      return { type, queryId: input.hex(QUERY_ID_BYTES), addresses: readAddresses(input) }
    case 'neighbours':
      return { type, addresses: readAddresses(input) }
  }
}

function readAddresses(input: WireReader): Address[] {
  const count = bounded(input.u8(), 0, LIMITS.addressesPerMessage, 'number of addresses')
  return Array.from({ length: count }, () => input.text(LIMITS.addressBytes))
}

const ttl = (value: number): number => bounded(value, 1, LIMITS.queryTtl, 'ttl')
