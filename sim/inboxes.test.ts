import { beforeEach, describe, expect, it } from 'vitest'
import type { ChunkHeader, Message } from '../peer/protocol/messages.ts'
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
