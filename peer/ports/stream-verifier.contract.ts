import { describe, expect, it } from 'vitest'
import type { ChunkBody } from './chunk-store.ts'
import type { StreamVerifier } from './stream-verifier.ts'

export interface StreamVerifierWorld {
  readonly verifier: StreamVerifier
  /** The stream's chunk of a full number, as its source makes it. */
  body(number: number): ChunkBody
  /** The same with some of its bytes changed. */
  tamperedBody(number: number): ChunkBody
  /** A chunk of another stream of the same shape. */
  foreignBody(number: number): ChunkBody
}

/** What every StreamVerifier does. */
export function streamVerifierContract(name: string, createWorld: () => StreamVerifierWorld): void {
  const isGenuine = ({ verifier }: StreamVerifierWorld, number: number, body: ChunkBody) =>
    new Promise<boolean>((resolve) => verifier.verify(number, body, resolve))

  describe(`${name} as a StreamVerifier`, () => {
    it('knows the stream’s own chunks, whatever their number', async () => {
      const world = createWorld()
      for (const number of [0, 1, 65_535, 65_536, 2 ** 40])
        expect(await isGenuine(world, number, world.body(number))).toBe(true)
    })

    it('refuses what was tampered with', async () => {
      const world = createWorld()
      expect(await isGenuine(world, 3, world.tamperedBody(3))).toBe(false)
    })

    it('refuses a chunk under another number, one with the same low 16 bits too', async () => {
      const world = createWorld()
      expect(await isGenuine(world, 4, world.body(3))).toBe(false)
      expect(await isGenuine(world, 3 + 65_536, world.body(3))).toBe(false)
    })

    it('refuses chunks of other streams', async () => {
      const world = createWorld()
      expect(await isGenuine(world, 3, world.foreignBody(3))).toBe(false)
    })
  })
}
