// One run of a mixed swarm: who takes part, when they come, and how long each takes to get the content.
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { CLIENTS } from './clients.mjs'
import { Network } from './network.mjs'

export const ANNOUNCE_MS = 10_000
/** Peers that an announce is answered with: few, as in a swarm of which nobody needs to know everybody. */
export const LISTED = 2

export const CONTENT_BYTES = 60_000_000
const FAST = { upMbps: 16, downMbps: 32 }
const SLOW = { upMbps: 0.5, downMbps: 32 }
const HOME = { upMbps: 4, downMbps: 32 }

const SEEDS = [
  { client: 'aria2c', line: FAST },
  { client: 'libtorrent', line: FAST },
  { client: 'aria2c', line: SLOW },
  { client: 'libtorrent', line: SLOW },
]
const LEECHERS = ['aria2c', 'libtorrent', 'transmission', 'aria2c', 'libtorrent', 'transmission'].map(
  (client) => ({
    client,
    line: HOME,
  }),
)
const ARRIVAL_GAP_MS = 10_000
const POLL_MS = 100
const LIMIT_MS = 600_000
const TRACKER_PORT = 7000

const trackerProgram = fileURLToPath(new URL('tracker.mjs', import.meta.url))

/** Runs one swarm; resolves to `{ client, seconds }` of each leecher, `seconds` null where it did not get the content. */
export async function runSwarm({ folder, content, metainfo, policy, model }) {
  const network = new Network()
  try {
    const { hub } = network
    const announceUrl = `http://${hub.address}:${TRACKER_PORT}/announce`
    const command = [process.execPath, trackerProgram, hub.address, `${TRACKER_PORT}`, policy]
    const tracker = network.start(hub, model ? [...command, model] : command, { stdout: 'pipe' })
    const seen = seedCounts(tracker)
    const torrent = await metainfo(announceUrl)
    const add = (member, number, data) => {
      const home = join(folder, `${number}-${member.client}`)
      mkdirSync(join(home, 'data'), { recursive: true })
      mkdirSync(join(home, 'torrent'))
      const file = join(home, 'torrent', 'content.torrent')
      writeFileSync(file, torrent)
      if (data) writeFileSync(join(home, 'data', 'content.bin'), data)
      network.start(network.addHost(member.line), CLIENTS[member.client]({ home, torrent: file }))
      return home
    }
    SEEDS.forEach((seed, i) => add(seed, i, content))
    await seen(SEEDS.length)
    const waits = []
    for (const [i, leecher] of LEECHERS.entries()) {
      if (i > 0) await sleep(ARRIVAL_GAP_MS)
      const startedMs = performance.now()
      const home = add(leecher, SEEDS.length + i)
      waits.push(fetched(home, startedMs, content).then((seconds) => ({ client: leecher.client, seconds })))
    }
    return await Promise.all(waits)
  } finally {
    await network.remove()
  }
}

/** What the tracker says of its seeds; the function returned waits until there are so many. */
function seedCounts(tracker) {
  let count = 0
  createInterface({ input: tracker.stdout }).on('line', (line) => (count = Number(line)))
  return async (wanted) => {
    for (const untilMs = performance.now() + LIMIT_MS; count < wanted; await sleep(POLL_MS))
      if (performance.now() > untilMs)
        throw new Error(`only ${count} of ${wanted} seeds have announced themselves`)
  }
}

async function fetched(home, startedMs, content) {
  while (!existsSync(join(home, 'done'))) {
    if (performance.now() - startedMs > LIMIT_MS) return null
    await sleep(POLL_MS)
  }
  const seconds = (performance.now() - startedMs) / 1000
  const digest = (bytes) => createHash('sha256').update(bytes).digest('hex')
  const isWhole = digest(readFileSync(join(home, 'data', 'content.bin'))) === digest(content)
  if (!isWhole) throw new Error(`${home} says that it has the content, and has not`)
  return seconds
}
