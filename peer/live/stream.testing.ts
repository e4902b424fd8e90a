import { Writable } from 'node:stream'
import { createHash, type Hash } from 'node:crypto'
import { createRanker } from '../../model/policies.ts'
import { SeededRandom } from '../ports/seeded-random.ts'
import type { StreamNodeOptions } from './stream-node.ts'

/** What a member of a test's stream is told; it plays soon. */
export const streamOptions = (tracker: string, seed: string) =>
  ({
    trackers: [tracker],
    listen: { host: '127.0.0.1', port: 0 },
    region: 'eu-west',
    random: new SeededRandom(seed),
    recorder: { wants: () => false, record: () => undefined },
    ranker: (random) => createRanker({ name: 'random' }, { random, model: undefined }),
    live: { startBufferMs: 1_000, keepPlayedMs: 500, tickMs: 20, takeoverMs: 500 },
    settings: { announceBackoffMs: 200 },
  }) satisfies StreamNodeOptions

/** A player that reads all at once and keeps what it read. */
export class Reader extends Writable {
  readonly parts: Buffer[] = []
  readonly #hash: Hash = createHash('sha256')
  bytes = 0

  override _write(data: Buffer, _encoding: BufferEncoding, done: () => void): void {
    this.parts.push(data)
    this.bytes += data.length
    this.#hash.update(data)
    done()
  }

  get data(): Buffer {
    return Buffer.concat(this.parts)
  }
}
