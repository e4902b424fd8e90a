import { describe, expect, it } from 'vitest'
import type { Digest } from '../protocol/ids.ts'
import type { ChunkBody, ChunkStore } from './chunk-store.ts'

export interface ChunkStoreWorld {
  /** An empty store of a content of 3 chunks or more. */
  readonly store: ChunkStore
  /** The right digest of each chunk. */
  readonly digests: readonly Digest[]
  /** A chunk's true data, as it would come from the network. */
  body(chunk: number): ChunkBody
  /** Wrong data of the same size. */
  corruptBody(chunk: number): ChunkBody
  /** Opens what the store has written once more; absent where nothing outlives the store. */
  reopen?(): Promise<ChunkStore>
  dispose?(): Promise<void>
}

/** What every ChunkStore does. */
export function chunkStoreContract(
  name: string,
  createWorld: () => ChunkStoreWorld | Promise<ChunkStoreWorld>,
): void {
  const withWorld = (test: (world: ChunkStoreWorld) => Promise<void>) => async () => {
    const world = await createWorld()
    try {
      await test(world)
    } finally {
      await world.dispose?.()
    }
  }

  describe(`${name} as a ChunkStore`, () => {
    it(
      'starts empty and reads nothing',
      withWorld(async ({ store, digests }) => {
        expect(store.initial.size).toBe(digests.length)
        expect(store.initial.count).toBe(0)
        expect(await read(store, 0)).toBeUndefined()
      }),
    )

    it(
      'tells right data from wrong',
      withWorld(async ({ store, digests, body, corruptBody }) => {
        expect(await digest(store, body(1))).toBe(digests[1])
        expect(await digest(store, corruptBody(1))).not.toBe(digests[1])
        expect(corruptBody(1).bytes).toBe(body(1).bytes)
      }),
    )

    it(
      'keeps what it is given, chunk by chunk and in any order',
      withWorld(async ({ store, digests, body }) => {
        const last = digests.length - 1
        for (const chunk of [last, 0]) expect(await write(store, chunk, body(chunk))).toBe(true)
        for (const chunk of [0, last]) {
          const kept = await read(store, chunk)
          expect(kept?.bytes).toBe(body(chunk).bytes)
          expect(await digest(store, kept!)).toBe(digests[chunk])
        }
        expect(await read(store, 1)).toBeUndefined()
      }),
    )

    it(
      'finds what was written before when it is opened again',
      withWorld(async ({ store, digests, body, reopen }) => {
        expect(await write(store, 1, body(1))).toBe(true)
        const again = reopen ? await reopen() : store
        expect(await digest(again, (await read(again, 1))!)).toBe(digests[1])
        if (reopen) expect([again.initial.has(0), again.initial.has(1)]).toEqual([false, true])
      }),
    )
  })
}

const read = (store: ChunkStore, chunk: number) =>
  new Promise<ChunkBody | undefined>((resolve) => store.read(chunk, resolve))
const digest = (store: ChunkStore, body: ChunkBody) =>
  new Promise<Digest>((resolve) => store.digest(body, resolve))
const write = (store: ChunkStore, chunk: number, body: ChunkBody) =>
  new Promise<boolean>((resolve) => store.write(chunk, body, resolve))
