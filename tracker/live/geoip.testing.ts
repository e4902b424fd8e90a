import { ipBytes } from './compact-endpoint.ts'

type Value = string | number | { readonly [key: string]: Value }

const MARKER = Buffer.from('\xab\xcd\xefMaxMind.com', 'latin1')

/** A database in MaxMind's format (2.0, IPv6 tree, records of 32 bits) of networks such as `192.0.2.0/24` and what it says of each. */
export function makeMmdb(networks: Readonly<Record<string, Value>>): Buffer {
  const nodes: [number | Buffer | null, number | Buffer | null][] = [[null, null]]
  for (const [network, value] of Object.entries(networks)) insert(nodes, network, encode(value))
  const data: Buffer[] = []
  let dataBytes = 0
  const tree = Buffer.alloc(nodes.length * 8)
  nodes.forEach((sides, node) =>
    sides.forEach((side, i) => {
      let record = nodes.length
      if (typeof side === 'number') record = side
      else if (side) {
        record = nodes.length + 16 + dataBytes
        data.push(side)
        dataBytes += side.length
      }
      tree.writeUInt32BE(record, node * 8 + i * 4)
    }),
  )
  const metadata = encode({
    ...{ node_count: nodes.length, record_size: 32, ip_version: 6, database_type: 'Test' },
    ...{ binary_format_major_version: 2, binary_format_minor_version: 0, build_epoch: 0 },
  })
  return Buffer.concat([tree, Buffer.alloc(16), ...data, MARKER, metadata])
}

function insert(
  nodes: [number | Buffer | null, number | Buffer | null][],
  network: string,
  value: Buffer,
): void {
  const [host, length] = network.split('/')
  const own = ipBytes(host)
  const isFour = own.length === 4
  const bytes = Buffer.concat([Buffer.alloc(16 - own.length), own])
  const bits = Number(length) + (isFour ? 96 : 0)
  let node = 0
  for (let bit = 0; bit < bits; bit++) {
    const side = (bytes[bit >> 3] >> (7 - (bit & 7))) & 1
    if (bit === bits - 1) nodes[node][side] = value
    else {
      if (typeof nodes[node][side] !== 'number') nodes[node][side] = nodes.push([null, null]) - 1
      node = nodes[node][side] as number
    }
  }
}

/** Types 2 (text), 3 (double), 6 (whole number) and 7 (map). */
function encode(value: Value): Buffer {
  if (typeof value === 'string') {
    const text = Buffer.from(value, 'utf8')
    return Buffer.concat([control(2, text.length), text])
  }
  if (typeof value === 'number') {
    if (!Number.isInteger(value) || value < 0) {
      const double = Buffer.alloc(8)
      double.writeDoubleBE(value)
      return Buffer.concat([control(3, 8), double])
    }
    const whole = Buffer.alloc(4)
    whole.writeUInt32BE(value)
    return Buffer.concat([control(6, 4), whole])
  }
  const entries = Object.entries(value)
  return Buffer.concat([
    control(7, entries.length),
    ...entries.flatMap(([key, item]) => [encode(key), encode(item)]),
  ])
}

function control(type: number, size: number): Buffer {
  if (size < 29) return Buffer.from([(type << 5) | size])
  return Buffer.from([(type << 5) | 29, size - 29])
}
