import type { TrainingProgress } from '../model/train.ts'
import type { WorldProgress } from '../sim/world.ts'
import type { Phase } from './plan.ts'

/** What an experiment tells while it runs. */
export type ExperimentEvent =
  | {
      readonly kind: 'planned'
      readonly collect: number
      readonly evaluate: number
      readonly trains: boolean
    }
  | { readonly kind: 'run-progress'; readonly runId: string; readonly progress: WorldProgress }
  | { readonly kind: 'run-done'; readonly runId: string; readonly phase: Phase }
  | { readonly kind: 'training'; readonly progress: TrainingProgress }
  | { readonly kind: 'trained'; readonly version: string; readonly seconds: number }
  | { readonly kind: 'step'; readonly text: string }
  | { readonly kind: 'notice'; readonly text: string }

export type OnEvent = (event: ExperimentEvent) => void
