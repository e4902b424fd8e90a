import { checkWorld, type Comparison, type FuzzFailure } from './check-seed.ts'
import type { Section } from './drawn-config.ts'

export interface Shrunk {
  readonly raw: Section
  readonly failure: FuzzFailure
  /** Worlds tried. */
  readonly tried: number
}

export interface ShrinkLimits {
  readonly mostTries: number
  /** Says when to stop for lack of time. */
  readonly isLate: () => boolean
}

/** Parts that a config does without: what is taken away falls back to its default. */
const OPTIONAL = ['network', 'peer', 'tracker', 'arrivals', 'sessions', 'regions'] as const

/** Makes a failing config simpler, step by step, as long as it fails in the same way. */
export function shrink(
  raw: Section,
  failure: FuzzFailure,
  comparison: Comparison,
  limits: ShrinkLimits,
): Shrunk {
  let best = raw
  let told = failure
  let tried = 0
  for (let goesOn = true; goesOn;) {
    goesOn = false
    for (const simpler of simplerThan(best)) {
      if (tried >= limits.mostTries || limits.isLate()) return { raw: best, failure: told, tried }
      tried++
      const found = checkWorld(simpler, comparison).failure
      if (found?.key !== told.key) continue
      best = simpler
      told = found
      goesOn = true
      break
    }
  }
  return { raw: best, failure: told, tried }
}

/** Configs a step simpler, the largest steps first. */
function* simplerThan(raw: Section): Generator<Section> {
  for (const list of listsOf(raw))
    for (let i = 0; i < list.items.length; i++) yield withAt(raw, list.path, list.items.toSpliced(i, 1))
  for (const key of OPTIONAL) if (isFilled(raw[key])) yield without(raw, [key])
  for (const path of [
    ['swarm', 'peers'],
    ['durationLimitS'],
    ...numbersIn(raw, 'workload'),
    ['swarm', 'initialSeeds'],
  ])
    yield* smaller(raw, path)
  for (const key of OPTIONAL)
    if (isFilled(raw[key])) for (const inner of Object.keys(raw[key])) yield without(raw, [key, inner])
  for (const [i, fault] of ((raw['faults'] ?? []) as Section[]).entries())
    if (fault['share'] !== undefined && fault['share'] !== 1)
      yield withAt(raw, ['faults', String(i), 'share'], 1)
}

function listsOf(raw: Section): { path: string[]; items: unknown[] }[] {
  const faults = (raw['faults'] ?? []) as unknown[]
  const caps = ((raw['swarm'] as Section | undefined)?.['caps'] ?? []) as unknown[]
  return [
    { path: ['faults'], items: faults },
    { path: ['swarm', 'caps'], items: caps },
  ]
}

const isFilled = (value: unknown): value is Section =>
  typeof value === 'object' && value !== null && Object.keys(value).length > 0

function numbersIn(raw: Section, key: string): string[][] {
  return Object.entries(raw[key] as Section)
    .filter(([, value]) => typeof value === 'number')
    .map(([inner]) => [key, inner])
}

function* smaller(raw: Section, path: readonly string[]): Generator<Section> {
  const value = path.reduce<unknown>((at, key) => (at as Section)[key], raw)
  if (typeof value !== 'number' || value <= 1) return
  for (const next of new Set([1, Math.floor(value / 2), value - 1]))
    if (next < value) yield withAt(raw, path, next)
}

function withAt(raw: Section, path: readonly string[], value: unknown): Section {
  const copy = structuredClone(raw)
  const last = path.length - 1
  const parent = path.slice(0, last).reduce<unknown>((at, key) => (at as Section)[key], copy) as Section
  parent[path[last]] = value
  return copy
}

function without(raw: Section, path: readonly string[]): Section {
  const copy = structuredClone(raw)
  const last = path.length - 1
  const parent = path.slice(0, last).reduce<unknown>((at, key) => (at as Section)[key], copy) as Section
  delete parent[path[last]]
  return copy
}
