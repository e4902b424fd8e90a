import { keepsAll, type Side, type TraceDifference } from './diff-trace.ts'
import { parseEvent } from './trace-format.ts'
import { eventText } from './trace-text.ts'

/** What a comparison of two traces found, as people read it. */
export function differenceText(difference: TraceDifference): string {
  if (difference.same) {
    const { events, stoppedAfterSecond } = difference
    const how =
      stoppedAfterSecond === null ? '' : `, as far as the shorter trace goes (second ${stoppedAfterSecond})`
    return `the same: ${events} events${how}`
  }
  const { second, eventNumber, before, sides } = difference
  const place = eventNumber === null ? '' : `, at event ${eventNumber}`
  const lines = [
    `different from simulated second ${second} on${place}`,
    ...seedNote(sides),
    ...before.map((line) => `    ${textOf(line)}`),
    ...sides.flatMap(({ event, path }, side) => [
      `${'AB'[side]} > ${event === undefined ? `(no further event in that second in ${path})` : textOf(event)}`,
    ]),
    ...sides.flatMap(({ after, path }, side) =>
      after.length === 0
        ? []
        : [`${'AB'[side]} goes on (${path}):`, ...after.map((line) => `    ${textOf(line)}`)],
    ),
  ]
  if (sides.every(({ event }) => event === undefined) && !sides.every(({ head }) => keepsAll(head)))
    lines.push(
      `The events that differ are not in the files, which keep only some: record both with --from ${second} --until ${second + 1} and no other filter.`,
    )
  return lines.join('\n')
}

function seedNote([a, b]: readonly [Side, Side]): string[] {
  const isSame = (['run', 'seed', 'configHash'] as const).every((key) => a.head[key] === b.head[key])
  if (isSame) return []
  const tell = ({ head }: Side): string =>
    `${head.run}, seed ${JSON.stringify(head.seed)}, config ${head.configHash.slice(0, 8)}`
  return [`note: these are traces of different simulations: A is ${tell(a)}; B is ${tell(b)}`]
}

const textOf = (line: string): string => eventText(parseEvent(line))
