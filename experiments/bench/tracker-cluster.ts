import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { loadHttp } from './http-load.ts'

/** A tracker of one process or several under announces over HTTP: medians over the rounds. */
export interface TrackerClusterResult {
  /** 0: one process without a supervisor. */
  readonly cluster: number
  /** Whether announces are counted by address, as they are unless somebody asks for no limit. */
  readonly isCounted: boolean
  readonly connections: number
  readonly requestsPerSecond: number
  readonly p99Ms: number
  /** CPU time of all processes that answer, for one announce. */
  readonly cpuMicros: number
  readonly failed: number
}

const CLUSTERS = [0, 2, 4]
const CONNECTIONS = 50
const ROUNDS = 3
const ROUND_S = 2
/** Each process compiles its own code: until then several cost more than they have to. */
const WARM_UP_S = 8
/** More than anybody announces in a minute. */
const NEVER_REACHED = '1000000000'

/** Trackers as the command line starts them, in turn, so that what else the machine does meets all. */
export async function benchClusters(): Promise<TrackerClusterResult[]> {
  const results: TrackerClusterResult[] = []
  for (const isCounted of [false, true]) {
    const trackers: RunningTracker[] = []
    try {
      for (const cluster of CLUSTERS) {
        const tracker = await start(cluster, isCounted)
        trackers.push(tracker)
        await loadHttp(tracker.port, CONNECTIONS, WARM_UP_S)
      }
      const rounds = trackers.map((): Awaited<ReturnType<typeof measure>>[] => [])
      for (let round = 0; round < ROUNDS; round++)
        for (const [i, tracker] of trackers.entries()) rounds[i].push(await measure(tracker))
      for (const [i, { cluster }] of trackers.entries()) {
        const median = (value: (round: (typeof rounds)[0][0]) => number): number =>
          rounds[i].map(value).sort((a, b) => a - b)[ROUNDS >> 1]
        results.push({
          ...{ cluster, isCounted, connections: CONNECTIONS },
          requestsPerSecond: median(({ requests, seconds }) => requests / seconds),
          p99Ms: median(({ p99Ms }) => p99Ms),
          cpuMicros: median(({ cpuMicros }) => cpuMicros),
          failed: rounds[i].reduce((sum, { failed }) => sum + failed, 0),
        })
      }
    } finally {
      for (const { stop } of trackers) await stop()
    }
  }
  return results
}

interface RunningTracker {
  readonly cluster: number
  readonly url: string
  readonly port: number
  readonly stop: () => Promise<void>
}

async function start(cluster: number, isCounted: boolean): Promise<RunningTracker> {
  const words = ['--port', '0', '--no-udp', '--policy', 'least-loaded', '--log-level', 'error', '--json']
  const limits = ['--announce-limit', isCounted ? NEVER_REACHED : '0', '--api-limit', '0']
  const child = spawn(
    process.execPath,
    [process.argv[1], 'tracker', ...words, ...limits, ...(cluster > 0 ? ['--cluster', String(cluster)] : [])],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  )
  const ended = once(child, 'exit')
  const [line] = (await once(createInterface(child.stdout), 'line')) as [string]
  const { url } = JSON.parse(line) as { url: string }
  return {
    ...{ cluster, url, port: Number(new URL(url).port) },
    stop: async () => {
      child.kill()
      await ended
    },
  }
}

async function measure({ port, url }: RunningTracker) {
  const before = await cpuSeconds(url)
  const figures = await loadHttp(port, CONNECTIONS, ROUND_S)
  const cpuMicros = (1e6 * ((await cpuSeconds(url)) - before)) / figures.requests
  return { ...figures, cpuMicros }
}

/** CPU time of all processes that answer, so far. */
async function cpuSeconds(url: string): Promise<number> {
  const metrics = await (await fetch(`${url}/metrics`)).text()
  return Number(/^process_cpu_seconds_total (\S+)/m.exec(metrics)?.[1])
}
