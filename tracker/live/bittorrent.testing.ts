import { createHash, randomBytes } from 'node:crypto'

/** A torrent of one file of random bytes, as BEP 3 has it. */
export interface TestTorrent {
  readonly name: string
  readonly content: Buffer
  readonly infoHash: string
  /** The .torrent file. */
  readonly metainfo: (announce: string) => Buffer
}

type Bencodable = number | string | Buffer | { readonly [key: string]: Bencodable }

function bencode(value: Bencodable): Buffer {
  if (typeof value === 'number') return Buffer.from(`i${value}e`)
  if (typeof value === 'string') return bencode(Buffer.from(value))
  if (Buffer.isBuffer(value)) return Buffer.concat([Buffer.from(`${value.length}:`), value])
  const entries = Object.keys(value)
    .sort()
    .flatMap((key) => [bencode(key), bencode(value[key])])
  return Buffer.concat([Buffer.from('d'), ...entries, Buffer.from('e')])
}

export function makeTorrent(bytes: number, pieceBytes = 256 * 1024): TestTorrent {
  const content = randomBytes(bytes)
  const pieces: Buffer[] = []
  for (let at = 0; at < bytes; at += pieceBytes)
    pieces.push(
      createHash('sha1')
        .update(content.subarray(at, at + pieceBytes))
        .digest(),
    )
  const name = 'content.bin'
  const info = { length: bytes, name, 'piece length': pieceBytes, pieces: Buffer.concat(pieces) }
  const infoHash = createHash('sha1').update(bencode(info)).digest('hex')
  return { name, content, infoHash, metainfo: (announce) => bencode({ announce, info }) }
}

/** Reads bencoded bytes; strings stay bytes in Latin-1. */
export function bdecode(bytes: Buffer): unknown {
  let at = 0
  const read = (): unknown => {
    const lead = String.fromCharCode(bytes[at])
    if (lead === 'i') {
      const end = bytes.indexOf('e', at)
      const value = Number(bytes.toString('latin1', at + 1, end))
      at = end + 1
      return value
    }
    if (lead === 'l' || lead === 'd') {
      at++
      const items: unknown[] = []
      while (bytes[at] !== 0x65) items.push(read())
      at++
      if (lead === 'l') return items
      return Object.fromEntries(items.flatMap((key, i) => (i % 2 === 0 ? [[key, items[i + 1]]] : [])))
    }
    const colon = bytes.indexOf(':', at)
    const length = Number(bytes.toString('latin1', at, colon))
    at = colon + 1 + length
    return bytes.toString('latin1', colon + 1, at)
  }
  const value = read()
  if (at !== bytes.length) throw new Error(`invalid bencoding: ${bytes.length - at} bytes left over`)
  return value
}
