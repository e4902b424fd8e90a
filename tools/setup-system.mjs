// Installs the Debian packages that tests and tools need: all in system-components.json, or those named as arguments.
// Does nothing where they are there already.
import { spawnSync } from 'node:child_process'
import { accessSync, constants, readFileSync } from 'node:fs'
import { delimiter, join } from 'node:path'

const table = JSON.parse(readFileSync(new URL('./system-components.json', import.meta.url), 'utf8'))
const installable = Object.keys(table).filter((name) => table[name].packages)

function isThere(path, mode) {
  try {
    accessSync(path, mode)
    return true
  } catch {
    return false
  }
}

const onPath = (binary) =>
  (process.env.PATH ?? '').split(delimiter).some((folder) => isThere(join(folder, binary), constants.X_OK))

/** What has no program is known by a file of its package. */
const isMissing = (name) => {
  const { binaries, file } = table[name]
  return binaries ? !binaries.some(onPath) : !isThere(file, constants.R_OK)
}

function apt(...args) {
  const command = ['apt-get', '-y', '-q', '-o', 'DPkg::Lock::Timeout=300', ...args]
  if (process.getuid() !== 0) command.unshift('sudo', '-n', '--preserve-env=DEBIAN_FRONTEND')
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
  return spawnSync(command[0], command.slice(1), { stdio: 'inherit', env }).status === 0
}

function fail(reason, missing) {
  console.error(`${reason}. Install by hand:`)
  for (const name of missing) {
    const { binaries, file, neededBy, packages } = table[name]
    console.error(
      `  ${name}: ${binaries?.join(' or ') ?? file} (Debian: ${packages.join(' ')}), for ${neededBy}`,
    )
  }
  return 1
}

function setUp(names) {
  const unknown = names.find((name) => !installable.includes(name))
  if (unknown) {
    console.error(`invalid component: ${unknown} (allowed: ${installable.join(', ')})`)
    return 2
  }
  const missing = names.filter(isMissing)
  for (const name of names) console.log(`${missing.includes(name) ? 'missing' : 'present'}  ${name}`)
  if (missing.length === 0) return 0
  if (!onPath('apt-get')) return fail('This system has no apt-get', missing)
  if (process.getuid() !== 0 && !onPath('sudo'))
    return fail('apt-get needs root, and there is no sudo', missing)
  const packages = missing.flatMap((name) => table[name].packages)
  const install = ['install', '--no-install-recommends', ...packages]
  if (!apt('update') || !apt(...install))
    return fail(`apt-get could not install ${packages.join(' ')}`, missing)
  const still = missing.filter(isMissing)
  if (still.length > 0)
    return fail('The packages are installed but their programs are not on the PATH', still)
  return 0
}

process.exitCode = setUp(process.argv.length > 2 ? process.argv.slice(2) : installable)
