import { describe, expect, it } from 'vitest'
import { candidateOf, digestOf, idOf, PeerHarness } from './harness.testing.ts'
import { manifestOf } from './harness.testing.ts'
import { MediaTimeline } from './media.ts'
import { PLAYBACK_DEFAULTS, PlaybackDemand, type PlaybackSettings } from './playback-demand.ts'
import { Player } from './player.ts'

/** A peer core that plays: 60 chunks of one second each; peer 2 holds them all, peer 9 is the origin. */
class Listener extends PeerHarness {
  readonly player: Player
  readonly demand: PlaybackDemand

  constructor(settings: Partial<PlaybackSettings> = {}, held: readonly number[] = []) {
    super(
      60,
      held,
      { maxFetches: 4, maxFetchesPerSeed: 4 },
      { onChunk: (chunk) => this.player.chunkKept(chunk) },
    )
    this.player = new Player(this.clock, new MediaTimeline(manifestOf(60), 1000), this.peer.have, {
      startBufferMs: 2000,
      resumeBufferMs: 2000,
    })
    this.demand = new PlaybackDemand(
      this.clock,
      this.player,
      { ...PLAYBACK_DEFAULTS, originFetches: 2, ...settings },
      () => this.peer.demandChanged(),
    )
    this.peer.demand = this.demand
  }

  meetAll(): void {
    this.join([candidateOf(2), candidateOf(9, { isOrigin: true })])
    this.meetOrigin()
    if (this.network.links.some(({ remote }) => remote === 'peer-2')) this.accept(2, ALL)
  }

  /** The origin accepts, where it has been dialled. */
  meetOrigin(): void {
    if (this.network.links.some(({ remote }) => remote === 'peer-9')) this.accept(9, ALL, { isOrigin: true })
  }

  /** Chunks asked of a peer and neither delivered nor given up. */
  asked(number: number): number[] {
    const link = this.network.links.findLast(({ remote }) => remote === `peer-${number}`)
    if (!link) return []
    const gone = new Set(link.sentOf('cancel').map(({ requestId }) => requestId))
    return link
      .sentOf('request')
      .filter(({ requestId, chunk }) => !gone.has(requestId) && !this.peer.have.has(chunk))
      .map(({ chunk }) => chunk)
  }

  give(number: number, chunk: number): void {
    const link = this.network.to(`peer-${number}`)
    const request = link.sentOf('request').findLast((other) => other.chunk === chunk)!
    this.deliver(link, request.requestId, chunk, digestOf(chunk))
  }
}

const ALL = Array.from({ length: 60 }, (_, chunk) => chunk)

describe('playback', () => {
  it('gets the first seconds from the origin and what comes after them from peers, in order', () => {
    const listener = new Listener()
    listener.meetAll()
    listener.player.play()
    expect(listener.asked(9)).toEqual([0, 1])
    expect(listener.asked(2)).toEqual([15, 16])
    listener.give(9, 0)
    listener.give(9, 1)
    expect(listener.player.state).toBe('sounding')
    expect(listener.asked(9)).toEqual([2, 3])
  })

  it('asks peers for urgent chunks while no origin answers', () => {
    const listener = new Listener()
    listener.join([candidateOf(2)])
    listener.accept(2, ALL)
    listener.player.play()
    expect(listener.asked(2)).toEqual([0, 1, 2, 3])
  })

  it('leaves the origin alone while the buffer is full enough, and comes back in an emergency', () => {
    const held = ALL.slice(0, 20)
    const listener = new Listener({}, held)
    listener.meetAll()
    listener.player.play()
    expect(listener.asked(9)).toEqual([])
    expect(listener.asked(2)).toEqual([20, 21, 22, 23])
    listener.clock.advance(9_900)
    expect(listener.network.links.map(({ remote }) => remote)).not.toContain('peer-9')
    listener.clock.advance(300)
    listener.meetOrigin()
    expect(listener.asked(9)).toEqual([24, 25])
    expect(listener.demand.pausesUploads).toBe(false)
  })

  it('rescues what peers are late with when the buffer is critical, and pauses uploads', () => {
    const listener = new Listener({}, ALL.slice(0, 20))
    listener.meetAll()
    listener.player.play()
    listener.clock.advance(10_200)
    listener.meetOrigin()
    for (const chunk of [24, 25]) listener.give(9, chunk)
    const reader = listener.dialIn(3, [])
    listener.peer.message(reader, { type: 'interested', interested: true })
    listener.clock.advance(7_000)
    for (const chunk of [26, 27]) listener.give(9, chunk)
    expect(listener.demand.pausesUploads).toBe(true)
    expect(
      listener.network
        .to('peer-9')
        .sentOf('request')
        .map(({ chunk }) => chunk),
    ).toContain(20)
    listener.peer.message(reader, { type: 'request', requestId: 1, chunk: 3 })
    expect(reader.sentOf('chunk')).toEqual([])
    for (let chunk = 20; chunk < 40; chunk++)
      for (const number of [9, 2]) if (listener.asked(number).includes(chunk)) listener.give(number, chunk)
    expect(listener.demand.pausesUploads).toBe(false)
    expect(reader.sentOf('chunk')).toHaveLength(1)
    expect(listener.recorder.rows.map(({ result }) => result)).toContain('rescued')
  })

  it('asks peers only as far ahead as it is told, and further as it plays', () => {
    const listener = new Listener({ peersAheadMs: 3_000, originFirstMs: 0 }, [0, 1])
    listener.meetAll()
    listener.player.play()
    expect(listener.asked(2)).toEqual([2])
    listener.clock.advance(1_100)
    expect(listener.asked(2)).toEqual([2, 3, 4])
  })

  it('gives up what a seek makes useless', () => {
    const listener = new Listener()
    listener.meetAll()
    listener.player.play()
    listener.player.seek(40_000)
    expect(listener.asked(9)).toEqual([40, 41])
    expect(listener.asked(2)).toEqual([55, 56])
    expect(listener.recorder.rows.filter(({ result }) => result === 'cancelled')).toHaveLength(4)
  })

  it('wants nothing when it is off, and no origin while it only looks ahead', () => {
    const listener = new Listener()
    listener.demand.urgency = 'off'
    listener.meetAll()
    expect(listener.network.links.map(({ remote }) => remote)).toEqual(['tracker'])
    expect(listener.network.to('tracker').sentOf('announce')[0].wanted).toBe(0)
    listener.demand.urgency = 'peers'
    listener.accept(2, ALL)
    expect([listener.asked(9), listener.asked(2)]).toEqual([[], [0, 1, 2, 3]])
    listener.demand.urgency = 'off'
    expect(listener.asked(2)).toEqual([])
  })

  it('bounds a fetch by its deadline and tells how much time was left', () => {
    const listener = new Listener({ originFirstMs: 0 }, [0, 1, 2, 3, 4])
    listener.player.play()
    listener.meetAll()
    expect(listener.asked(2)).toEqual([5, 6, 7, 8])
    listener.clock.advance(2_000)
    listener.give(2, 5)
    expect(listener.recorder.rows.at(-1)).toMatchObject({ chunk: 5, result: 'ok', deadlineSlackMs: 3000 })
    listener.clock.advance(4_001)
    expect(listener.recorder.rows.find(({ chunk }) => chunk === 6)).toMatchObject({ result: 'timeout' })
    expect(listener.recorder.rows.find(({ chunk }) => chunk === 6)!.deadlineSlackMs).toBeCloseTo(0, 6)
  })

  it('knows an origin without a tracker', () => {
    const listener = new PeerHarness(
      4,
      [],
      {},
      { origins: [{ peerId: idOf(9), address: 'peer-9', region: 'eu-west' }] },
    )
    listener.peer.demandChanged()
    const player = new Player(listener.clock, new MediaTimeline(manifestOf(4), 1000), listener.peer.have, {
      startBufferMs: 1000,
      resumeBufferMs: 1000,
    })
    listener.peer.demand = new PlaybackDemand(listener.clock, player, PLAYBACK_DEFAULTS, () =>
      listener.peer.demandChanged(),
    )
    player.play()
    listener.accept(9, [0, 1, 2, 3], { isOrigin: true })
    expect(
      listener.network
        .to('peer-9')
        .sentOf('request')
        .map(({ chunk }) => chunk),
    ).toEqual([0, 1, 2, 3])
  })
})
