import type { CorrectionKind } from '../../peer/core/room-options.ts'
import { quantile } from '../statistics.ts'
import type { WorkloadMeasures } from '../workload.ts'

/** After what a member had to get in step. */
export type RecoveryKind = 'control' | 'join' | 'reconnect'
const RECOVERIES: readonly RecoveryKind[] = ['control', 'join', 'reconnect']

const HOUR_MS = 3600_000

/** All that is measured of rooms. */
export class RoomFigures {
  /** How far members that heard something were from their room, whichever way, milliseconds. */
  readonly driftMs: number[] = []
  /** Between the members that were furthest apart in a room. */
  readonly spreadMs: number[] = []
  readonly startupMs: number[] = []
  readonly offsetErrorMs: number[] = []
  readonly recoverMs: Record<RecoveryKind, number[]> = { control: [], join: [], reconnect: [] }
  readonly corrections: Record<CorrectionKind, number> = { rate: 0, jump: 0, hold: 0 }
  /** Samples of members while their room played, and those in step among them. */
  samples = 0
  inStep = 0
  /** Members that left, or saw the end, before they were in step again. */
  unrecovered = 0
  stalls = 0
  /** What the people in control did. */
  controls = 0
  /** Time that members were there, milliseconds. */
  presentMs = 0

  measures(): WorkloadMeasures {
    const drift = sorted(this.driftMs)
    const startup = sorted(this.startupMs)
    const offsetError = sorted(this.offsetErrorMs)
    const recovered = RECOVERIES.flatMap((kind) => this.recoverMs[kind])
    const hours = this.presentMs / HOUR_MS
    const metrics: Record<string, number> = {
      drift_p50_ms: quantile(drift, 0.5),
      drift_p95_ms: quantile(drift, 0.95),
      drift_p99_ms: quantile(drift, 0.99),
      in_step_share: this.inStep / this.samples,
      spread_p95_ms: quantile(sorted(this.spreadMs), 0.95),
      startup_p50_ms: quantile(startup, 0.5),
      startup_p95_ms: quantile(startup, 0.95),
      unrecovered_share: this.unrecovered / (recovered.length + this.unrecovered),
      offset_error_p50_ms: quantile(offsetError, 0.5),
      offset_error_p95_ms: quantile(offsetError, 0.95),
      stalls_per_h: this.stalls / hours,
      controls: this.controls,
    }
    for (const kind of RECOVERIES) {
      const recover = sorted(this.recoverMs[kind])
      metrics[`recover_${kind}_p50_ms`] = quantile(recover, 0.5)
      metrics[`recover_${kind}_p95_ms`] = quantile(recover, 0.95)
    }
    for (const [kind, count] of Object.entries(this.corrections)) metrics[`${kind}s_per_h`] = count / hours
    return {
      metrics,
      samples: {
        drift_ms: drift,
        recover_ms: Float64Array.from(recovered),
        startup_ms: startup,
        offset_error_ms: offsetError,
      },
    }
  }
}

const sorted = (values: readonly number[]): Float64Array => Float64Array.from(values).toSorted()
