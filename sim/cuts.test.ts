import { describe, expect, it } from 'vitest'
import { encodedBytes } from '../peer/protocol/codec.ts'
import { createTestFabric, TestNode } from './fabric.testing.ts'
import { NETWORK_DEFAULTS } from './network-settings.ts'

const WINDOW_BYTES = 1_000
const LOST_MS = 20_000
const CANCEL = { type: 'cancel', requestId: 1 } as const
const FITTING = Math.floor(WINDOW_BYTES / encodedBytes(CANCEL))

/** Two linked nodes that nothing passes between. */
function apart() {
  const settings = {
    ...NETWORK_DEFAULTS,
    jitterShare: 0,
    maxWindowBytes: WINDOW_BYTES,
    lostDetectionMs: LOST_MS,
  }
  const fabric = createTestFabric({ settings, checksMessages: true })
  const [a, b] = ['a', 'b'].map((address) => new TestNode(fabric, address))
  const link = a.connect(b)
  const cut = { blocks: () => true }
  fabric.cuts.begin(cut)
  const say = (count: number): void => {
    for (let sent = 0; sent < count; sent++) a.network.send(link, CANCEL)
    fabric.kernel.run(fabric.kernel.nowMs + 100)
  }
  const heal = (): void => {
    fabric.cuts.end(cut)
    fabric.kernel.run(fabric.kernel.nowMs + 100)
  }
  const kinds = ({ log }: TestNode): string[] => log.map((line) => line.split(' @')[0])
  return { fabric, a, b, say, heal, kinds }
}

describe('messages over a link that is cut', () => {
  it('wait, and arrive when the cut is over', () => {
    const { a, b, say, heal, kinds } = apart()
    say(FITTING)
    expect([kinds(a), kinds(b)]).toEqual([[], []])
    heal()
    expect([kinds(a), kinds(b)]).toEqual([[], new Array<string>(FITTING).fill('cancel')])
  })

  it('make their sender give the link up where they are more than a window, and never arrive', () => {
    const { a, b, say, heal, kinds } = apart()
    say(FITTING + 1)
    expect([kinds(a), kinds(b)]).toEqual([['lost'], []])
    say(FITTING)
    heal()
    expect([kinds(a), kinds(b)]).toEqual([['lost'], ['closed']])
  })

  it('are forgotten with a link that is cut for long', () => {
    const { fabric, a, b, say, heal, kinds } = apart()
    say(FITTING + 1)
    fabric.kernel.run(fabric.kernel.nowMs + LOST_MS)
    heal()
    expect([kinds(a), kinds(b)]).toEqual([['lost'], ['lost']])
  })
})
