import { describe, expect, it } from 'vitest'
import { PeerStats } from '../../peer/core/stats.ts'
import { ChunkSet } from '../../peer/protocol/chunk-set.ts'
import type { Manifest } from '../../peer/protocol/manifest.ts'
import { bytesText, GetProgress, sourcesText } from './get-progress.ts'

const manifest: Manifest = {
  contentId: 'c'.repeat(64),
  name: 'film.bin',
  totalBytes: 100_000_000,
  chunkBytes: 1_000_000,
  digests: new Array<string>(100).fill('d'.repeat(64)),
}

/** A view at a terminal of 26 columns, or piped, whose clock the test moves. */
class Screen {
  text = ''
  nowMs = 0
  readonly peer = { have: new ChunkSet(100), stats: new PeerStats(), neighbourCount: 0 }
  readonly view: GetProgress

  constructor(isTTY: boolean, columns = 120) {
    const stream = { isTTY, columns, write: (text: string) => ((this.text += text), true) }
    this.view = new GetProgress(stream, manifest, this.peer, () => this.nowMs)
  }

  /** What the next drawing adds. */
  draw(): string {
    this.text = ''
    this.view.refresh()
    return this.text
  }
}

describe('GetProgress', () => {
  it('writes a line with all that counts where output is piped', () => {
    const screen = new Screen(false)
    expect(screen.draw()).toBe('film.bin 0 % of 100 MB, waiting for a peer\n')
    const { peer } = screen
    for (let chunk = 0; chunk < 25; chunk++) peer.have.add(chunk)
    Object.assign(peer.stats, { downloadedBytes: 25e6, fromPeerBytes: 20e6, fromOriginBytes: 5e6 })
    peer.neighbourCount = 2
    screen.nowMs = 2000
    expect(screen.draw()).toBe(
      'film.bin 25 % of 100 MB, 13 MB/s, 2 peers, 80 % from other peers and 20 % from the origin, 6 s left\n',
    )
    screen.view.close()
  })

  it('says when the tracker does not answer', () => {
    const screen = new Screen(false)
    Object.assign(screen.peer.stats, { announces: 2, failedAnnounces: 2 })
    expect(screen.draw()).toContain('the tracker does not answer, trying again')
    screen.view.close()
  })

  it('shows every chunk at a terminal, and draws over what it drew', () => {
    const screen = new Screen(true, 26)
    expect(screen.text.split('\n').slice(0, 4)).toEqual(new Array(4).fill('·'.repeat(25)))
    for (const chunk of [0, 24, 25, 99]) screen.peer.have.add(chunk)
    const drawn = screen.draw()
    expect(drawn.startsWith('\u001b[5A')).toBe(true)
    const rows = drawn.slice(drawn.indexOf('J') + 1).split('\n')
    expect(rows.slice(0, 4)).toEqual([
      `█${'·'.repeat(23)}█`,
      `█${'·'.repeat(24)}`,
      '·'.repeat(25),
      `${'·'.repeat(24)}█`,
    ])
    expect(rows[4]).toHaveLength(25)
    screen.view.close()
  })

  it('lets one character stand for several chunks where they are many', () => {
    const screen = new Screen(true, 11)
    for (let chunk = 0; chunk < 100; chunk++)
      if (chunk < 6 || (chunk < 12 && chunk % 2 === 0)) screen.peer.have.add(chunk)
    const drawn = screen.draw()
    const [first] = drawn.slice(drawn.indexOf('J') + 1).split('\n')
    expect(first).toBe('██▒░······')
    screen.view.close()
  })
})

describe('texts', () => {
  it('write amounts as people read them', () => {
    expect([0, 812, 1500, 64e6, 123_456_789, 2.5e12].map(bytesText)).toEqual([
      '0 B',
      '812 B',
      '1.5 kB',
      '64 MB',
      '123 MB',
      '2.5 TB',
    ])
  })

  it('tell who sent the bytes', () => {
    expect(sourcesText(Object.assign(new PeerStats(), { fromSeedBytes: 3 }))).toBe('100 % from seeds')
  })
})
