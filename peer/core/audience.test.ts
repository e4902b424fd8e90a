import { describe, expect, it } from 'vitest'
import { Audience, type Listener } from './audience.ts'
import { candidateOf, digestOf, manifestOf, PeerHarness } from './harness.testing.ts'
import { MediaTimeline } from './media.ts'
import { PLAYBACK_DEFAULTS, PlaybackDemand } from './playback-demand.ts'
import { Player } from './player.ts'

const CHUNKS = 60
const ALL = Array.from({ length: CHUNKS }, (_, chunk) => chunk)

/** A peer whose content several people play: 60 chunks of one second each; peer 2 holds them all. */
class House extends PeerHarness {
  readonly audience = new Audience(CHUNKS)

  constructor(held: readonly number[] = [], settings = { maxFetches: 4, maxFetchesPerSeed: 4 }) {
    super(CHUNKS, held, settings, {
      onChunk: (chunk) => {
        this.audience.served(chunk)
        this.peer.demandChanged()
      },
    })
    this.peer.demand = this.audience
  }

  meet(): void {
    this.join([candidateOf(2)])
    this.accept(2, ALL)
  }

  play(fromS: number): Listener {
    const timeline = new MediaTimeline(manifestOf(CHUNKS), 1000)
    const player = new Player(this.clock, timeline, this.peer.have, { startBufferMs: 0, resumeBufferMs: 0 })
    player.seek(1000 * fromS)
    const demand = new PlaybackDemand(this.clock, player, PLAYBACK_DEFAULTS, () => this.peer.demandChanged())
    const listener = { player, demand }
    this.audience.add(listener)
    player.play()
    this.peer.demandChanged()
    return listener
  }

  stop(listener: Listener): void {
    this.audience.remove(listener)
    this.peer.demandChanged()
  }

  /** Chunks asked for and neither delivered nor given up, in the order in which they were asked for. */
  get asked(): number[] {
    const link = this.network.to('peer-2')
    const gone = new Set(link.sentOf('cancel').map(({ requestId }) => requestId))
    return link
      .sentOf('request')
      .filter(({ requestId, chunk }) => !gone.has(requestId) && !this.peer.have.has(chunk))
      .map(({ chunk }) => chunk)
  }

  give(chunk: number): void {
    const link = this.network.to('peer-2')
    const request = link.sentOf('request').findLast((other) => other.chunk === chunk)!
    this.deliver(link, request.requestId, chunk, digestOf(chunk))
  }
}

describe('an audience', () => {
  it('fetches in order from the start where nobody plays', () => {
    const house = new House()
    house.meet()
    expect(house.asked).toEqual([0, 1, 2, 3])
  })

  it('moves the window with a seek, and gives up what lies far from it', () => {
    const house = new House()
    house.meet()
    const listener = house.play(0)
    expect(house.asked).toEqual([0, 1, 2, 3])
    house.stop(listener)
    house.play(40)
    expect(house.asked).toEqual([40, 41, 42, 43])
    house.give(40)
    expect(house.asked).toEqual([41, 42, 43, 44])
  })

  it('goes on ahead of whoever played last, then fetches the rest', () => {
    const house = new House(ALL.filter((chunk) => chunk >= 44 && chunk < 58))
    house.meet()
    house.stop(house.play(42))
    expect(house.asked).toEqual([42, 43, 58, 59])
    for (const chunk of house.asked) house.give(chunk)
    expect(house.asked).toEqual([0, 1, 2, 3])
  })

  it('serves those who wait in turn, and finishes what it has begun for each', () => {
    const house = new House([], { maxFetches: 2, maxFetchesPerSeed: 2 })
    house.meet()
    house.play(10)
    house.play(50)
    expect(house.asked).toEqual([10, 11])
    house.give(10)
    expect(house.asked).toEqual([11, 50])
    house.give(11)
    house.give(50)
    const begun = new Set(
      house.network
        .to('peer-2')
        .sentOf('cancel')
        .map(({ requestId }) => requestId),
    )
    // Only what was begun before anybody played was given up.
    expect([...begun].length).toBe(2)
  })

  it('helps first whose media ends first', () => {
    const house = new House(ALL.filter((chunk) => chunk < 5 || (chunk >= 20 && chunk < 22)))
    house.meet()
    house.play(0)
    house.play(20)
    expect(house.audience.window.start).toBe(22)
    expect(house.audience.deadlineMs(22) - house.clock.nowMs()).toBe(2000)
    expect(house.asked).toEqual([5, 6, 7, 8])
    house.give(5)
    expect(house.asked).toEqual([6, 7, 8, 22])
    for (const chunk of [22, 23, 24, 25]) house.give(chunk)
    expect(house.audience.window.start).toBe(6)
  })

  it('wants nothing of players that have stopped', () => {
    const house = new House()
    house.meet()
    house.play(30)
    house.audience.stop()
    house.peer.demandChanged()
    expect(house.audience.window).toEqual({ start: 0, end: CHUNKS })
    expect(house.audience.size).toBe(0)
  })
})
