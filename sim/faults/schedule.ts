import type { Random } from '../../peer/ports/random.ts'
import { exponential } from '../churn.ts'
import type { Kernel } from '../kernel.ts'

/** When a fault is there: once, or now and then with exponential times between and during. Seconds of simulated time. */
export type Schedule =
  { readonly atS: number; readonly forS: number } | { readonly meanEveryS: number; readonly meanForS: number }

/**
 * Calls `change(true)` when the fault begins and `change(false)` when it ends, until `isOver` says that nobody is left to
 * strike. What began before the kernel's present, and lasts, begins at once.
 */
export function follow(
  kernel: Kernel,
  schedule: Schedule,
  random: Random,
  change: (isThere: boolean) => void,
  isOver: () => boolean = () => false,
): void {
  if ('atS' in schedule) followOnce(kernel, schedule.atS, schedule.forS, change, isOver)
  else followRandom(kernel, schedule.meanEveryS, schedule.meanForS, random, change, isOver)
}

function followOnce(
  kernel: Kernel,
  atS: number,
  forS: number,
  change: (isThere: boolean) => void,
  isOver: () => boolean,
): void {
  const endMs = 1000 * (atS + forS)
  if (endMs <= kernel.nowMs) return
  const at = (timeMs: number, isThere: boolean): void =>
    void kernel.scheduleAt(Math.max(timeMs, kernel.nowMs), () => {
      if (!isOver()) change(isThere)
    })
  at(1000 * atS, true)
  at(endMs, false)
}

function followRandom(
  kernel: Kernel,
  meanEveryS: number,
  meanForS: number,
  random: Random,
  change: (isThere: boolean) => void,
  isOver: () => boolean,
): void {
  const plan = (begins: boolean): void => {
    const delayMs = 1000 * exponential(begins ? meanEveryS : meanForS, random.next())
    kernel.schedule(delayMs, () => {
      if (isOver()) return
      change(begins)
      plan(!begins)
    })
  }
  plan(true)
}
