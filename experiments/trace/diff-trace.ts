import { isMark, isTail, type TraceHead, type TraceMark, type TraceTail } from './trace-format.ts'
import { readHead, readLines, readMarks } from './trace-file.ts'

/** Where one of two traces stands when they part. */
export interface Side {
  readonly path: string
  readonly head: TraceHead
  /** Its first event that is not the other's; undefined where it keeps none more in that second. */
  readonly event: string | undefined
  /** Lines of events that follow, few. */
  readonly after: readonly string[]
}

export type TraceDifference =
  /** The same to the end, or to where the shorter one was stopped. */
  | { readonly same: true; readonly events: number; readonly stoppedAfterSecond: number | null }
  | {
      readonly same: false
      /** The first simulated second whose events differ. */
      readonly second: number
      /** Number of the first differing event, from 1; null where the files do not keep it. */
      readonly eventNumber: number | null
      /** The last events that both keep, few. */
      readonly before: readonly string[]
      readonly sides: readonly [Side, Side]
    }

/** Compares two trace files without loading them. Throws TraceFileError. */
export async function diffTraces(a: string, b: string, context: number): Promise<TraceDifference> {
  const heads = [await readHead(a), await readHead(b)] as const
  const parting = await firstDifferentSecond(a, b)
  if ('same' in parting) return parting
  const { second, sameMarks, sameEvents } = parting
  const found = await firstDifferentEvent(a, b, sameMarks, context)
  if (found.shorter !== undefined && parting.stopsHere[found.shorter])
    return { same: true, events: sameEvents + found.equal, stoppedAfterSecond: second }
  const isWhole = heads.every(keepsAll)
  return {
    same: false,
    second,
    eventNumber: found.differs && isWhole ? sameEvents + found.equal + 1 : null,
    before: found.before,
    sides: [
      { path: a, head: heads[0], ...found.sides[0] },
      { path: b, head: heads[1], ...found.sides[1] },
    ],
  }
}

/** Whether a trace keeps every event up to its end. */
export const keepsAll = ({ filter: { fromMs, nodes, kinds } }: TraceHead): boolean =>
  fromMs === null && nodes.length === 0 && kinds.length === 0

interface Parting {
  readonly second: number
  /** Seconds before that have events. */
  readonly sameMarks: number
  readonly sameEvents: number
  /** Which of the traces end in that second because they were stopped or cut off. */
  readonly stopsHere: readonly [boolean, boolean]
}

async function firstDifferentSecond(
  a: string,
  b: string,
): Promise<Parting | Extract<TraceDifference, { same: true }>> {
  const marks = [readMarks(a), readMarks(b)] as const
  let last: TraceMark | undefined
  try {
    for (let sameMarks = 0; ; sameMarks++) {
      const [ours, theirs] = [await marks[0].next(), await marks[1].next()]
      if (ours.done && theirs.done) return { same: true, events: last?.events ?? 0, stoppedAfterSecond: null }
      const ended = [ours, theirs].find(({ done }) => done)
      if (ended && isStopped(ended.value as TraceTail | undefined))
        return { same: true, events: last?.events ?? 0, stoppedAfterSecond: last?.second ?? -1 }
      const here = [ours, theirs].filter(({ done }) => !done).map(({ value }) => value as TraceMark)
      if (here.length === 2 && here[0].second === here[1].second && here[0].hash === here[1].hash) {
        last = here[0]
        continue
      }
      const second = Math.min(...here.map((mark) => mark.second))
      const stopsHere = [
        ours.done !== true && (await endsHere(marks[0])),
        theirs.done !== true && (await endsHere(marks[1])),
      ] as const
      return { second, sameMarks, sameEvents: last?.events ?? 0, stopsHere }
    }
  } finally {
    for (const side of marks) await side.return(undefined)
  }
}

/** Whether a trace that was stopped or cut off has no further second. */
async function endsHere(marks: AsyncGenerator<TraceMark, TraceTail | undefined>): Promise<boolean> {
  const next = await marks.next()
  return next.done === true && isStopped(next.value)
}

const isStopped = (tail: TraceTail | undefined): boolean => tail?.end !== 'whole'

interface Found {
  readonly differs: boolean
  /** The side that has no further event in that second, where the other one has. */
  readonly shorter: 0 | 1 | undefined
  /** Events of that second that both keep. */
  readonly equal: number
  readonly before: readonly string[]
  readonly sides: readonly [Pick<Side, 'event' | 'after'>, Pick<Side, 'event' | 'after'>]
}

async function firstDifferentEvent(a: string, b: string, sameMarks: number, context: number): Promise<Found> {
  const events = [eventsAfter(a, sameMarks, context), eventsAfter(b, sameMarks, context)] as const
  const before: string[] = []
  try {
    for (let equal = 0; ;) {
      const [ours, theirs] = [await next(events[0]), await next(events[1])]
      if (ours !== undefined && ours.line === theirs?.line) {
        if (ours.isInSecond) equal++
        before.push(ours.line)
        if (before.length > context) before.shift()
        continue
      }
      const sides = [
        await sideOf(ours, events[0], context),
        await sideOf(theirs, events[1], context),
      ] as const
      const lacking = sides.findIndex(({ event }) => event === undefined)
      const differs = sides.some(({ event }) => event !== undefined)
      return {
        differs,
        shorter: differs && lacking >= 0 ? (lacking as 0 | 1) : undefined,
        equal,
        before,
        sides,
      }
    }
  } finally {
    for (const side of events) await side.return(undefined)
  }
}

interface PlacedLine {
  readonly line: string
  /** Whether it lies in the second that follows the marks that are the same, or before it. */
  readonly isInSecond: boolean
}

/** Events of the second after `sameMarks` marks, with a few before and after. */
async function* eventsAfter(path: string, sameMarks: number, context: number): AsyncGenerator<PlacedLine> {
  const lately: string[] = []
  let marks = 0
  for await (const line of readLines(path)) {
    if (isTail(line)) return
    if (isMark(line)) {
      if (++marks === sameMarks) for (const early of lately) yield { line: early, isInSecond: false }
    } else if (marks >= sameMarks) yield { line, isInSecond: marks === sameMarks }
    else if (lately.push(line) > context) lately.shift()
  }
}

async function next(events: AsyncGenerator<PlacedLine>): Promise<PlacedLine | undefined> {
  const { value, done } = await events.next()
  return done ? undefined : (value as PlacedLine)
}

async function sideOf(
  first: PlacedLine | undefined,
  events: AsyncGenerator<PlacedLine>,
  context: number,
): Promise<Pick<Side, 'event' | 'after'>> {
  const after: string[] = []
  if (first && !first.isInSecond) after.push(first.line)
  while (after.length < context) {
    const placed = await next(events)
    if (!placed) break
    after.push(placed.line)
  }
  return { event: first?.isInSecond ? first.line : undefined, after }
}
