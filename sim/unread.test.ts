import { describe, expect, it } from 'vitest'
import { ChunkSet } from '../peer/protocol/chunk-set.ts'
import { encodedBytes } from '../peer/protocol/codec.ts'
import type { ChunkHeader } from '../peer/protocol/messages.ts'
import type { Link } from '../peer/ports/network.ts'
import { createTestFabric, TestNode } from './fabric.testing.ts'
import { PausableNetwork, PauseGate } from './faults/pause.ts'
import { NETWORK_DEFAULTS } from './network-settings.ts'
import { BACKLOG_BYTES } from './unread.ts'

const WINDOW_BYTES = 10_000
const CHUNK_BYTES = 4_000
const CANCEL = { type: 'cancel', requestId: 1 } as const
const BACKLOG = 511

/** A node `b` whose program can be stopped, and a node `a` with a link to it. */
function world() {
  const settings = { ...NETWORK_DEFAULTS, jitterShare: 0, slowStart: false, maxWindowBytes: WINDOW_BYTES }
  const fabric = createTestFabric({ settings, checksMessages: true })
  const a = new TestNode(fabric, 'a')
  const gate = new PauseGate()
  const inner = fabric.add('b')
  const port = new PausableNetwork(inner, gate)
  const b = new TestNode(fabric, 'b', {}, port)
  const link = a.connect(b)
  const send = (requestId: number, from: Link = link): void => {
    const header: ChunkHeader = {
      type: 'chunk',
      requestId,
      chunk: 1,
      bytes: CHUNK_BYTES,
      active: 0,
      queued: 0,
    }
    a.network.sendChunk(from, header, { bytes: CHUNK_BYTES })
  }
  return { fabric, kernel: fabric.kernel, a, b, gate, port, link, send }
}

const kinds = (log: readonly string[]): string[] => log.map((line) => line.split(' @')[0])

describe('a program that does not read', () => {
  it('is kept no more of a link than its window takes: the other chunks stay with their sender', () => {
    const { kernel, a, b, gate, port, send } = world()
    port.pause()
    for (let requestId = 1; requestId <= 5; requestId++) send(requestId)
    kernel.run()
    expect(kinds(a.log)).toEqual(['sent 1', 'sent 2'])
    expect(gate.unreadBytes).toBe(2 * CHUNK_BYTES)
    port.resume()
    kernel.run()
    expect(kinds(a.log).toSorted()).toEqual(['sent 1', 'sent 2', 'sent 3', 'sent 4', 'sent 5'])
    expect(kinds(b.log).filter((what) => what.startsWith('arrived'))).toHaveLength(5)
    expect(gate.unreadBytes).toBe(0)
  })

  it('stops the chunks that were under way when it stopped, beyond its window', () => {
    const { kernel, a, port, send } = world()
    for (let requestId = 1; requestId <= 3; requestId++) send(requestId)
    kernel.run(kernel.nowMs + 1)
    port.pause()
    kernel.run()
    expect(kinds(a.log)).toEqual(['sent 1', 'sent 2'])
    port.resume()
    kernel.run()
    expect(kinds(a.log)).toContain('sent 3')
  })

  it('has a window for each link', () => {
    const { kernel, a, b, gate, port, send } = world()
    const other = a.connect(b)
    port.pause()
    for (let requestId = 1; requestId <= 3; requestId++) {
      send(requestId)
      send(10 + requestId, other)
    }
    kernel.run()
    expect(gate.unreadBytes).toBe(4 * CHUNK_BYTES)
  })

  it('keeps links to those whose messages do not fit in its window, and hears them all when it goes on', () => {
    const { kernel, a, b, port, link } = world()
    port.pause()
    const count = 3 * Math.ceil(WINDOW_BYTES / encodedBytes(CANCEL))
    for (let sent = 0; sent < count; sent++) a.network.send(link, CANCEL)
    kernel.run()
    expect([kinds(a.log), b.log]).toEqual([[], []])
    port.resume()
    kernel.run()
    expect(kinds(b.log)).toEqual(new Array<string>(count).fill('cancel'))
  })

  it('loses a link to a sender that has no room for more messages, and hears so when it goes on', () => {
    const { kernel, a, b, port, link } = world()
    port.pause()
    const large = { type: 'bitfield', chunks: new ChunkSet(60_000) } as const
    const fitting = Math.floor((WINDOW_BYTES + BACKLOG_BYTES) / encodedBytes(large))
    for (let sent = 0; sent < fitting; sent++) a.network.send(link, large)
    kernel.run()
    expect([kinds(a.log), b.log]).toEqual([[], []])
    for (let sent = 0; sent < 10; sent++) a.network.send(link, large)
    kernel.run()
    expect(kinds(a.log)).toEqual(['lost'])
    port.resume()
    kernel.run()
    const heard = kinds(b.log)
    expect(heard.slice(0, fitting).every((what) => what === 'bitfield')).toBe(true)
    expect(heard.at(-1)).toBe('lost')
    expect(heard.length).toBeLessThanOrEqual(fitting + 11)
  })

  it('is linked to no more diallers than a backlog holds; the others try again until it goes on', () => {
    const { kernel, a, port } = world()
    port.pause()
    for (let dial = 0; dial < BACKLOG + 10; dial++) a.network.connect('b')
    const startMs = kernel.nowMs
    kernel.run(startMs + 2_000)
    expect(kinds(a.log)).toEqual(new Array<string>(BACKLOG).fill('up'))
    port.resume()
    kernel.run(startMs + 10_000)
    expect(kinds(a.log)).toEqual(new Array<string>(BACKLOG + 10).fill('up'))
  })

  it('is given up by those who can’t dial it in time', () => {
    const { kernel, a, port } = world()
    port.pause()
    for (let dial = 0; dial < BACKLOG + 1; dial++) a.network.connect('b')
    kernel.run()
    expect(kinds(a.log).at(-1)).toBe('unreachable')
  })
})
