import { createHash } from 'node:crypto'
import { chunkCountOf, type Manifest } from '../protocol/manifest.ts'
import { ChunkSet } from '../protocol/chunk-set.ts'
import type { Address, Digest } from '../protocol/ids.ts'
import type { ChunkBody, ChunkStore } from '../ports/chunk-store.ts'
import { SeededRandom } from '../ports/seeded-random.ts'
import { SystemClock } from '../ports/system-clock.ts'
import { PEER_DEFAULTS, type PeerOptions, type PeerSettings } from '../core/options.ts'
import { Peer } from '../core/peer.ts'
import { dataOf, LiveBody } from './live-body.ts'
import { wireContentOf } from './wire-content.ts'
import { WireHost, type WireHostOptions } from './wire-host.ts'
import type { WireNetwork } from './wire-network.ts'

const sha1 = (data: Uint8Array): Digest => createHash('sha1').update(data).digest('hex')

/** A content of pseudo-random bytes, and its manifest as a torrent would have it. */
export function makeContent(totalBytes: number, chunkBytes: number, name = 'content') {
  const random = new SeededRandom(name)
  const data = Uint8Array.from({ length: totalBytes }, () => random.below(256))
  const digests = Array.from({ length: chunkCountOf(totalBytes, chunkBytes) }, (_, i) =>
    sha1(data.subarray(i * chunkBytes, (i + 1) * chunkBytes)),
  )
  const manifest: Manifest = { contentId: sha1(Buffer.from(name)), name, totalBytes, chunkBytes, digests }
  return { data, manifest }
}

/** Chunks in memory. */
export class MemoryStore implements ChunkStore {
  readonly initial: ChunkSet
  readonly data: Uint8Array
  readonly #manifest: Manifest

  constructor(manifest: Manifest, data?: Uint8Array) {
    this.#manifest = manifest
    this.initial = data ? ChunkSet.full(manifest.digests.length) : new ChunkSet(manifest.digests.length)
    this.data = data?.slice() ?? new Uint8Array(manifest.totalBytes)
  }

  read(chunk: number, done: (body: ChunkBody | undefined) => void): void {
    const { chunkBytes } = this.#manifest
    setImmediate(() => done(new LiveBody(this.data.subarray(chunk * chunkBytes, (chunk + 1) * chunkBytes))))
  }

  digest(body: ChunkBody, done: (digest: Digest) => void): void {
    setImmediate(() => done(sha1(dataOf(body))))
  }

  write(chunk: number, body: ChunkBody, done: (kept: boolean) => void): void {
    this.data.set(dataOf(body), chunk * this.#manifest.chunkBytes)
    setImmediate(() => done(true))
  }
}

export interface WirePeer {
  readonly peer: Peer
  readonly network: WireNetwork
  readonly host: WireHost
  readonly store: MemoryStore
  readonly address: Address
  readonly peerId: string
  readonly complete: Promise<void>
}

/** Peer cores on loopback that speak BitTorrent and know each other only by what a test tells them. */
export class WireWorld {
  readonly #peers: WirePeer[] = []

  async peer(
    manifest: Manifest,
    data?: Uint8Array,
    settings: Partial<PeerSettings> = {},
    options: WireHostOptions & { more?: Partial<PeerOptions> } = {},
  ): Promise<WirePeer> {
    const host = await WireHost.listen({ host: '127.0.0.1', port: 0 }, options)
    const network = host.open(wireContentOf(manifest))
    const store = new MemoryStore(manifest, data)
    const peerId = sha1(Buffer.from(`peer ${this.#peers.length}`))
    const address = `127.0.0.1:${host.port}`
    let peer!: Peer
    const complete = new Promise<void>((resolve) => {
      peer = new Peer(
        {
          clock: new SystemClock(),
          network,
          random: new SeededRandom(peerId),
          store,
          ranker: {
            ...{ name: 'first', version: '1', readsFeatures: false },
            rank: ({ count }, wanted) => ({
              order: Array.from({ length: Math.min(wanted, count) }, (_, i) => i),
              ...{ scores: new Float32Array(count), propensity: 1, explored: false },
            }),
          },
          recorder: { wants: () => false, record: () => undefined },
        },
        {
          ...{ peerId, address, region: 'eu-west', isOrigin: false, manifest, trackers: [] },
          settings: { ...PEER_DEFAULTS, ...settings },
          ...options.more,
          onComplete: resolve,
        },
      )
    })
    peer.start()
    const made = { peer, network, host, store, address, peerId, complete }
    this.#peers.push(made)
    return made
  }

  async dispose(): Promise<void> {
    for (const { peer } of this.#peers) peer.leave()
    await Promise.all(this.#peers.map(({ host }) => host.close()))
  }
}
