/** Reads a response body of at most `limitBytes`. Rejects with a RangeError where it is longer. */
export async function readBounded(
  response: { readonly body: unknown },
  limitBytes: number,
): Promise<Uint8Array> {
  const parts: Uint8Array[] = []
  let bytes = 0
  if (!response.body) return new Uint8Array()
  for await (const part of response.body as AsyncIterable<Uint8Array>) {
    bytes += part.length
    if (bytes > limitBytes) throw new RangeError(`response of more than ${limitBytes} bytes`)
    parts.push(part)
  }
  return Buffer.concat(parts)
}
