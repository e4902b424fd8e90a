// Two peers behind NATs of their own, in network namespaces: do they exchange a file over WebRTC by what a STUN or TURN server
// makes possible? Needs Linux, root, iptables and coturn.
//   npm run build && node tools/nat-traversal.mjs [--repetitions 3] [--json]
import { createHash, randomBytes } from 'node:crypto'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { createInterface } from 'node:readline'
import yargs from 'yargs'
import { hideBin } from 'yargs/helpers'
import { Network } from './mixed-swarm/network.mjs'

const BYTES = 5_000_000
const LINE = { upMbps: 50, downMbps: 200 }
const TURN_PORT = 3478
const TRACKER_PORT = 8080
const CREDENTIALS = 'peer:secret'
/** Longer than ICE takes to give up; a file that has not come by then does not come. */
const PATIENCE_S = 40
const seedbed = [process.execPath, fileURLToPath(new URL('../bin/seedbed.js', import.meta.url))]

const CASES = [
  { nats: 'port-preserving', servers: 'none', isSymmetric: false },
  { nats: 'port-preserving', servers: 'STUN', isSymmetric: false },
  { nats: 'symmetric', servers: 'STUN', isSymmetric: true },
  { nats: 'symmetric', servers: 'TURN', isSymmetric: true },
  { nats: 'symmetric', servers: 'TURN, relayed addresses only', isSymmetric: true },
]

const options = yargs(hideBin(process.argv))
  .option('repetitions', { type: 'number', default: 1 })
  .option('json', { type: 'boolean', default: false })
  .strict()
  .parseSync()

/** The first line of a program's output that holds a pattern; undefined where it ends before. */
function lineOf(child, pattern) {
  return new Promise((resolve) => {
    const lines = createInterface(child.stdout)
    lines.on('line', (line) => pattern.test(line) && resolve(line))
    lines.on('close', () => resolve(undefined))
  })
}

async function tryOnce({ servers, isSymmetric }) {
  const folder = mkdtempSync(join(tmpdir(), 'seedbed-nat-'))
  const network = new Network()
  try {
    const { hub } = network
    const start = (host, words) => network.start(host, words, { stdout: 'pipe' })
    const turn = start(hub, [
      ...['turnserver', '-n', '-v', '--no-tls', '--no-dtls', '--no-cli', '--lt-cred-mech', '--simple-log'],
      ...[`--listening-ip=${hub.address}`, `--relay-ip=${hub.address}`, `--listening-port=${TURN_PORT}`],
      ...[`--user=${CREDENTIALS}`, '--realm=seedbed', '--log-file=stdout'],
      ...[`--pidfile=${join(folder, 'pid')}`, `--userdb=${join(folder, 'users')}`],
    ])
    const tracker = start(hub, [
      ...[...seedbed, 'tracker', '--host', hub.address, '--port', `${TRACKER_PORT}`],
      ...['--no-udp', '--announce-interval', '5', '--json'],
    ])
    await Promise.all([lineOf(turn, /UDP listener opened/), lineOf(tracker, /"url"/)])
    const turnWords = ['--turn', `${CREDENTIALS}@${hub.address}:${TURN_PORT}`]
    const ice = {
      none: [],
      STUN: ['--stun', `${hub.address}:${TURN_PORT}`],
      TURN: turnWords,
      'TURN, relayed addresses only': [...turnWords, '--relay-only'],
    }[servers]
    const common = ['--tracker', `ws://${hub.address}:${TRACKER_PORT}`, ...ice, '--json']
    const file = join(folder, 'film.bin')
    writeFileSync(file, randomBytes(BYTES))
    const [seeding, getting] = [0, 1].map(() => network.addHostBehindNat({ isSymmetric, ...LINE }))
    const seed = start(seeding, [...seedbed, 'peer', 'seed', file, ...common])
    const ready = JSON.parse(await lineOf(seed, /"event":"ready"/))
    const out = join(folder, 'out')
    mkdirSync(out)
    const startedMs = performance.now()
    const get = start(getting, [...seedbed, 'peer', 'get', ready.contents[0].magnet, ...common, '-o', out])
    const timer = setTimeout(() => get.kill('SIGKILL'), 1000 * PATIENCE_S)
    const done = await lineOf(get, /"event":"done"/)
    clearTimeout(timer)
    const seconds = (performance.now() - startedMs) / 1000
    return done && hashOf(join(out, 'film.bin')) === hashOf(file) ? { seconds } : { seconds: null }
  } finally {
    await network.remove()
    rmSync(folder, { recursive: true, force: true })
  }
}

const hashOf = (path) => createHash('sha256').update(readFileSync(path)).digest('hex')

const results = []
for (const { nats, servers, isSymmetric } of CASES) {
  const runs = []
  for (let i = 0; i < options.repetitions; i++) runs.push(await tryOnce({ servers, isSymmetric }))
  const seconds = runs.map((run) => run.seconds)
  results.push({ nats, servers, seconds })
  const shown = seconds.map((s) => (s === null ? 'no file' : `${s.toFixed(1)} s`)).join(', ')
  console.error(`${nats} NATs, ${servers === 'none' ? 'no server' : `with ${servers}`}: ${shown}`)
}
if (options.json) console.log(JSON.stringify(results))
