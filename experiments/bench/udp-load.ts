import { createSocket, type Socket } from 'node:dgram'
import { once } from 'node:events'
import { SeededRandom } from '../../peer/ports/seeded-random.ts'
import { benchPeer, PEERS, WANTED } from './announces.ts'
import type { LoadFigures } from './http-load.ts'

const HOST = '127.0.0.1'
const LOST_MS = 1_000
const LOAD_PEERS = 20_000
const ANNOUNCE_BYTES = 98

/** Keeps `inFlight` announces under way for some seconds; one that is lost counts as failed. */
export async function loadUdp(port: number, inFlight: number, seconds: number): Promise<LoadFigures> {
  const socket = createSocket({ type: 'udp4', recvBufferSize: 4 * 1024 * 1024 })
  socket.connect(port, HOST)
  await once(socket, 'connect')
  try {
    return await new Load(socket, await connectionId(socket), inFlight).run(seconds)
  } finally {
    socket.close()
  }
}

async function connectionId(socket: Socket): Promise<Buffer> {
  socket.send(Buffer.from('00000417271019800000000000000001', 'hex'))
  const [reply] = (await once(socket, 'message')) as [Buffer]
  return reply.subarray(8, 16)
}

class Load {
  readonly #socket: Socket
  readonly #random = new SeededRandom('udp-load')
  readonly #packets: Buffer[]
  /** When each announce that is under way was sent. */
  readonly #sentMs: Float64Array
  readonly #latenciesMs: number[] = []
  #failed = 0
  #sent = 0

  constructor(socket: Socket, connection: Buffer, inFlight: number) {
    this.#socket = socket
    this.#sentMs = new Float64Array(inFlight)
    const stride = Math.floor(PEERS / LOAD_PEERS) | 1
    this.#packets = Array.from({ length: LOAD_PEERS }, (_, i) => packetOf((i * stride) % PEERS, connection))
  }

  async run(seconds: number): Promise<LoadFigures> {
    const startMs = performance.now()
    this.#socket.on('message', (reply) => this.#answered(reply))
    for (let slot = 0; slot < this.#sentMs.length; slot++) this.#send(slot)
    const sweep = setInterval(() => this.#giveUpLost(), LOST_MS / 4)
    await new Promise((resolve) => setTimeout(resolve, seconds * 1000))
    clearInterval(sweep)
    this.#socket.removeAllListeners('message')
    const latencies = this.#latenciesMs.sort((a, b) => a - b)
    return {
      requests: latencies.length,
      failed: this.#failed,
      seconds: (performance.now() - startMs) / 1000,
      p99Ms: latencies[Math.floor(latencies.length * 0.99)] ?? NaN,
    }
  }

  #send(slot: number): void {
    const packet = this.#packets[this.#random.below(this.#packets.length)]
    this.#sent++
    packet.writeUInt32BE(slot, 12)
    packet.writeUInt32BE(4096 * (this.#sent & 0xfffff), 60)
    packet.writeUInt32BE(16384 * (this.#sent & 0x3ffff), 76)
    this.#sentMs[slot] = performance.now()
    this.#socket.send(packet)
  }

  #answered(reply: Buffer): void {
    const slot = reply.readUInt32BE(4)
    if (reply.readUInt32BE(0) === 1) this.#latenciesMs.push(performance.now() - this.#sentMs[slot])
    else this.#failed++
    this.#send(slot)
  }

  #giveUpLost(): void {
    const nowMs = performance.now()
    for (let slot = 0; slot < this.#sentMs.length; slot++) {
      if (nowMs - this.#sentMs[slot] < LOST_MS) continue
      this.#failed++
      this.#send(slot)
    }
  }
}

function packetOf(number: number, connection: Buffer): Buffer {
  const { infoHash, peerId, port, leftBytes } = benchPeer(number)
  const packet = Buffer.alloc(ANNOUNCE_BYTES)
  connection.copy(packet)
  packet.writeUInt32BE(1, 8)
  infoHash.copy(packet, 16)
  peerId.copy(packet, 36)
  packet.writeBigUInt64BE(BigInt(leftBytes), 64)
  packet.writeUInt32BE(WANTED, 92)
  packet.writeUInt16BE(port, 96)
  return packet
}
