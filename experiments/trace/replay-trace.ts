import { configHash } from '../config/load.ts'
import { needsTrainedModel } from '../config/policy-settings.ts'
import { nearest } from '../config/suggest.ts'
import { UsageError } from '../errors.ts'
import type { OnEvent } from '../experiment-events.ts'
import { commit as currentCommit } from '../package-info.ts'
import type { PlannedRun } from '../plan.ts'
import type { ReplayTarget } from '../replay-target.ts'
import { simulationOf } from '../simulation.ts'
import type { Simulation } from '../simulate.ts'
import { durationText } from '../text.ts'
import { ReplayDiffersError } from './errors.ts'
import { recordTrace, type TracedRun } from './record-trace.ts'
import { OutputClosedError, SyncOutput } from './sync-output.ts'
import type { TraceFilter } from './trace-filter.ts'
import { printTo, recordTo } from './trace-outputs.ts'

export interface ReplayTraceOptions {
  readonly target: ReplayTarget
  readonly run: PlannedRun
  readonly filter: TraceFilter
  /** File to record the trace in; undefined: it is printed on standard output. */
  readonly out: string | undefined
  readonly onEvent: OnEvent
}

/**
 * Simulates a run again with its trace; returns what is to be said about it, line by line. Throws ReplayDiffersError where the
 * outcomes are not those that the run folder recorded, and whatever the simulation throws.
 */
export async function replayTrace({
  target,
  run,
  filter,
  out,
  onEvent,
}: ReplayTraceOptions): Promise<string[]> {
  const simulation = simulationFrom(target, run)
  const output = out === undefined ? SyncOutput.toStdout() : SyncOutput.toFile(out)
  const { runId, seed } = run
  onEvent({ kind: 'planned', collect: 0, evaluate: 1, trains: false })
  try {
    const traced = recordTrace(
      simulation,
      { run: runId, seed, configHash: configHash(target.config), filter },
      out === undefined ? printTo(output) : recordTo(output),
      (progress) => onEvent({ kind: 'run-progress', runId, progress }),
    )
    const notes = [`${runId}, seed ${JSON.stringify(seed)}: ${summary(traced)}`]
    if (traced.kept === 0) notes.push(`note: ${nothingKept(filter, traced.nodes)}`)
    return [...notes, verdict(target, runId, traced)]
  } catch (error) {
    // Whoever read has seen enough, as in `seedbed replay … | head`.
    if (error instanceof OutputClosedError) return []
    throw error
  } finally {
    output.close()
  }
}

function simulationFrom({ modelFolder }: ReplayTarget, run: PlannedRun): Simulation {
  if (needsTrainedModel(run.cell.policy) && modelFolder === null)
    throw new UsageError(
      `invalid --cell: ${JSON.stringify(run.cell.id)} (its model is trained by the experiment: replay the run folder of one)`,
    )
  return simulationOf(run, modelFolder ?? '')
}

function summary({ tail, kept, result }: TracedRun): string {
  const events = `${tail.events} events${kept === tail.events ? '' : `, ${kept} of them shown`}, trace hash ${tail.hash}`
  return result === undefined ? events : `${durationText(result.simulatedMs / 1000)} simulated, ${events}`
}

function nothingKept({ nodes }: TraceFilter, seen: ReadonlySet<string>): string {
  const unknown = nodes.find((node) => !seen.has(node))
  if (unknown === undefined) return 'no event passes the filters'
  const meant = nearest(unknown, [...seen])
  const examples = [...seen].slice(0, 8).join(', ')
  return `nothing happened at a node ${JSON.stringify(unknown)} (${meant === undefined ? '' : `did you mean ${meant}? `}nodes are ${examples} and so on)`
}

function verdict({ recorded, commit }: ReplayTarget, runId: string, { tail }: TracedRun): string {
  const { outcomesHash } = tail
  if (outcomesHash === null) return 'outcomes not compared: the replay was stopped (leave --until out)'
  const expected = recorded.get(runId)
  if (expected === undefined) return `outcomes hash ${outcomesHash}; none is recorded to compare it with`
  if (expected === outcomesHash) return `outcomes hash ${outcomesHash}, as recorded`
  throw new ReplayDiffersError(runId, expected, outcomesHash, commit, currentCommit())
}
