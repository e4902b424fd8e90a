import type { Random } from '../../peer/ports/random.ts'
import type { NetworkFabric } from '../fabric.ts'
import type { Fault, TimedFault } from '../faults.ts'
import type { LineQuality } from '../sim-host.ts'
import { Partition } from './partition.ts'
import { follow } from './schedule.ts'
import type { Victim } from './victim.ts'

type Degradation = Extract<TimedFault, { kind: 'degrade' }>

/** Makes faults begin and end when their schedules say so. */
export class FaultInjector {
  readonly #fabric: NetworkFabric
  readonly #random: Random
  readonly #partitions: readonly Partition[]
  /** What makes the line of a host worse now. */
  readonly #degradations = new Map<Victim, Degradation[]>()
  /** How many faults keep a program away, standing still, or slow in answering now. */
  readonly #away = new Map<Victim, number>()
  readonly #paused = new Map<Victim, number>()
  readonly #delaysMs = new Map<Victim, number[]>()

  constructor(fabric: NetworkFabric, faults: readonly Fault[], random: Random) {
    this.#fabric = fabric
    this.#random = random
    this.#partitions = faults.flatMap((fault, position) =>
      fault.kind === 'partition' ? [this.#plan(fault, random.fork('partition', position))] : [],
    )
  }

  /** A program has come to life. */
  add(victim: Victim): void {
    for (const partition of this.#partitions) partition.add(victim)
    for (const { fault, position } of victim.faults.timed)
      follow(
        this.#fabric.kernel,
        fault.when,
        this.#random.fork(victim.label, fault.kind, position),
        (isThere) => this.#change(victim, fault, isThere),
        () => !victim.isHere,
      )
  }

  #plan(fault: Extract<Fault, { kind: 'partition' }>, random: Random): Partition {
    const { kernel, cuts } = this.#fabric
    const partition = new Partition(fault, random.fork('members'))
    follow(kernel, fault.when, random.fork('times'), (isThere) => {
      const { between, and, oneWay } = fault
      const details = { fault: 'partition', between, and, oneWay }
      this.#fabric.tracer?.tell('network', isThere ? 'fault-begins' : 'fault-ends', details)
      if (isThere) cuts.begin(partition)
      else cuts.end(partition)
    })
    return partition
  }

  #change(victim: Victim, fault: TimedFault, isThere: boolean): void {
    this.#fabric.tracer?.tell(victim.label, isThere ? 'fault-begins' : 'fault-ends', { fault: fault.kind })
    switch (fault.kind) {
      case 'restart':
        return this.#changeAway(victim, isThere, false, fault.keepsCache)
      case 'tracker-outage':
        return this.#changeAway(victim, isThere, fault.refuses, fault.memory === 'kept')
      case 'origin-outage':
        return this.#changeAway(victim, isThere, fault.refuses, true)
      case 'pause':
        return this.#changePause(victim, isThere)
      case 'tracker-slow':
        return this.#changeDelay(victim, fault.delayMs, isThere)
      case 'degrade':
        return this.#changeQuality(victim, fault, isThere)
    }
  }

  #changeAway(victim: Victim, isThere: boolean, refuses: boolean, keeps: boolean): void {
    const changes = count(this.#away, victim, isThere)
    if (changes && isThere) {
      victim.goDown(refuses)
      this.#paused.delete(victim)
    } else if (changes) victim.comeBack(keeps)
  }

  #changePause(victim: Victim, isThere: boolean): void {
    if (victim.isDown || !count(this.#paused, victim, isThere)) return
    if (isThere) victim.ports.pause()
    else victim.ports.resume()
  }

  #changeDelay(victim: Victim, delayMs: number, isThere: boolean): void {
    const delaysMs = changed(this.#delaysMs, victim, delayMs, isThere)
    if (victim.ports.answers) victim.ports.answers.delayMs = Math.max(0, ...delaysMs)
  }

  #changeQuality(victim: Victim, fault: Degradation, isThere: boolean): void {
    const now = changed(this.#degradations, victim, fault, isThere)
    this.#fabric.setQuality(victim.network.host, together(now))
  }
}

/** Counts faults of a kind that overlap; whether the first has begun or the last has ended. */
function count(counts: Map<Victim, number>, victim: Victim, isThere: boolean): boolean {
  const before = counts.get(victim) ?? 0
  const after = Math.max(0, before + (isThere ? 1 : -1))
  counts.set(victim, after)
  return (before === 0) !== (after === 0)
}

function changed<T>(lists: Map<Victim, T[]>, victim: Victim, item: T, isThere: boolean): T[] {
  const list = lists.get(victim) ?? []
  if (isThere) list.push(item)
  else if (list.includes(item)) list.splice(list.indexOf(item), 1)
  lists.set(victim, list)
  return list
}

const together = (faults: readonly Degradation[]): LineQuality => ({
  upShare: faults.reduce((share, { upShare }) => share * upShare, 1),
  downShare: faults.reduce((share, { downShare }) => share * downShare, 1),
  addedMs: faults.reduce((sum, { addedMs }) => sum + addedMs, 0),
  lossRate: 1 - faults.reduce((share, { lossRate }) => share * (1 - lossRate), 1),
})
