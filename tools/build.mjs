// Builds dist/ from the sources; `npm ci` runs it through the prepare script. What is up to date stays as it is.
import { spawnSync } from 'node:child_process'
import { copyFileSync, existsSync, mkdirSync, readdirSync, rmSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))
const folders = ['experiments', 'model', 'peer', 'reports', 'sim', 'tracker']
const notCopied = /^(experiments\/configs|model\/kernel)\/|\.(ts|md)$/
const buildInfo = '.tsbuildinfo'

function filesUnder(folder) {
  if (!existsSync(folder)) return []
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) =>
      join(entry.parentPath, entry.name)
        .slice(folder.length + 1)
        .replaceAll('\\', '/'),
    )
}

function compile() {
  const tsc = join(root, 'node_modules/typescript/bin/tsc')
  const { status } = spawnSync(process.execPath, [tsc, '-p', join(root, 'tsconfig.build.json')], {
    stdio: 'inherit',
  })
  return status === 0
}

/** Removes what the sources no longer give rise to, so that nothing stale is packed or run. */
function removeStale(sources) {
  for (const output of filesUnder(join(root, 'dist'))) {
    const source = output.replace(/\.js(\.map)?$/, '.ts')
    if (output !== buildInfo && !sources.has(output) && !sources.has(source))
      rmSync(join(root, 'dist', output))
  }
}

function copyAssets(sources) {
  for (const source of sources) {
    if (notCopied.test(source)) continue
    const target = join(root, 'dist', source)
    mkdirSync(dirname(target), { recursive: true })
    copyFileSync(join(root, source), target)
  }
}

async function build() {
  if (existsSync(join(root, 'tools/build-kernel.mjs'))) {
    const { buildKernel } = await import('./build-kernel.mjs')
    await buildKernel()
  }
  if (!compile()) return 1
  const sources = new Set(
    folders.flatMap((name) => filesUnder(join(root, name)).map((file) => `${name}/${file}`)),
  )
  removeStale(sources)
  copyAssets(sources)
  return 0
}

if (existsSync(join(root, 'node_modules/typescript'))) {
  process.exitCode = await build()
} else if (existsSync(join(root, 'dist'))) {
  console.log('dist/ stays as it is: TypeScript, a development dependency, is not installed')
} else {
  console.error('no dist/ and no TypeScript to build it with: run npm ci without --omit=dev')
  process.exitCode = 1
}
