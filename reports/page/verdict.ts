import type { Comparison, Metric } from '../schema.ts'

/** What a paired comparison allows one to say. */
export type Verdict = 'better' | 'worse' | 'differs' | 'inconclusive' | 'single'

/** `single`: one replication, nothing can be said; `differs`: a difference where neither direction is better. */
export function verdictOf(comparison: Comparison, better: Metric['better']): Verdict {
  if (comparison.ci95 === null) return 'single'
  if (!comparison.significant) return 'inconclusive'
  if (better === 'neither') return 'differs'
  return comparison.meanDifference < 0 === (better === 'lower') ? 'better' : 'worse'
}

/** Mark and words of each verdict. */
export const VERDICTS: Record<Verdict, { mark: string; words: string }> = {
  better: { mark: '✓', words: 'better than the baseline' },
  worse: { mark: '✗', words: 'worse than the baseline' },
  differs: { mark: '◆', words: 'different from the baseline' },
  inconclusive: { mark: '○', words: 'inconclusive' },
  single: { mark: '', words: 'one replication, no interval' },
}
