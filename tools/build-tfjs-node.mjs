// Builds tfjs-node from the package registries alone, for machines that can't reach the download host of its own
// install script: C headers from a wheel (pip), libtensorflow from a jar (Maven), and the addon is compiled here.
// Leaves package.json and the lock file alone, and does nothing where tfjs-node works already.
import { spawnSync } from 'node:child_process'
import { copyFileSync, existsSync, linkSync, mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const wheel = 'tensorflow-cpu==2.10.1'
const jar = 'org.tensorflow:tensorflow-core-api:0.5.0:jar:linux-x86_64'
const mavenCopy = 'org.apache.maven.plugins:maven-dependency-plugin:3.6.1:copy'
const napiVersion = 8
const libraries = ['libtensorflow_cc.so.2', 'libtensorflow_framework.so.2']

const root = fileURLToPath(new URL('..', import.meta.url))
const cache = join(root, '.cache/tfjs-node')
const libtensorflow = join(cache, 'libtensorflow-2.10.1')
const packageFolder = join(root, 'node_modules/@tensorflow/tfjs-node')

class SetupError extends Error {}

function run(command, ...args) {
  const { error, status } = spawnSync(command, args, { cwd: root, stdio: ['ignore', 'inherit', 'inherit'] })
  if (status !== 0)
    throw new SetupError(`${command} ${args[0]} failed: ${error?.message ?? `exit status ${status}`}`)
}

function step(name, work) {
  const start = performance.now()
  work()
  console.log(`${name}: ${((performance.now() - start) / 1000).toFixed(1)} s`)
}

function checkPlatform() {
  const platform = `${process.platform} ${process.arch}`
  if (platform !== 'linux x64') {
    throw new SetupError(
      `invalid platform: ${platform} (allowed: linux x64; elsewhere npm rebuild @tensorflow/tfjs-node)`,
    )
  }
}

function checkTools() {
  for (const [tool, ...args] of [
    ['g++', '--version'],
    ['mvn', '--version'],
    ['python3', '-m', 'pip', '--version'],
  ]) {
    if (spawnSync(tool, args).status !== 0) {
      throw new SetupError(`missing: ${[tool, ...args].join(' ')} fails; npm run setup:system installs it`)
    }
  }
}

const extractScript = `
import pathlib, shutil, sys, zipfile
def extract(archive, prefix, suffix, target):
    with zipfile.ZipFile(archive) as archive:
        for name in archive.namelist():
            if name.startswith(prefix) and name.endswith(suffix):
                path = pathlib.Path(target, name[len(prefix):])
                path.parent.mkdir(parents=True, exist_ok=True)
                with archive.open(name) as source, path.open("wb") as copy:
                    shutil.copyfileobj(source, copy, 1 << 20)
wheel, jar, target = sys.argv[1:]
for part in ("c/", "core/platform/", "tsl/"):
    prefix = "tensorflow/include/tensorflow/" + part
    extract(wheel, prefix, ".h", target + "/include/tensorflow/" + part)
extract(jar, "org/tensorflow/internal/c_api/linux-x86_64/", ".so.2", target + "/lib")
`

/** Fills the cache; it gets its name when it is complete. */
function fetchLibtensorflow() {
  if (existsSync(libtensorflow)) return
  const scratch = join(cache, 'incomplete')
  rmSync(scratch, { recursive: true, force: true })
  mkdirSync(scratch, { recursive: true })
  const onlyThat = [
    '--python-version=310',
    '--implementation=cp',
    '--abi=cp310',
    '--platform=manylinux2014_x86_64',
  ]
  step('headers', () =>
    run(
      'python3',
      '-m',
      'pip',
      'download',
      '-q',
      '--no-deps',
      '--only-binary=:all:',
      ...onlyThat,
      '-d',
      scratch,
      wheel,
    ),
  )
  step('libtensorflow', () =>
    run(
      'mvn',
      '-q',
      '-B',
      '-Dstyle.color=never',
      mavenCopy,
      `-Dartifact=${jar}`,
      `-DoutputDirectory=${scratch}`,
    ),
  )
  const archive = (extension) => {
    const name = readdirSync(scratch).find((file) => file.endsWith(extension))
    if (!name) throw new SetupError(`no ${extension} file was downloaded into ${scratch}`)
    return join(scratch, name)
  }
  const unpacked = join(scratch, 'unpacked')
  step('unpack', () => run('python3', '-c', extractScript, archive('.whl'), archive('.jar'), unpacked))
  renameSync(unpacked, libtensorflow)
  rmSync(scratch, { recursive: true })
}

/** Puts the package back as the lock file has it: npm drops it when its own install script fails. */
function installPackage() {
  if (existsSync(join(packageFolder, 'package.json'))) return
  step('package', () => run('npm', 'install', '--no-save', '--ignore-scripts', '--no-audit', '--no-fund'))
  if (!existsSync(packageFolder)) throw new SetupError('npm did not install @tensorflow/tfjs-node')
}

function place(source, target) {
  mkdirSync(dirname(target), { recursive: true })
  rmSync(target, { force: true })
  try {
    linkSync(source, target)
  } catch {
    copyFileSync(source, target)
  }
}

function buildAddon() {
  const output = join(packageFolder, `lib/napi-v${napiVersion}/tfjs_binding.node`)
  for (const name of libraries) place(join(libtensorflow, 'lib', name), join(packageFolder, 'deps/lib', name))
  mkdirSync(dirname(output), { recursive: true })
  const headers = createRequire(import.meta.url)('node-api-headers').include_dir
  step('addon', () =>
    run(
      'g++',
      ...['-shared', '-fPIC', '-O2', '-std=c++17', '-fvisibility=hidden'],
      ...[
        `-DNAPI_VERSION=${napiVersion}`,
        '-DNODE_GYP_MODULE_NAME=tfjs_binding',
        '-DBUILDING_NODE_EXTENSION',
      ],
      ...[packageFolder, dirname(packageFolder), join(libtensorflow, 'include'), headers].map(
        (path) => `-I${path}`,
      ),
      ...['tfjs_backend.cc', 'tfjs_binding.cc'].map((name) => join(packageFolder, 'binding', name)),
      ...[`-L${join(packageFolder, 'deps/lib')}`, '-Wl,-rpath,$ORIGIN/../../deps/lib'],
      ...libraries.map((name) => `-l:${name}`),
      ...['-o', output],
    ),
  )
}

const probe = `
const { createRequire } = require('node:module')
// Node 23 took away what tfjs-node 4.22 calls; model/backend.ts gives it back.
require('node:util').isNullOrUndefined ??= (value) => value === null || value === undefined
const core = (from) => createRequire(require.resolve(from)).resolve('@tensorflow/tfjs-core')
if (core('@tensorflow/tfjs-node') !== core('@tensorflow/tfjs')) throw new Error('tfjs-node has a tfjs-core of its own')
const tf = require('@tensorflow/tfjs-node')
const [sum] = tf.sum(tf.matMul(tf.ones([2, 3]), tf.ones([3, 2]))).dataSync()
console.log(tf.getBackend() + ' ' + tf.version['tfjs-node'] + ' ' + sum)`

/** What goes wrong when tfjs-node is loaded and used, or `undefined`. */
function problem() {
  const env = { ...process.env, TF_CPP_MIN_LOG_LEVEL: '2' }
  const { status, stderr, stdout } = spawnSync(process.execPath, ['-e', probe], {
    cwd: root,
    env,
    encoding: 'utf8',
  })
  return status === 0 && /^tensorflow \S+ 12$/m.test(stdout) ? undefined : `${stdout}${stderr}`.trim()
}

function setUp() {
  checkPlatform()
  if (problem() !== undefined) {
    checkTools()
    fetchLibtensorflow()
    installPackage()
    buildAddon()
    const left = problem()
    if (left !== undefined) throw new SetupError(`tfjs-node was built but doesn't work: ${left}`)
  }
  console.log('tfjs-node works: backend tensorflow')
}

try {
  setUp()
} catch (error) {
  if (!(error instanceof SetupError)) throw error
  console.error(error.message)
  process.exitCode = 1
}
