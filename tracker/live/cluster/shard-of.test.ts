import { createHash } from 'node:crypto'
import { expect, it } from 'vitest'
import { shareOf } from '../serving.ts'
import { browserSwarm } from '../swarm-name.ts'
import { shardOf } from './shard-of.ts'

const hashes = Array.from({ length: 20_000 }, (_, i) => createHash('sha1').update(`${i}`).digest('hex'))

it.each([2, 3, 4, 7])('spreads swarms evenly over %i shards, those of a second policy too', (count) => {
  const drawn = [hashes, hashes.filter((hash) => shareOf(hash) < 0.1)]
  for (const swarms of drawn) {
    const sizes = Array<number>(count).fill(0)
    for (const swarm of swarms) sizes[shardOf(swarm, count)]++
    const mean = swarms.length / count
    for (const size of sizes) expect(Math.abs(size - mean)).toBeLessThan(5 * Math.sqrt(mean))
  }
})

it('keeps browsers of a torrent with its other clients, and swarms where they are', () => {
  for (const hash of hashes.slice(0, 100)) expect(shardOf(browserSwarm(hash), 4)).toBe(shardOf(hash, 4))
  expect(hashes.slice(0, 8).map((hash) => shardOf(hash, 4))).toMatchInlineSnapshot(`
    [
      1,
      2,
      0,
      1,
      0,
      0,
      3,
      3,
    ]
  `)
})
