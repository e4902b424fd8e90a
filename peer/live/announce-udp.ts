import { randomBytes } from 'node:crypto'
import { createSocket, type Socket } from 'node:dgram'
import { lookup } from 'node:dns/promises'
import { type AnnounceAnswer, type AnnounceRequest, intervalMs, MOST_ANNOUNCED } from './announce.ts'
import { parseCompactPeers } from './compact-peers.ts'
import { TrackerError } from './errors.ts'

const PROTOCOL = 0x41727101980n
const CONNECT = 0
const ANNOUNCE = 1
const ERROR = 3
const EVENTS = { update: 0, completed: 1, started: 2, stopped: 3 } as const
/** Waits for an answer, one after the other: shorter than the 15 s × 2^n of BEP 15, because the core asks again anyway. */
const WAITS_MS = [2_000, 4_000, 8_000]

/** Announces to a tracker over UDP (BEP 15), IPv4 or IPv6. Rejects with TrackerError. */
export async function announceUdp(
  url: string,
  request: AnnounceRequest,
  signal: AbortSignal,
): Promise<AnnounceAnswer> {
  const { hostname, port } = new URL(url)
  const host = hostname.replace(/^\[|\]$/g, '')
  let socket: Socket | undefined
  try {
    const { address, family } = await lookup(host)
    socket = createSocket(family === 6 ? 'udp6' : 'udp4')
    const call = new UdpCall(socket, address, Number(port) || 80, signal)
    const connected = await call.ask(CONNECT, 16, (transaction) => {
      const packet = Buffer.alloc(16)
      packet.writeBigUInt64BE(PROTOCOL, 0)
      packet.writeUInt32BE(CONNECT, 8)
      packet.writeUInt32BE(transaction, 12)
      return packet
    })
    const connectionId = connected.readBigUInt64BE(8)
    const answer = await call.ask(ANNOUNCE, 20, (transaction) =>
      announcePacket(connectionId, transaction, request),
    )
    const peers = parseCompactPeers(answer.subarray(20), family === 6 ? 16 : 4, MOST_ANNOUNCED)
    return {
      intervalMs: intervalMs(answer.readUInt32BE(8)),
      leechers: answer.readUInt32BE(12),
      seeds: answer.readUInt32BE(16),
      peers: peers.map((address) => ({ address, peerId: undefined })),
    }
  } catch (error) {
    if (error instanceof TrackerError) throw error
    const message = `tracker ${url} can't be reached: ${(error as Error).message}`
    throw new TrackerError('E_TRACKER_UNREACHABLE', message, error)
  } finally {
    socket?.close()
  }
}

function announcePacket(connectionId: bigint, transaction: number, request: AnnounceRequest): Buffer {
  const packet = Buffer.alloc(98)
  packet.writeBigUInt64BE(connectionId, 0)
  packet.writeUInt32BE(ANNOUNCE, 8)
  packet.writeUInt32BE(transaction, 12)
  packet.write(request.infoHash, 16, 'hex')
  packet.write(request.peerId, 36, 'hex')
  packet.writeBigUInt64BE(BigInt(request.downloadedBytes), 56)
  packet.writeBigUInt64BE(BigInt(request.leftBytes), 64)
  packet.writeBigUInt64BE(BigInt(request.uploadedBytes), 72)
  packet.writeUInt32BE(EVENTS[request.event], 80)
  packet.writeUInt32BE(request.key, 88)
  packet.writeInt32BE(request.wanted, 92)
  packet.writeUInt16BE(request.port, 96)
  return packet
}

/** Questions to one tracker, each asked again until it is answered. */
class UdpCall {
  readonly #socket: Socket
  readonly #address: string
  readonly #port: number
  readonly #signal: AbortSignal

  constructor(socket: Socket, address: string, port: number, signal: AbortSignal) {
    this.#socket = socket
    this.#address = address
    this.#port = port
    this.#signal = signal
  }

  /** The answer to a packet of that action; at least `leastBytes` long. */
  async ask(action: number, leastBytes: number, packetOf: (transaction: number) => Buffer): Promise<Buffer> {
    const transaction = randomBytes(4).readUInt32BE()
    const packet = packetOf(transaction)
    let settle!: (answer: Buffer | Error | undefined) => void
    const heard = (message: Buffer, from: { address: string; port: number }): void => {
      if (from.port !== this.#port || message.length < 8 || message.readUInt32BE(4) !== transaction) return
      const heardAction = message.readUInt32BE(0)
      if (heardAction === ERROR) {
        const reason = message.subarray(8, 208).toString()
        settle(new TrackerError('E_TRACKER_REFUSED', `tracker ${this.#address} refuses: ${reason}`))
      } else if (heardAction === action && message.length >= leastBytes) settle(message)
    }
    const failed = (error: Error): void => settle(error)
    const aborted = (): void => settle(new Error('given up'))
    this.#socket.on('message', heard)
    this.#socket.on('error', failed)
    this.#signal.addEventListener('abort', aborted)
    try {
      for (const waitMs of WAITS_MS) {
        const answer = await new Promise<Buffer | Error | undefined>((resolve) => {
          settle = resolve
          if (this.#signal.aborted) return aborted()
          const timer = setTimeout(resolve, waitMs, undefined)
          settle = (answer) => {
            clearTimeout(timer)
            resolve(answer)
          }
          this.#socket.send(packet, this.#port, this.#address)
        })
        if (answer instanceof Error) throw answer
        if (answer) return answer
      }
      throw new Error('no answer')
    } finally {
      this.#socket.off('message', heard)
      this.#socket.off('error', failed)
      this.#signal.removeEventListener('abort', aborted)
    }
  }
}
