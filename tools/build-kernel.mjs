// Compiles the scorer's WebAssembly kernel (AssemblyScript, SIMD) into a TypeScript module that holds its bytes, so that
// the sources and dist/ find it alike. Does nothing where the module was made from the same source and compiler.
import { createHash } from 'node:crypto'
import { readFileSync, renameSync, writeFileSync } from 'node:fs'
import { pathToFileURL } from 'node:url'

const source = new URL('../model/kernel/score.ts', import.meta.url)
const target = new URL('../model/kernel.generated.ts', import.meta.url)
const compiler = new URL('../node_modules/assemblyscript/package.json', import.meta.url)
const flags = [
  '--optimizeLevel',
  '3',
  '--noAssert',
  '--runtime',
  'stub',
  '--enable',
  'simd',
  '--initialMemory',
  '1',
]

/** Writes model/kernel.generated.ts; returns whether it had to. Throws with the compiler's messages. */
export async function buildKernel() {
  const text = readFileSync(source, 'utf8')
  const made = `// Made by tools/build-kernel.mjs from model/kernel/score.ts; ${fingerprint(text)}\n`
  if (readOrEmpty(target).startsWith(made)) return false
  const bytes = await compile(text)
  const base64 = Buffer.from(bytes).toString('base64')
  const aside = new URL(`${target.href}.${process.pid}.tmp`)
  writeFileSync(aside, `${made}export const KERNEL_WASM_BASE64 =\n  '${base64}'\n`)
  renameSync(aside, target)
  return true
}

function fingerprint(text) {
  const { version } = JSON.parse(readFileSync(compiler, 'utf8'))
  const hash = createHash('sha256')
    .update(JSON.stringify([text, version, flags]))
    .digest('hex')
  return `source ${hash.slice(0, 16)}`
}

async function compile(text) {
  const { default: asc } = await import('assemblyscript/asc')
  let bytes
  const { error, stderr } = await asc.main(['score.ts', '--outFile', 'score.wasm', ...flags], {
    readFile: (name) => (name === 'score.ts' ? text : null),
    writeFile: (name, contents) => {
      if (name === 'score.wasm') bytes = contents
    },
    listFiles: () => [],
  })
  if (error) throw new Error(`model/kernel/score.ts does not compile: ${error.message}\n${stderr.toString()}`)
  return bytes
}

function readOrEmpty(file) {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return ''
  }
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) await buildKernel()
