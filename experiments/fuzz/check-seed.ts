import { configYaml, parseYaml, resolveConfig } from '../config/load.ts'
import type { Config } from '../config/schema.ts'
import { evaluationPlan } from '../plan.ts'
import { simulationOf } from '../simulation.ts'
import type { Simulation } from '../simulate.ts'
import { drawConfig, type Section } from './drawn-config.ts'
import { livenessProblem } from './liveness.ts'
import { type OnceResult, simulateOnce } from './simulate-once.ts'
import { StormWatch } from './storm-watch.ts'

/** What a world is compared with: nothing, itself, itself with cheap checks, or itself traced. */
export type Comparison = 'none' | 'twice' | 'cheap' | 'traced'
const COMPARISONS: readonly Comparison[] = ['none', 'twice', 'cheap', 'traced']

/** What one world came to. */
export interface FuzzReport {
  readonly seed: number
  readonly workload: string
  readonly comparison: Comparison
  /** Simulations run: 2 where one is compared with another. */
  readonly simulations: number
  readonly events: number
  readonly simulatedMs: number
  /** Of the outcomes; empty where the world failed. */
  readonly hash: string
  readonly failure: FuzzFailure | undefined
}

export interface FuzzFailure {
  /** What went wrong, without the figures: two failures with the same key are most likely the same defect. */
  readonly key: string
  readonly message: string
  readonly stack: string | undefined
}

/** Something that must hold of every world does not. */
class FuzzCheckError extends Error {
  override readonly name = 'FuzzCheckError'
  readonly code = 'E_FUZZ_CHECK'
}

/** Draws the world of a seed, and checks it. */
export function checkSeed(seed: number, workload?: string): FuzzReport {
  return checkWorld(drawConfig(seed, workload), COMPARISONS[seed % COMPARISONS.length])
}

/** Simulates a drawn config with every check; never throws. */
export function checkWorld(raw: Section, comparison: Comparison): FuzzReport {
  const about = {
    seed: raw['seed'] as number,
    workload: (raw['workload'] as Section)['kind'] as string,
    comparison,
  }
  try {
    const { once, simulations } = checked(raw, comparison)
    const { events, simulatedMs } = once.result
    return { ...about, simulations, events, simulatedMs, hash: once.outcomesHash, failure: undefined }
  } catch (error) {
    return { ...about, simulations: 1, events: 0, simulatedMs: 0, hash: '', failure: failureOf(error) }
  }
}

/** The config and simulation of what was drawn. Throws ConfigError. */
export function simulationOfDrawn(raw: Section): { config: Config; simulation: Simulation } {
  const config = resolveConfig(raw, String(raw['name']))
  return { config, simulation: simulationOf(evaluationPlan(config).runs[0], '') }
}

function checked(raw: Section, comparison: Comparison): { once: OnceResult; simulations: number } {
  const { config, simulation } = simulationOfDrawn(raw)
  const yaml = configYaml(config)
  if (configYaml(resolveConfig(parseYaml(yaml, 'yaml'), 'yaml')) !== yaml)
    throw new FuzzCheckError('the config is another one once it has been written and read')
  const once = simulateOnce(simulation)
  checkResult(config, once)
  if (comparison === 'none') return { once, simulations: 1 }
  const storms = new StormWatch()
  const again = simulateOnce(
    comparison === 'cheap' ? withCheapChecks(simulation) : simulation,
    comparison === 'traced' ? storms : undefined,
  )
  if (again.outcomesHash !== once.outcomesHash || again.resultHash !== once.resultHash)
    throw new FuzzCheckError(`another outcome: ${DIFFERS[comparison]}`)
  const storm = storms.worst()
  if (storm !== undefined) throw new FuzzCheckError(`retry storm: ${storm}`)
  return { once, simulations: 2 }
}

const DIFFERS: Readonly<Record<Exclude<Comparison, 'none'>, string>> = {
  twice: 'the same simulation ran twice',
  cheap: 'full checks against cheap ones',
  traced: 'traced against not traced',
}

const withCheapChecks = ({ config, policies }: Simulation): Simulation => ({
  policies,
  config: { ...config, checks: { ...config.checks, level: 'cheap' } },
})

function checkResult(config: Config, { result, peerRows }: OnceResult): void {
  const fetches = Object.values(result.results).reduce((sum, count) => sum + count, 0)
  if (peerRows !== fetches)
    throw new FuzzCheckError(`outcome rows missing: ${peerRows} for ${fetches} fetches`)
  if (result.simulatedMs > 1000 * config.durationLimitS)
    throw new FuzzCheckError(`run beyond its limit: ${result.simulatedMs} ms`)
  const stuck = livenessProblem(config, result)
  if (stuck !== undefined) throw new FuzzCheckError(`not finished: ${stuck}`)
}

function failureOf(error: unknown): FuzzFailure {
  if (!(error instanceof Error)) return { key: 'unknown', message: String(error), stack: undefined }
  const { violations = [] } = error as { violations?: readonly string[] }
  const what = violations[0] ?? error.message
  return {
    key: `${error.name}: ${what.split(/[:(\d]/)[0].trim()}`,
    message: error.message,
    stack: error.stack,
  }
}
