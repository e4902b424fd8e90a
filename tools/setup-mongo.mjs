// Builds the server of MongoDB's protocol that tests use, from tools/mongo-server, with Go and its module proxy alone.
// Does nothing where it is built from the same sources already.
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))
const sources = join(root, 'tools/mongo-server')
const target = join(root, '.cache/mongo-server')
const program = join(target, 'mongo-server')
const stamp = join(target, 'sources.sha256')

function hashOfSources() {
  const hash = createHash('sha256')
  for (const name of readdirSync(sources).sort()) hash.update(name).update(readFileSync(join(sources, name)))
  return hash.digest('hex')
}

function setUp() {
  const hash = hashOfSources()
  if (existsSync(program) && existsSync(stamp) && readFileSync(stamp, 'utf8') === hash) {
    console.log(`present  ${program}`)
    return 0
  }
  const go = spawnSync('go', ['version'], { encoding: 'utf8' })
  if (go.status !== 0) {
    console.error('missing: go (install Go 1.24 or later: https://go.dev/doc/install, or your distribution)')
    return 1
  }
  console.log(`building with ${go.stdout.trim()}; a minute or two`)
  mkdirSync(target, { recursive: true })
  const env = { ...process.env, CGO_ENABLED: '0' }
  const built = spawnSync('go', ['build', '-trimpath', '-o', program, '.'], {
    cwd: sources,
    stdio: 'inherit',
    env,
  })
  if (built.status !== 0) {
    console.error(`go build failed in ${sources} (it needs Go 1.24 or later and the module proxy)`)
    return 1
  }
  writeFileSync(stamp, hash)
  console.log(`built  ${program}`)
  return 0
}

process.exitCode = setUp()
