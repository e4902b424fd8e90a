import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { get, type IncomingMessage } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startTracker, type TrackerServer, type TrackerServerOptions } from '../compose.ts'
import type { ClusterPlace } from './place.ts'

/** The processes of a cluster without the processes: each has its own port, and nothing in common but the sockets between them. */
export class TestCluster {
  readonly doors: TrackerServer[] = []
  readonly #options: Partial<TrackerServerOptions>
  readonly #place: Omit<ClusterPlace, 'index' | 'isReplacement'>

  private constructor(count: number, options: Partial<TrackerServerOptions>) {
    this.#options = options
    const folder = mkdtempSync(join(tmpdir(), 'seedbed-cluster-'))
    this.#place = { count, folder, secret: randomBytes(32), startedMs: Date.now() }
  }

  static async start(count: number, options: Partial<TrackerServerOptions> = {}): Promise<TestCluster> {
    const cluster = new TestCluster(count, options)
    cluster.doors.push(
      ...(await Promise.all(Array.from({ length: count }, (_, index) => cluster.#start(index, false)))),
    )
    return cluster
  }

  /** The doors of a request after the other, in turn. */
  door(n: number): TrackerServer {
    return this.doors[n % this.doors.length]
  }

  /** Starts one again that was stopped, as after its death: it remembers nothing. */
  async replace(index: number): Promise<void> {
    this.doors[index] = await this.#start(index, true)
    for (const door of this.doors) await untilReady(door)
  }

  async stop(): Promise<void> {
    await Promise.all(this.doors.map((door) => door.stopFront()))
    await Promise.all(this.doors.map((door) => door.stop()))
    rmSync(this.#place.folder, { recursive: true })
  }

  #start(index: number, isReplacement: boolean): Promise<TrackerServer> {
    return startTracker({
      ...{ host: '127.0.0.1', port: 0, udpPort: 0, policy: { name: 'random' }, ...this.#options },
      place: { ...this.#place, index, isReplacement },
    })
  }
}

async function untilReady({ url }: TrackerServer): Promise<void> {
  while ((await statusOf(`${url}/ready`)) !== 200) await new Promise((resolve) => setTimeout(resolve, 10))
}

/** Asks over a connection of its own, which is closed then: connections are counted. */
async function statusOf(url: string): Promise<number | undefined> {
  const [response] = (await once(get(url, { agent: false }), 'response')) as [IncomingMessage]
  response.resume()
  await once(response, 'close')
  return response.statusCode
}
