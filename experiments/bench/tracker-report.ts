import { numberText } from '../text.ts'
import type { TrackerBenchResult, TrackerLoadResult } from './tracker.ts'

/** What the tracker is to keep to, and whether it did. */
export interface TrackerBar {
  readonly bar: string
  readonly value: number
  readonly most: number
  readonly holds: boolean
}

const MOST_CPU_SHARE = 1 / 3
const MOST_P99_MS = 50
const MOST_ADDED_BYTES = 120e6

export const noTrackerResult = (): TrackerBenchResult => ({
  ...{ load: [], memory: [], websocket: null, cluster: [] },
})

/** Adds what one entry measured. */
export function addTrackerResult(to: TrackerBenchResult, part: TrackerBenchResult | undefined): void {
  if (!part) return
  to.load.push(...part.load)
  to.memory.push(...part.memory)
  to.websocket ??= part.websocket
  to.cluster.push(...part.cluster)
}

/** The bars that the measurements at hand tell of. */
export function trackerBars({ load, memory, websocket }: TrackerBenchResult): TrackerBar[] {
  const bars: TrackerBar[] = []
  const add = (bar: string, value: number, most: number): void =>
    void bars.push({ bar, value, most, holds: value <= most })
  for (const own of load.filter(({ server }) => server === 'seedbed')) {
    const other = load.find((result) => result.server !== own.server && isSameLoad(result, own))
    const { protocol, concurrency, cpuMicros, p99Ms } = own
    if (other)
      add(
        `${protocol}, ${concurrency} at once: CPU per announce over that of ${other.server}`,
        cpuMicros / other.cpuMicros,
        MOST_CPU_SHARE,
      )
    if (protocol === 'http' && concurrency === 200) add('http, 200 at once: p99, ms', p99Ms, MOST_P99_MS)
  }
  for (const { server, peers, addedBytes } of memory)
    if (server === 'seedbed') add(`${peers} peers: bytes above idle`, addedBytes, MOST_ADDED_BYTES)
  if (websocket) {
    const { clients, connected, answered } = websocket
    add(`${clients} WebSocket clients: not connected or not answered`, 2 * clients - connected - answered, 0)
  }
  return bars
}

const isSameLoad = (a: TrackerLoadResult, b: TrackerLoadResult): boolean =>
  a.protocol === b.protocol && a.concurrency === b.concurrency

/** Rows of the table for people: name, speed, memory. */
export function trackerRows(result: TrackerBenchResult): string[][] {
  const { load, memory, websocket, cluster } = result
  const mb = (bytes: number): string => `${numberText(bytes / 1e6)} MB`
  return [
    ...load.map(({ protocol, server, concurrency, requestsPerSecond, cpuMicros, p99Ms, failed }) => [
      `${protocol} announces, ${concurrency} at once, ${server}`,
      `${numberText(cpuMicros)} µs CPU each, ${Math.round(requestsPerSecond)}/s, p99 ${numberText(p99Ms)} ms${failed > 0 ? `, ${failed} failed` : ''}`,
      '',
    ]),
    ...memory.map(({ server, peers, addedBytes, collectedBytes }) => [
      `${peers} peers, ${server}`,
      `after garbage collection ${mb(collectedBytes)}`,
      `+ ${mb(addedBytes)}`,
    ]),
    ...(websocket
      ? [
          [
            `${websocket.clients} WebSocket clients`,
            `${websocket.connected} connected, ${websocket.answered} answered, ${websocket.offersPassedOn} offers passed on`,
            `+ ${mb(websocket.addedBytes)}`,
          ],
        ]
      : []),
    ...cluster.map(
      ({ cluster: count, isCounted, connections, cpuMicros, requestsPerSecond, p99Ms, failed }) => [
        `http announces, ${connections} at once, ${count === 0 ? 'one process' : `--cluster ${count}`}${isCounted ? ', counted by address' : ''}`,
        `${numberText(cpuMicros)} µs CPU each, ${Math.round(requestsPerSecond)}/s, p99 ${numberText(p99Ms)} ms${failed > 0 ? `, ${failed} failed` : ''}`,
        '',
      ],
    ),
    ...trackerBars(result).map(({ bar, value, most, holds }) => [
      `bar: ${bar}`,
      `${numberText(value)} (at most ${numberText(most)})${holds ? '' : ' FAILS'}`,
      '',
    ]),
  ]
}
