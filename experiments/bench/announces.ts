/** The swarms that every load is made of. */
export const SWARMS = 1000
export const PEERS_PER_SWARM = 100
export const PEERS = SWARMS * PEERS_PER_SWARM
export const WANTED = 50
/** So many of each swarm's peers hold everything. */
export const SEEDS_PER_SWARM = 10
export const CONTENT_BYTES = 1e9

/** One peer of one swarm; all of it follows from its number, 0 to PEERS - 1. */
export interface BenchPeer {
  readonly infoHash: Buffer
  readonly peerId: Buffer
  readonly host: string
  readonly port: number
  readonly leftBytes: number
}

export function benchPeer(number: number): BenchPeer {
  const swarm = number % SWARMS
  const inSwarm = Math.floor(number / SWARMS)
  const infoHash = Buffer.alloc(20, 0xa5)
  infoHash.writeUInt32BE(Math.imul(swarm + 1, 0x9e3779b1) >>> 0, 0)
  infoHash.writeUInt32BE(swarm, 4)
  return {
    infoHash,
    peerId: Buffer.from(`-SB0001-${String(number).padStart(12, '0')}`, 'latin1'),
    host: `10.${(number >> 16) & 255}.${(number >> 8) & 255}.${number & 255}`,
    port: 10_000 + inSwarm,
    leftBytes: inSwarm < SEEDS_PER_SWARM ? 0 : CONTENT_BYTES / 2,
  }
}

/** The query of a peer's HTTP announce but for what changes from one to the next: `uploaded`, `downloaded`, `numwant`. */
export function announceQuery({ infoHash, peerId, port, leftBytes }: BenchPeer): string {
  return `info_hash=${escaped(infoHash)}&peer_id=${escaped(peerId)}&port=${port}&left=${leftBytes}&compact=1`
}

/** As clients do it: what is unreserved stays, everything else becomes %XX. */
const escaped = (bytes: Buffer): string =>
  [...bytes]
    .map((byte) => {
      const char = String.fromCharCode(byte)
      return /[A-Za-z0-9._~-]/.test(char) ? char : `%${byte.toString(16).padStart(2, '0')}`
    })
    .join('')
