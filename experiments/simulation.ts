import type { RankerSettings } from './config/policy-settings.ts'
import type { PlannedRun } from './plan.ts'
import { toSimConfig } from './sim-config.ts'
import type { Simulation } from './simulate.ts'

/** What a run of the plan simulates; policies that name no model of their own take the one in `modelFolder`. */
export function simulationOf({ cell, seed }: PlannedRun, modelFolder: string): Simulation {
  const { policy, config } = cell
  const peer = withModel(policy, modelFolder)
  const tracker = policy.tracker === null ? peer : withModel(policy.tracker, modelFolder)
  return { config: toSimConfig(config, seed), policies: { peer, tracker } }
}

function withModel({ policy, explore, model }: RankerSettings, modelFolder: string): RankerSettings {
  return { policy, explore, model: policy === 'model' ? (model ?? modelFolder) : null }
}
