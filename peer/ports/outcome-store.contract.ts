import { beforeEach, describe, expect, it, type TestContext } from 'vitest'
import type { Outcome } from './outcome-sink.ts'
import type {
  Activation,
  ModelStore,
  OutcomeStore,
  Revocation,
  RevocationStore,
  StoredModel,
} from './outcome-store.ts'
import { row } from './recorder.contract.ts'

/** An outcome of run `a`, with what a test wants different. */
export function outcome(decision: number, changes: Partial<Outcome> = {}): Outcome {
  return {
    ...{ runId: 'a', decision, receivedMs: 1_700_000_000_000 + decision, reporter: '', trust: 1 },
    row: row({ chunk: decision, durationMs: 0.1 + decision, connectMs: NaN }),
    ...changes,
  }
}

const byName = (a: Outcome, b: Outcome): number =>
  a.runId < b.runId ? -1 : a.runId > b.runId ? 1 : a.decision - b.decision

/** Everything that a store holds, ordered by run and decision. */
export async function readAll(store: OutcomeStore, runId?: string): Promise<Outcome[]> {
  const outcomes = []
  for await (const one of store.read(runId)) outcomes.push(one)
  return outcomes.sort(byName)
}

/** What every OutcomeStore does; `open` gives an empty one. */
export function outcomeStoreContract(
  name: string,
  open: (context: TestContext) => Promise<OutcomeStore>,
): void {
  describe(`${name} as an OutcomeStore`, () => {
    let store: OutcomeStore
    beforeEach(async (context) => {
      store = await open(context)
    })

    it('is empty at first', async () => {
      expect(await readAll(store)).toEqual([])
      await store.expire(Date.now())
    })

    it('keeps every field of every outcome', async () => {
      const given = [
        outcome(0, { reporter: 'peer:ü"\'$', trust: 0.25, receivedMs: 1_700_000_000_123 }),
        outcome(1, { row: row({ features: new Float32Array(row().features.length).fill(NaN) }) }),
        outcome(2, {
          row: row({ result: 'timeout', bytes: 2 ** 40, explored: true, deadlineSlackMs: -3.5 }),
        }),
        outcome(3, { runId: 'tracker-1.a_b:c@d+e', row: row({ contentId: "o'$where", chosen: 0 }) }),
      ]
      expect(await store.insert(given)).toBe(4)
      expect(await readAll(store)).toEqual(given)
    })

    it('keeps an outcome once, however often it comes', async () => {
      expect(await store.insert([outcome(1), outcome(2), outcome(1)])).toBe(2)
      expect(await store.insert([outcome(2), outcome(3), outcome(1)])).toBe(1)
      expect(await store.insert([outcome(1)])).toBe(0)
      expect(await store.insert([outcome(1, { runId: 'b' })])).toBe(1)
      expect(await readAll(store)).toEqual(
        [1, 2, 3].map((n) => outcome(n)).concat(outcome(1, { runId: 'b' })),
      )
    })

    it('takes many at once', async () => {
      const given = Array.from({ length: 1234 }, (_, decision) => outcome(decision))
      expect(await store.insert(given)).toBe(given.length)
      expect(await readAll(store)).toEqual(given)
    })

    it('takes what two give at once', async () => {
      const [first, second] = [
        [1, 2, 3],
        [3, 4],
      ].map((numbers) => numbers.map((n) => outcome(n)))
      const counts = await Promise.all([store.insert(first), store.insert(second)])
      expect(counts[0] + counts[1]).toBe(4)
      expect(await readAll(store)).toEqual([1, 2, 3, 4].map((n) => outcome(n)))
    })

    it('reads one recording', async () => {
      await store.insert([outcome(1), outcome(1, { runId: 'b' }), outcome(2, { runId: "b'" })])
      expect(await readAll(store, 'b')).toEqual([outcome(1, { runId: 'b' })])
    })

    it('forgets what was received before a time', async () => {
      const given = Array.from({ length: 20 }, (_, decision) => outcome(decision))
      await store.insert(given.slice(0, 5))
      await store.insert(given.slice(5, 15))
      await store.insert(given.slice(15))
      await store.expire(given[8].receivedMs)
      expect(await readAll(store)).toEqual(given.slice(8))
      await store.expire(given[19].receivedMs + 1)
      expect(await readAll(store)).toEqual([])
      expect(await store.insert([outcome(50)])).toBe(1)
      expect(await readAll(store)).toEqual([outcome(50)])
    })
  })
}

const model = (label: string, savedMs: number, weights: number[] = [1, 2, 255]): StoredModel => ({
  ...{ label, savedMs },
  files: new Map([
    ['card.json', new TextEncoder().encode('{}')],
    ['weights.bin', Uint8Array.from(weights)],
  ]),
})

const plain = (stored: StoredModel | undefined) =>
  stored && {
    ...stored,
    files: [...stored.files].map(([name, data]) => [name, [...data]]).sort(([a], [b]) => (a < b ? -1 : 1)),
  }

/** What every ModelStore does; `open` gives an empty one. */
export function modelStoreContract(name: string, open: (context: TestContext) => Promise<ModelStore>): void {
  describe(`${name} as a ModelStore`, () => {
    let store: ModelStore
    beforeEach(async (context) => {
      store = await open(context)
    })

    it('gives models back as they were put in', async () => {
      expect(await store.models()).toEqual([])
      expect(await store.model('fast@0123456789ab')).toBeUndefined()
      await store.putModel(model('fast@0123456789ab', 1_700_000_000_000))
      await store.putModel(model('slow@0123456789ab', 1_700_000_000_002, []))
      await store.putModel(model('fast@ba9876543210', 1_700_000_000_001, [7]))
      expect(plain(await store.model('fast@0123456789ab'))).toEqual(
        plain(model('fast@0123456789ab', 1_700_000_000_000)),
      )
      expect(await store.models()).toEqual([
        { label: 'slow@0123456789ab', savedMs: 1_700_000_000_002 },
        { label: 'fast@ba9876543210', savedMs: 1_700_000_000_001 },
        { label: 'fast@0123456789ab', savedMs: 1_700_000_000_000 },
      ])
    })

    it('replaces a model of the same label', async () => {
      await store.putModel(model('fast@0123456789ab', 1_700_000_000_000))
      await store.putModel(model('fast@0123456789ab', 1_700_000_000_001, [9, 9]))
      expect(plain(await store.model('fast@0123456789ab'))).toEqual(
        plain(model('fast@0123456789ab', 1_700_000_000_001, [9, 9])),
      )
      expect(await store.models()).toHaveLength(1)
    })

    it('removes models', async () => {
      await store.putModel(model('fast@0123456789ab', 1_700_000_000_000))
      expect(await store.removeModel('fast@0123456789ab')).toBe(true)
      expect(await store.removeModel('fast@0123456789ab')).toBe(false)
      expect(await store.models()).toEqual([])
    })

    it.each(['fast', '../../etc@0', '@1', 'a/b@1', '.@1', 'fast@1/..', `${'a'.repeat(33)}@1`, 'a$b@1', 'a@'])(
      'refuses the label %s',
      async (label) => {
        await expect(async () => store.putModel(model(label, 0))).rejects.toThrow('invalid model label')
        expect(await store.model(label)).toBeUndefined()
        expect(await store.removeModel(label)).toBe(false)
      },
    )

    it.each(['../x', '/etc/passwd', '', '.hidden', 'a b', 'x\0'])('refuses the file %j', async (file) => {
      const files = new Map([[file, new Uint8Array(1)]])
      await expect(async () =>
        store.putModel({ label: 'fast@0123456789ab', savedMs: 0, files }),
      ).rejects.toThrow('invalid file name')
      expect(await store.models()).toEqual([])
    })

    it('refuses what is too large', async () => {
      const label = 'fast@0123456789ab'
      const large = new Map([['weights.bin', new Uint8Array(12 * 1024 * 1024 + 1)]])
      await expect(async () => store.putModel({ label, savedMs: 0, files: large })).rejects.toThrow('at most')
      const many = new Map(Array.from({ length: 17 }, (_, i) => [`file${i}`, new Uint8Array(1)]))
      await expect(async () => store.putModel({ label, savedMs: 0, files: many })).rejects.toThrow('17 files')
    })

    it('takes a model of several megabytes', async () => {
      const large = {
        ...model('fast@0123456789ab', 0),
        files: new Map([['weights.bin', new Uint8Array(5e6)]]),
      }
      await store.putModel(large)
      expect((await store.model(large.label))?.files.get('weights.bin')?.byteLength).toBe(5e6)
    })

    it('knows the last switches, the newest first', async () => {
      expect(await store.activations(10)).toEqual([])
      const switches: Activation[] = [1, 2, 3].map((n) => ({
        ...{ atMs: 1_700_000_000_000 + n, slot: n === 2 ? 'canary' : 'main', policy: 'model' },
        model: `fast@${n}`,
      }))
      for (const one of switches) await store.activated(one)
      expect(await store.activations(10)).toEqual(switches.toReversed())
      expect(await store.activations(2)).toEqual(switches.toReversed().slice(0, 2))
    })
  })
}

/** What every RevocationStore does; `open` gives an empty one. */
export function revocationStoreContract(
  name: string,
  open: (context: TestContext) => Promise<RevocationStore>,
): void {
  describe(`${name} as a RevocationStore`, () => {
    const revoked = (
      kind: Revocation['kind'],
      name: string,
      expiresMs: number | null = null,
    ): Revocation => ({
      ...{ kind, name, expiresMs, revokedMs: 1_700_000_000_000 },
    })
    const all = async (store: RevocationStore): Promise<string[]> =>
      (await store.revocations()).map(({ kind, name, expiresMs }) => `${kind} ${name} ${expiresMs}`).sort()

    it('keeps revocations until they are lifted, or have expired', async (context) => {
      const store = await open(context)
      expect(await store.revocations()).toEqual([])
      await store.revoke(revoked('jti', 'ü $a.b'), 0)
      await store.revoke(revoked('subject', 'ü $a.b', 500), 0)
      await store.revoke(revoked('jti', 'x', 100), 0)
      expect(await all(store)).toEqual(['jti x 100', 'jti ü $a.b null', 'subject ü $a.b 500'])
      expect(await store.lift('jti', 'ü $a.b')).toBe(true)
      expect(await store.lift('jti', 'ü $a.b')).toBe(false)
      await store.revoke(revoked('jti', 'x', 700), 0)
      expect(await all(store)).toEqual(['jti x 700', 'subject ü $a.b 500'])
      expect(await store.revocations()).toContainEqual(revoked('jti', 'x', 700))
      await store.revoke(revoked('jti', 'y'), 501)
      expect(await all(store)).toEqual(['jti x 700', 'jti y null'])
    })

    it('takes what two revoke at once', async (context) => {
      const store = await open(context)
      await Promise.all(['a', 'b', 'c'].map((name) => store.revoke(revoked('jti', name), 0)))
      expect(await all(store)).toEqual(['jti a null', 'jti b null', 'jti c null'])
    })
  })
}
