import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { ChunkSet } from '../protocol/chunk-set.ts'
import type { Address } from '../protocol/ids.ts'
import type { ChunkHeader, Message } from '../protocol/messages.ts'
import type { ChunkBody } from './chunk-store.ts'
import type { Link, LinkDownReason, LinkHandler, Network } from './network.ts'

type ControlMessage = Exclude<Message, ChunkHeader>

export interface NetworkWorld {
  /** Makes a node that accepts links at `address`. */
  node(): NetworkNode | Promise<NetworkNode>
  /** An address at which nobody listens. */
  deadAddress(): Address | Promise<Address>
  /** Data of a chunk of `bytes` bytes. */
  body(bytes: number): ChunkBody
  /** Lets the world run until nothing is under way any more. */
  settle(): void | Promise<void>
  dispose?(): void | Promise<void>
}

export interface NetworkNode {
  readonly address: Address
  readonly network: Network
}

const CHUNK_BYTES = 200_000
/** So large that no world has sent it before the next call. */
const LARGE_BYTES = 12_000_000

/** What every Network does. */
export function networkContract(name: string, createWorld: () => NetworkWorld | Promise<NetworkWorld>): void {
  describe(`${name} as a Network`, () => {
    let world: NetworkWorld
    let here: Side
    let there: Side

    beforeEach(async () => {
      world = await createWorld()
      here = new Side(await world.node())
      there = new Side(await world.node())
    })
    afterEach(() => world.dispose?.())

    const connected = async (): Promise<[Link, Link]> => {
      const link = here.call((network) => network.connect(there.address))
      await world.settle()
      return [link, there.events.find((event) => event.kind === 'up')!.link]
    }

    it('brings a link up at both ends', async () => {
      const link = here.call((network) => network.connect(there.address))
      expect(link.rttMs).toBeNaN()
      expect(link.remote).toBe(there.address)
      await world.settle()
      expect(here.heard()).toEqual([{ kind: 'up', incoming: false }])
      expect(there.heard()).toEqual([{ kind: 'up', incoming: true }])
      expect(here.events[0].link === link).toBe(true)
      expect(link.rttMs).toBeGreaterThanOrEqual(0)
      expect(there.events[0].link.rttMs).toBeGreaterThanOrEqual(0)
    })

    it('keeps what each end puts on its link', async () => {
      const [link, far] = await connected()
      link.context = 'here'
      far.context = 'there'
      there.call((network) => network.send(far, { type: 'choke' }))
      await world.settle()
      expect(here.events.map((event) => event.link.context)).toEqual(['here', 'here'])
      expect(far.context).toBe('there')
    })

    it('says that nobody listens', async () => {
      const dead = await world.deadAddress()
      const link = here.call((network) => network.connect(dead))
      await world.settle()
      expect(here.events.map((event) => event.kind)).toEqual(['down'])
      expect(['refused', 'unreachable']).toContain((here.events[0] as DownEvent).reason)
      expect(here.events[0].link === link).toBe(true)
    })

    it('carries messages whole and in order, both ways at once', async () => {
      const [link, far] = await connected()
      const haves = Array.from({ length: 200 }, (_, chunk): ControlMessage => ({
        type: 'have',
        chunk,
        active: chunk % 256,
        queued: 0,
      }))
      const others: ControlMessage[] = [
        { type: 'interested', interested: true },
        { type: 'request', requestId: 7, chunk: 3 },
        { type: 'unchoke', active: 1, queued: 2 },
      ]
      for (const message of haves) here.call((network) => network.send(link, message))
      for (const message of others) there.call((network) => network.send(far, message))
      await world.settle()
      expect(there.messages()).toEqual(haves)
      expect(here.messages()).toEqual(others)
    })

    it('carries what a message said when it was sent', async () => {
      const [link] = await connected()
      const chunks = new ChunkSet(70)
      chunks.add(3)
      here.call((network) => network.send(link, { type: 'bitfield', chunks }))
      chunks.add(69)
      await world.settle()
      const [heard] = there.messages()
      expect(heard.type).toBe('bitfield')
      const held = (heard as Extract<Message, { type: 'bitfield' }>).chunks
      expect([held.size, held.count, held.has(3), held.has(69)]).toEqual([70, 1, true, false])
    })

    it('tells the other side of a close after all that was sent before, and the closer nothing', async () => {
      const [link] = await connected()
      here.events.length = 0
      here.call((network) => network.send(link, { type: 'have', chunk: 1, active: 0, queued: 0 }))
      here.call((network) => network.send(link, { type: 'choke' }))
      here.call((network) => network.close(link))
      await world.settle()
      expect(there.events.slice(1).map((event) => event.kind)).toEqual(['message', 'message', 'down'])
      expect((there.events.at(-1) as DownEvent).reason).toBe('closed')
      expect(here.heard()).toEqual([])
    })

    it('hears nothing of an attempt that it gave up', async () => {
      const link = here.call((network) => network.connect(there.address))
      here.call((network) => network.close(link))
      await world.settle()
      expect(here.heard()).toEqual([])
      expect(there.events.at(-1)?.kind ?? 'down').toBe('down')
    })

    it('takes sends and closes on a link that is gone without harm', async () => {
      const [link, far] = await connected()
      there.call((network) => network.close(far))
      await world.settle()
      here.events.length = 0
      here.call((network) => network.send(link, { type: 'choke' }))
      here.call((network) => network.sendChunk(link, header(1, CHUNK_BYTES), world.body(CHUNK_BYTES)))
      here.call((network) => network.abortChunk(link, 1))
      here.call((network) => network.close(link))
      await world.settle()
      expect(here.heard()).toEqual([])
    })

    it('carries a chunk: first byte, then the whole; the sender hears that it has left', async () => {
      const [link] = await connected()
      const body = world.body(CHUNK_BYTES)
      here.call((network) => network.sendChunk(link, header(9, CHUNK_BYTES), body))
      await world.settle()
      expect(there.heard().slice(1)).toEqual([
        { kind: 'begins', header: header(9, CHUNK_BYTES) },
        { kind: 'arrived', header: header(9, CHUNK_BYTES), bytes: CHUNK_BYTES },
      ])
      expect(here.heard().slice(1)).toEqual([{ kind: 'sent', requestId: 9, sent: true }])
    })

    it('carries several chunks and messages on one link', async () => {
      const [link, far] = await connected()
      for (const requestId of [1, 2, 3])
        here.call((network) =>
          network.sendChunk(link, header(requestId, CHUNK_BYTES), world.body(CHUNK_BYTES)),
        )
      here.call((network) => network.send(link, { type: 'choke' }))
      there.call((network) => network.sendChunk(far, header(4, CHUNK_BYTES), world.body(CHUNK_BYTES)))
      await world.settle()
      expect(there.arrivals().sort()).toEqual([1, 2, 3])
      expect(here.arrivals()).toEqual([4])
      expect(there.messages()).toEqual([{ type: 'choke' }])
    })

    it('stops an aborted chunk without a word, and goes on with the next', async () => {
      const [link] = await connected()
      here.events.length = 0
      here.call((network) => network.sendChunk(link, header(1, LARGE_BYTES), world.body(LARGE_BYTES)))
      here.call((network) => network.abortChunk(link, 1))
      here.call((network) => network.abortChunk(link, 77))
      here.call((network) => network.sendChunk(link, header(2, CHUNK_BYTES), world.body(CHUNK_BYTES)))
      await world.settle()
      expect(there.arrivals()).toEqual([2])
      expect(here.heard()).toEqual([{ kind: 'sent', requestId: 2, sent: true }])
    })

    it('gives up chunks under way when the sender closes', async () => {
      const [link] = await connected()
      here.events.length = 0
      here.call((network) => network.sendChunk(link, header(1, LARGE_BYTES), world.body(LARGE_BYTES)))
      here.call((network) => network.close(link))
      await world.settle()
      expect(there.arrivals()).toEqual([])
      expect(there.heard().at(-1)).toEqual({ kind: 'down', reason: 'closed' })
      expect(here.heard()).toEqual([])
    })

    it('tells the sender of chunks that were given up because the receiver closed', async () => {
      const [link, far] = await connected()
      here.events.length = 0
      here.call((network) => network.sendChunk(link, header(1, LARGE_BYTES), world.body(LARGE_BYTES)))
      there.call((network) => network.close(far))
      await world.settle()
      expect(there.arrivals()).toEqual([])
      expect(here.heard()).toContainEqual({ kind: 'sent', requestId: 1, sent: false })
      expect(here.heard()).toContainEqual({ kind: 'down', reason: 'closed' })
      expect(here.heard()).toHaveLength(2)
    })
  })
}

const header = (requestId: number, bytes: number): ChunkHeader => ({
  type: 'chunk',
  requestId,
  chunk: requestId,
  bytes,
  active: 1,
  queued: 0,
})

interface DownEvent {
  readonly kind: 'down'
  readonly link: Link
  readonly reason: LinkDownReason
}
type SideEvent =
  | { readonly kind: 'up'; readonly link: Link; readonly incoming: boolean }
  | DownEvent
  | { readonly kind: 'message'; readonly link: Link; readonly message: ControlMessage }
  | { readonly kind: 'begins'; readonly link: Link; readonly header: ChunkHeader }
  | { readonly kind: 'arrived'; readonly link: Link; readonly header: ChunkHeader; readonly bytes: number }
  | { readonly kind: 'sent'; readonly link: Link; readonly requestId: number; readonly sent: boolean }

/** One node: writes down all that it hears, and that it hears nothing from inside a call. */
class Side implements LinkHandler {
  readonly address: Address
  readonly events: SideEvent[] = []
  readonly #network: Network
  #isCalling = false

  constructor({ address, network }: NetworkNode) {
    this.address = address
    this.#network = network
    network.attach(this)
  }

  call<T>(use: (network: Network) => T): T {
    this.#isCalling = true
    try {
      return use(this.#network)
    } finally {
      this.#isCalling = false
    }
  }

  /** The events without their links, which are too entangled to be printed. */
  heard(): object[] {
    return this.events.map(({ link: _link, ...event }) => event)
  }

  messages(): ControlMessage[] {
    return this.events.flatMap((event) => (event.kind === 'message' ? [event.message] : []))
  }

  /** Request ids of the chunks that came whole. */
  arrivals(): number[] {
    return this.events.flatMap((event) => (event.kind === 'arrived' ? [event.header.requestId] : []))
  }

  linkUp(link: Link, incoming: boolean): void {
    this.#hear({ kind: 'up', link, incoming })
  }

  linkDown(link: Link, reason: LinkDownReason): void {
    this.#hear({ kind: 'down', link, reason })
  }

  message(link: Link, message: ControlMessage): void {
    this.#hear({ kind: 'message', link, message })
  }

  chunkBegins(link: Link, header: ChunkHeader): void {
    this.#hear({ kind: 'begins', link, header })
  }

  chunkArrived(link: Link, header: ChunkHeader, body: ChunkBody): void {
    this.#hear({ kind: 'arrived', link, header, bytes: body.bytes })
  }

  chunkSent(link: Link, requestId: number, sent: boolean): void {
    this.#hear({ kind: 'sent', link, requestId, sent })
  }

  #hear(event: SideEvent): void {
    expect(this.#isCalling, `${event.kind} heard from inside a call of Network`).toBe(false)
    this.events.push(event)
  }
}
