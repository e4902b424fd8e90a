import { describe, expect, it } from 'vitest'
import { PeerStats } from '../../peer/core/stats.ts'
import { ChunkSet } from '../../peer/protocol/chunk-set.ts'
import type { Manifest } from '../../peer/protocol/manifest.ts'
import { GetFace } from './get-face.ts'
import { bytesText, sourcesText, wrapParts } from './peer-text.ts'

const manifest: Manifest = {
  contentId: 'c'.repeat(64),
  name: 'film.bin',
  totalBytes: 100_000_000,
  chunkBytes: 1_000_000,
  digests: new Array<string>(100).fill('d'.repeat(64)),
}

/** A download whose clock the test moves. */
class Download {
  nowMs = 0
  readonly peer = {
    ...{ have: new ChunkSet(100), fetching: new ChunkSet(100), stats: new PeerStats() },
    neighbourCount: 0,
  }
  readonly face = new GetFace('get', manifest, this.peer, () => this.nowMs)

  /** A quarter has come in two seconds. */
  static quarter(): Download {
    const download = new Download()
    download.face.summary()
    const { peer } = download
    for (let chunk = 0; chunk < 25; chunk++) peer.have.add(chunk)
    for (let chunk = 25; chunk < 29; chunk++) peer.fetching.add(chunk)
    Object.assign(peer.stats, { downloadedBytes: 25e6, fromPeerBytes: 20e6, fromOriginBytes: 5e6 })
    peer.neighbourCount = 2
    download.nowMs = 2000
    return download
  }
}

describe('the face of a download', () => {
  it('says in a line all that counts', () => {
    expect(new Download().face.summary()).toBe('film.bin 0 % of 100 MB, waiting for a peer')
    expect(Download.quarter().face.summary()).toBe(
      'film.bin 25 % of 100 MB, 13 MB/s, 2 peers, 80 % from other peers and 20 % from the origin, 6 s left',
    )
  })

  it('says when the tracker does not answer', () => {
    const { face, peer } = new Download()
    Object.assign(peer.stats, { announces: 2, failedAnnounces: 2 })
    expect(face.summary()).toContain('the tracker does not answer, trying again')
  })

  it('shows every chunk where there is room, and wraps what it says', () => {
    expect(Download.quarter().face.lines(50, false)).toEqual([
      `${'█'.repeat(25)}▄▄▄▄${'·'.repeat(21)}`,
      '·'.repeat(50),
      '█ have  ▄ under way  · missing',
      'film.bin 25 % of 100 MB, 13 MB/s, 2 peers,',
      '80 % from other peers and 20 % from the origin,',
      '6 s left',
    ])
  })

  it('fits a narrow terminal', () => {
    const { face } = Download.quarter()
    const lines = face.lines(25, false)
    expect(lines.slice(0, 4)).toEqual([
      '█'.repeat(25),
      `▄▄▄▄${'·'.repeat(21)}`,
      '·'.repeat(25),
      '·'.repeat(25),
    ])
    expect(lines).not.toContain('█ have  ▄ under way  · missing')
  })

  it('tells programs what it tells people', () => {
    expect(Download.quarter().face.progress()).toMatchObject({
      ...{ role: 'get', name: 'film.bin', chunks: 100, haveChunks: 25, fetchingChunks: 4 },
      ...{ downloadBps: 12_500_000, uploadBps: 0, etaS: 6, neighbours: 2 },
      stats: { downloadedBytes: 25e6 },
    })
    expect(new Download().face.progress()).toMatchObject({ etaS: null })
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

  it('wrap between parts only', () => {
    expect(wrapParts(['one', 'two', 'three'], 9)).toEqual(['one, two,', 'three'])
    expect(wrapParts(['much too long', 'x'], 5)).toEqual(['much too long,', 'x'])
    expect(wrapParts([], 5)).toEqual([])
  })
})
