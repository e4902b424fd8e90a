import { createSocket, type Socket } from 'node:dgram'
import { once } from 'node:events'

/** A BitTorrent client that speaks to trackers over UDP, one request at a time. */
export class UdpClient {
  readonly #socket: Socket

  private constructor(socket: Socket) {
    this.#socket = socket
  }

  static async open(host = '127.0.0.1'): Promise<UdpClient> {
    const socket = createSocket(host.includes(':') ? 'udp6' : 'udp4')
    socket.bind(0, host)
    await once(socket, 'listening')
    return new UdpClient(socket)
  }

  async ask(port: number, packet: Buffer, host = '127.0.0.1'): Promise<Buffer> {
    const answer = once(this.#socket, 'message') as Promise<[Buffer]>
    this.#socket.send(packet, port, host)
    return (await answer)[0]
  }

  /** A connection id; the whole answer is in `answer`. */
  async connect(port: number, host?: string): Promise<Buffer> {
    const answer = await this.ask(port, Buffer.from('00000417271019800000000000000007', 'hex'), host)
    if (answer.toString('hex', 0, 8) !== '0000000000000007')
      throw new Error(`no connection id: ${answer.toString('hex')}`)
    return answer.subarray(8)
  }

  close(): void {
    this.#socket.close()
  }
}

export interface UdpAnnouncement {
  readonly infoHash: string
  readonly peerId: string
  readonly transaction: number
  readonly left: bigint
  readonly event: number
  readonly port: number
}

export function udpAnnounce(connection: Buffer, given: UdpAnnouncement): Buffer {
  const packet = Buffer.alloc(98)
  connection.copy(packet)
  packet.writeUInt32BE(1, 8)
  packet.writeUInt32BE(given.transaction, 12)
  packet.write(given.infoHash, 16, 'hex')
  packet.write(given.peerId, 36, 'hex')
  packet.writeBigUInt64BE(given.left, 64)
  packet.writeUInt32BE(given.event, 80)
  packet.writeInt32BE(-1, 92)
  packet.writeUInt16BE(given.port, 96)
  return packet
}

export const udpScrape = (connection: Buffer, transaction: number, hashes: readonly string[]): Buffer => {
  const head = Buffer.alloc(8)
  head.writeUInt32BE(2, 0)
  head.writeUInt32BE(transaction, 4)
  return Buffer.concat([connection, head, Buffer.from(hashes.join(''), 'hex')])
}
