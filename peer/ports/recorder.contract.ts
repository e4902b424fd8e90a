import { describe, expect, it } from 'vitest'
import { FEATURE_COUNT } from '../protocol/features.ts'
import type { OutcomeRow, Recorder } from './recorder.ts'

export interface RecorderWorld {
  /** A recorder that wants everything. */
  readonly recorder: Recorder
  /** The rows that it has taken so far, in order. */
  rows(): readonly OutcomeRow[] | Promise<readonly OutcomeRow[]>
}

/** What every Recorder does. */
export function recorderContract(
  name: string,
  createWorld: () => RecorderWorld | Promise<RecorderWorld>,
): void {
  describe(`${name} as a Recorder`, () => {
    it('says for both places whether it wants a row', async () => {
      const { recorder } = await createWorld()
      expect(recorder.wants('peer')).toBe(true)
      expect(recorder.wants('tracker')).toBe(true)
    })

    it('keeps every field of every row, in order', async () => {
      const { recorder, rows } = await createWorld()
      const given = [row({ chunk: 3 }), row({ chunk: 1, result: 'busy', durationMs: NaN }), row({ chunk: 2 })]
      for (const one of given) recorder.record(one)
      expect(await rows()).toEqual(given)
    })
  })
}

/** A row of two candidates, with what a test wants different. */
export function row(changes: Partial<OutcomeRow> = {}): OutcomeRow {
  return {
    place: 'peer',
    contentId: 'c'.repeat(64),
    requesterId: 'a'.repeat(40),
    requesterRegion: 'eu-west',
    decidedMs: 1000,
    chunk: 0,
    attempt: 1,
    policy: 'random',
    policyVersion: '1',
    trackerPolicy: 'random',
    trackerPolicyVersion: '1',
    trackerRank: 0,
    candidateIds: ['1'.repeat(40), '2'.repeat(40)],
    features: new Float32Array(2 * FEATURE_COUNT).fill(0.5),
    scores: new Float32Array([0.25, 0.75]),
    chosen: 1,
    propensity: 0.5,
    explored: false,
    reason: 'normal',
    result: 'ok',
    connectMs: 20,
    ttfbMs: 25,
    durationMs: 500,
    bytes: 1_000_000,
    requesterInflight: 2,
    seedActive: 1,
    seedQueued: 0,
    deadlineSlackMs: NaN,
    ...changes,
  }
}
