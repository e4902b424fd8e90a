import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { announceQuery, benchPeer, PEERS, WANTED } from './announces.ts'

/** What a generator saw. */
export interface LoadFigures {
  readonly requests: number
  readonly failed: number
  readonly seconds: number
  readonly p99Ms: number
}

const HOST = '127.0.0.1'
const PIPELINED = 200
const OK = 'HTTP/1.1 200'

/** Announces every peer once, on one connection; with `spread`, each from an address of its own, as a proxy would say it. */
export async function announceAll(port: number, spread: boolean): Promise<void> {
  const socket = connect(port, HOST)
  await once(socket, 'connect')
  let answered = 0
  let tail = ''
  let wake = (): void => undefined
  socket.on('data', (bytes: Buffer) => {
    const text = tail + bytes.toString('latin1')
    let after = 0
    for (let at = text.indexOf(OK); at >= 0; at = text.indexOf(OK, after)) {
      answered++
      after = at + OK.length
    }
    tail = text.slice(Math.max(after, text.length - OK.length + 1))
    wake()
  })
  for (let from = 0; from < PEERS; from += PIPELINED) {
    const until = Math.min(from + PIPELINED, PEERS)
    let batch = ''
    for (let number = from; number < until; number++) batch += firstAnnounce(number, spread)
    socket.write(batch, 'latin1')
    while (answered < until) await new Promise<void>((resolve) => (wake = resolve))
  }
  socket.destroy()
}

function firstAnnounce(number: number, spread: boolean): string {
  const peer = benchPeer(number)
  const from = spread ? `X-Forwarded-For: ${peer.host}\r\n` : ''
  return `GET /announce?${announceQuery(peer)}&uploaded=0&downloaded=0&numwant=0&event=started HTTP/1.1\r\nHost: ${HOST}\r\n${from}\r\n`
}

/** Peers that announce at random through wrk; so many of them that no swarm stays in the processor's caches. */
const LOAD_PEERS = 20_000

/** Keeps `connections` announces under way for some seconds. Needs wrk. */
export async function loadHttp(port: number, connections: number, seconds: number): Promise<LoadFigures> {
  const folder = await mkdtemp(join(tmpdir(), 'seedbed-wrk-'))
  try {
    const script = join(folder, 'announce.lua')
    await writeFile(script, luaScript())
    const { stdout } = await promisify(execFile)('wrk', [
      ...['-t1', `-c${connections}`, `-d${seconds}s`, '--timeout', '10s'],
      ...['-s', script, `http://${HOST}:${port}/`],
    ])
    const figures = /^figures (\{.*\})$/m.exec(stdout)
    if (!figures) throw new Error(`wrk told no figures: ${stdout.slice(0, 200)}`)
    return JSON.parse(figures[1]) as LoadFigures
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
    throw new Error('wrk is not installed (npm run setup:system -- wrk)', { cause: error })
  } finally {
    await rm(folder, { recursive: true })
  }
}

function luaScript(): string {
  const stride = Math.floor(PEERS / LOAD_PEERS) | 1
  const queries = Array.from({ length: LOAD_PEERS }, (_, i) => announceQuery(benchPeer((i * stride) % PEERS)))
  return `local queries = {
${queries.map((query) => `"${query.replaceAll('%', '%')}",`).join('\n')}
}
local sent = 0
math.randomseed(1)
request = function()
  sent = sent + 1
  local query = queries[math.random(#queries)]
  return "GET /announce?" .. query .. "&uploaded=" .. sent * 16384 .. "&downloaded=" .. sent * 4096 ..
    "&numwant=${WANTED} HTTP/1.1\\r\\nHost: ${HOST}\\r\\n\\r\\n"
end
done = function(summary, latency)
  local errors = summary.errors
  local failed = errors.connect + errors.read + errors.write + errors.status + errors.timeout
  io.write(string.format('figures {"requests":%d,"failed":%d,"seconds":%.6f,"p99Ms":%.3f}\\n',
    summary.requests, failed, summary.duration / 1e6, latency:percentile(99) / 1e3))
end
`
}
