import { beforeEach, describe, expect, it } from 'vitest'
import type { ChunkHeader, Have, Message } from '../peer/protocol/messages.ts'
import type { Link, LinkHandler } from '../peer/ports/network.ts'
import { type TestFabric, createTestFabric } from './fabric.testing.ts'
import { SimClock } from './sim-clock.ts'
import type { SimNetwork } from './sim-network.ts'

const have = (chunk: number): Message => ({ type: 'have', chunk, active: chunk % 256, queued: 255 })

/** Writes down what it hears, with its clock and the kernel's. */
class Listener implements LinkHandler {
  readonly network: SimNetwork
  readonly clock: SimClock
  readonly heard: string[] = []
  readonly links: Link[] = []
  readonly #fabric: TestFabric

  constructor(fabric: TestFabric, address: string) {
    this.#fabric = fabric
    this.network = fabric.add(address, { upBps: 1e9, downBps: 1e9 })
    this.clock = new SimClock(this.network)
    this.network.attach(this)
  }

  linkUp(link: Link): void {
    this.links.push(link)
  }
  linkDown(): void {
    this.#note('down')
  }
  message(_link: Link, message: Exclude<Message, ChunkHeader>): void {
    this.#note(
      message.type === 'have' ? `have ${message.chunk} ${message.active} ${message.queued}` : message.type,
    )
  }
  chunkBegins(): void {}
  chunkArrived(): void {}
  chunkSent(): void {}

  #note(what: string): void {
    const [clockMs, kernelMs] = [this.clock.nowMs(), this.#fabric.kernel.nowMs].map(Math.round)
    this.heard.push(`${what} @${clockMs} (${kernelMs})`)
  }
}

describe('news that can wait', () => {
  let fabric: TestFabric
  let sender: Listener
  let node: Listener
  let link: Link
  let far: Link

  beforeEach(() => {
    fabric = createTestFabric()
    sender = new Listener(fabric, 'sender')
    node = new Listener(fabric, 'node')
    link = sender.network.connect('node')
    fabric.kernel.run()
    far = node.links[0]
    far.newsCanWait = true
    node.network.newsCanWait = true
  })

  const sendHave = (chunk: number) => sender.network.send(link, have(chunk) as never)

  it('is no event, and comes before the next thing the node hears, at the time of its arrival', () => {
    const events = fabric.kernel.executed
    sendHave(1)
    fabric.kernel.run(100)
    sendHave(65_535)
    fabric.kernel.run(200)
    expect(node.heard).toEqual([])
    expect(fabric.kernel.executed).toBe(events)
    sender.network.send(link, { type: 'choke' })
    fabric.kernel.run()
    expect(node.heard).toEqual([
      'have 1 1 255 @60 (220)',
      'have 65535 255 255 @120 (220)',
      'choke @220 (220)',
    ])
  })

  it('comes before the node’s timers and the end of its link, but not before it has arrived', () => {
    node.clock.setTimer(50, () => node.heard.push('timer'))
    sendHave(1)
    fabric.kernel.run(80)
    sendHave(2)
    fabric.kernel.run(95)
    expect(node.heard).toEqual(['have 1 1 255 @60 (90)', 'timer'])
    sender.network.close(link)
    fabric.kernel.run()
    expect(node.heard.slice(2)).toEqual(['have 2 2 255 @100 (115)', 'down @115 (115)'])
  })

  it('comes at its time again once the node, or its link, says that it matters', () => {
    for (const urge of [() => (node.network.newsCanWait = false), () => (far.newsCanWait = false)]) {
      const startMs = fabric.kernel.nowMs
      far.newsCanWait = node.network.newsCanWait = true
      sendHave(1)
      urge()
      sendHave(2)
      fabric.kernel.run()
      const atMs = Math.round(startMs + 20)
      expect(node.heard.splice(0)).toEqual(
        [1, 2].map((chunk) => `have ${chunk} ${chunk} 255 @${atMs} (${atMs})`),
      )
    }
  })

  it('is told by its row to a handler that takes news, and goes to several links at once', () => {
    const told: number[][] = []
    const taker = new Listener(fabric, 'taker')
    const takerNews = (row: number, chunk: number, active: number, queued: number): void => {
      told.push([row, chunk, active, queued, Math.round(taker.clock.nowMs())])
      // The link of the second piece is gone before that is told.
      if (chunk === 7) taker.network.close(taker.links[1])
    }
    Object.assign(taker, { news: takerNews })
    const links = [sender, node].map((from) => from.network.connect('taker'))
    fabric.kernel.run()
    taker.links.forEach((end, row) => {
      end.newsRow = 10 * row
      end.newsCanWait = true
    })
    taker.network.newsCanWait = true
    const startMs = Math.round(fabric.kernel.nowMs)
    sender.network.sendNews(
      [link, links[0]].map((end) => end.number!),
      have(3) as Have,
    )
    fabric.kernel.run(startMs + 50)
    expect(node.heard).toEqual([])
    taker.network.catchUp()
    expect(told.splice(0)).toEqual([[0, 3, 3, 255, startMs + 20]])
    sender.network.sendNews([links[0].number!], have(7) as Have)
    node.network.sendNews([links[1].number!], have(8) as Have)
    fabric.kernel.run(startMs + 100)
    taker.network.catchUp()
    expect(told).toEqual([[0, 7, 7, 255, startMs + 70]])
    node.network.catchUp()
    expect(node.heard).toEqual([`have 3 3 255 @${startMs + 20} (${startMs + 100})`])
  })

  it('tells that a chunk begins before the chunk comes, at the time when it does', () => {
    const heard: string[] = []
    const note = (what: string) => heard.push(`${what} @${Math.round(node.clock.nowMs())}`)
    Object.assign(node, {
      news: () => {},
      chunkBegins: (_: Link, { requestId }: ChunkHeader) => note(`begins ${requestId}`),
      chunkArrived: (_: Link, { requestId }: ChunkHeader) => note(`arrives ${requestId}`),
    })
    const send = (requestId: number) =>
      sender.network.sendChunk(
        link,
        { type: 'chunk', requestId, chunk: requestId, bytes: 1e8, active: 0, queued: 0 },
        { bytes: 1e8 } as never,
      )
    const events = fabric.kernel.executed
    send(1)
    fabric.kernel.run(fabric.kernel.nowMs + 60)
    expect(heard).toEqual([])
    sender.network.send(link, { type: 'choke' })
    fabric.kernel.run()
    const [begins, arrives] = heard.map((entry) => Number(entry.split('@')[1]))
    expect(heard.map((entry) => entry.split(' @')[0])).toEqual(['begins 1', 'arrives 1'])
    expect(arrives - begins).toBeGreaterThanOrEqual(100)
    // The choke, the start after slow start, the end of the flow and the chunk's arrival.
    expect(fabric.kernel.executed - events).toBeLessThanOrEqual(4)
    send(2)
    node.network.close(far)
    fabric.kernel.run()
    expect(heard).toHaveLength(2)
  })

  it('ends with its link, which may go while the node hears what came before', () => {
    const heard: string[] = []
    Object.assign(node, {
      news: (_row: number, chunk: number) => {
        heard.push(`have ${chunk}`)
        node.network.close(far)
      },
      chunkBegins: (_: Link, { requestId }: ChunkHeader) => heard.push(`begins ${requestId}`),
    })
    far.newsRow = 0
    for (const requestId of [1, 2]) {
      const header = { type: 'chunk', requestId, chunk: 0, bytes: 1e9, active: 0, queued: 0 } as const
      sender.network.sendChunk(link, header, { bytes: 1e9 } as never)
      sendHave(requestId)
    }
    fabric.kernel.run(fabric.kernel.nowMs + 60)
    node.network.catchUp()
    fabric.kernel.run()
    expect(heard).toEqual(['begins 1', 'have 1'])
  })

  it('says that the other side wants nothing any more, where nothing follows from that', () => {
    const told: string[] = []
    const note = (what: string) => told.push(`${what} @${Math.round(node.clock.nowMs())}`)
    Object.assign(node, {
      news: () => {},
      uninterested: (row: number) => note(`uninterested ${row}`),
      message: (_: Link, { type }: Message) => note(type),
    })
    const say = (interested: boolean) => sender.network.send(link, { type: 'interested', interested })
    far.newsRow = 5
    node.network.interestCanWait = true
    const startMs = Math.round(fabric.kernel.nowMs)
    const events = fabric.kernel.executed
    say(false)
    fabric.kernel.run(startMs + 50)
    expect([told.length, fabric.kernel.executed]).toEqual([0, events])
    say(true)
    say(false)
    fabric.kernel.run(startMs + 100)
    expect(told.splice(0)).toEqual([`uninterested 5 @${startMs + 20}`, `interested @${startMs + 70}`])
    node.network.catchUp()
    expect(told.splice(0)).toEqual([`uninterested 5 @${startMs + 70}`])
    // What is on its way when it begins to matter comes at its time, and what is sent then by itself.
    say(false)
    node.network.interestCanWait = false
    say(false)
    fabric.kernel.run(startMs + 150)
    expect(told.splice(0)).toEqual([`uninterested 5 @${startMs + 120}`, `interested @${startMs + 120}`])
  })

  it('may make the node end a link that goes anyway', () => {
    const ends: string[] = []
    Object.assign(node, {
      news: () => {},
      uninterested: () => {
        ends.push('uninterested')
        node.network.close(far)
      },
      linkDown: () => ends.push('down'),
    })
    far.newsRow = 0
    node.network.interestCanWait = true
    sender.network.send(link, { type: 'interested', interested: false })
    sender.network.close(link)
    fabric.kernel.run()
    expect(ends).toEqual(['uninterested'])
    expect(node.network.ends).toEqual([])
  })

  it('is forgotten with its link', () => {
    const other = new Listener(fabric, 'other')
    const second = other.network.connect('node')
    fabric.kernel.run()
    node.links[1].newsCanWait = true
    sendHave(1)
    other.network.send(second, have(2) as never)
    node.network.close(far)
    fabric.kernel.run()
    sender.network.send(link, have(3) as never)
    other.network.send(second, { type: 'choke' })
    fabric.kernel.run()
    expect(node.heard.map((entry) => entry.split(' @')[0])).toEqual(['have 2 2 255', 'choke'])
  })

  it('does not pile up', () => {
    for (let chunk = 0; chunk < 2000; chunk++) {
      sendHave(chunk)
      fabric.kernel.run(fabric.kernel.nowMs + 1)
    }
    expect(node.heard.length).toBeGreaterThan(1600)
    expect(node.heard.map((entry) => Number(entry.split(' ')[1]))).toEqual(node.heard.map((_, i) => i))
  })
})
