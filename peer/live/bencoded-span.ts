const LEAD = { integer: 0x69, list: 0x6c, dictionary: 0x64, end: 0x65, colon: 0x3a } as const

/**
 * The bytes of one entry of a bencoded dictionary just as they stand there: a hash of them is not to depend on how they
 * would be written again. Undefined where there is no such entry.
 */
export function entrySpan(bytes: Uint8Array, key: string): Uint8Array | undefined {
  if (bytes[0] !== LEAD.dictionary) return undefined
  const wanted = Buffer.from(`${Buffer.byteLength(key)}:${key}`)
  for (let at = 1; at < bytes.length && bytes[at] !== LEAD.end;) {
    const valueAt = endOf(bytes, at)
    const end = endOf(bytes, valueAt)
    if (end > bytes.length) return undefined
    if (wanted.equals(bytes.subarray(at, valueAt))) return bytes.subarray(valueAt, end)
    at = end
  }
  return undefined
}

/** Where the value at a position ends; behind the end of the bytes where it is none. */
function endOf(bytes: Uint8Array, from: number): number {
  let at = from
  let depth = 0
  do {
    const lead = bytes[at]
    if (lead === LEAD.list || lead === LEAD.dictionary) {
      depth++
      at++
    } else if (lead === LEAD.end) {
      depth--
      at++
    } else if (lead === LEAD.integer) {
      const end = bytes.indexOf(LEAD.end, at)
      at = end < 0 ? Infinity : end + 1
    } else {
      const colon = bytes.indexOf(LEAD.colon, at)
      const length = colon < 0 ? NaN : Number(Buffer.from(bytes.subarray(at, colon)).toString('latin1'))
      at = Number.isInteger(length) && length >= 0 ? colon + 1 + length : Infinity
    }
  } while (depth > 0 && at < bytes.length)
  return at
}
