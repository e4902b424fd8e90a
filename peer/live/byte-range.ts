/** Bytes from `start` up to, not including, `end`. */
export interface ByteRange {
  readonly start: number
  readonly end: number
}

/**
 * Reads the Range header of a request (RFC 9110, section 14): the range to send, cut to what there is; `whole` where there is
 * no header, or one that a server may ignore (several ranges, another unit, not valid); `unsatisfiable` for status 416.
 */
export function parseRange(
  header: string | undefined,
  totalBytes: number,
): ByteRange | 'whole' | 'unsatisfiable' {
  const match = /^bytes[ \t]*=[ \t]*(\d*)-(\d*)[ \t]*$/i.exec(header ?? '')
  if (!match) return 'whole'
  const [, first, last] = match
  if (first === '' && last === '') return 'whole'
  if (first === '') {
    const suffix = Number(last)
    return suffix === 0 || totalBytes === 0
      ? 'unsatisfiable'
      : { start: Math.max(0, totalBytes - suffix), end: totalBytes }
  }
  const start = Number(first)
  if (last !== '' && Number(last) < start) return 'whole'
  if (start >= totalBytes) return 'unsatisfiable'
  return { start, end: last === '' ? totalBytes : Math.min(totalBytes, Number(last) + 1) }
}
