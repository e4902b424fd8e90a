import { describe, expect, it } from 'vitest'
import { lintText } from './lint-text.testing.ts'

const folders = [
  'peer/protocol',
  'peer/ports',
  'peer/core',
  'tracker/core',
  'peer/live',
  'tracker/live',
  'peer/web',
  'sim',
  'model',
  'reports',
  'experiments',
] as const
type Folder = (typeof folders)[number]

const allowed: Record<Folder, readonly Folder[]> = {
  'peer/protocol': [],
  'peer/ports': ['peer/protocol'],
  'peer/core': ['peer/protocol', 'peer/ports'],
  'tracker/core': ['peer/protocol', 'peer/ports'],
  'peer/live': ['peer/core', 'peer/protocol', 'peer/ports'],
  'tracker/live': ['tracker/core', 'peer/protocol', 'peer/ports'],
  'peer/web': ['peer/core', 'peer/protocol', 'peer/ports'],
  sim: ['peer/core', 'tracker/core', 'peer/protocol', 'peer/ports'],
  model: ['peer/protocol', 'peer/ports'],
  reports: [],
  experiments: folders,
}

const up = (file: string) => '../'.repeat(file.split('/').length - 1)
const lint = (file: string, code: string) => lintText('seedbed/import-table', file, code)
const importOf = (file: string, target: string) =>
  lint(file, `export { x } from '${up(file)}${target}/x.ts'\n`)

describe.each(folders)('%s', (from) => {
  it.each(folders)('and %s', async (to) => {
    const messages = await importOf(`${from}/file.ts`, to)
    if (to === from || allowed[from].includes(to)) {
      expect(messages).toEqual([])
    } else {
      expect(messages).toHaveLength(1)
      expect(messages[0]).toMatch(`${from} may`)
    }
  })

  it('may be tested with anything but experiments', async () => {
    for (const kind of ['test', 'fuzz.test', 'bench']) {
      const file = `${from}/file.${kind}.ts`
      for (const to of folders) {
        const refused = to === 'experiments' && from !== 'experiments'
        expect(await importOf(file, to), `${file} → ${to}`).toHaveLength(refused ? 1 : 0)
      }
      expect(
        await lint(file, `import 'vitest'\nimport 'node:fs'\nimport '${up(file)}tools/testing/system.ts'\n`),
      ).toEqual([])
    }
  })

  it("can't reach outside the product", async () => {
    expect(await importOf(`${from}/file.ts`, 'tools')).toHaveLength(1)
  })

  it("can't build on test files", async () => {
    for (const kind of ['test', 'fuzz.test', 'bench', 'testing', 'contract']) {
      expect(await lint(`${from}/file.ts`, `import './x.${kind}.ts'\n`), kind).toEqual([
        `${from}/file.ts may not import the test file ${from}/x.${kind}.ts: move what both need into a plain file`,
      ])
    }
  })
})

describe('composition roots', () => {
  it.each(['peer/live', 'tracker/live'])('%s/compose.ts may import model', async (folder) => {
    expect(await importOf(`${folder}/compose.ts`, 'model')).toEqual([])
    expect(await importOf(`${folder}/compose.ts`, 'sim')).toHaveLength(1)
    expect(await importOf(`${folder}/other.ts`, 'model')).toHaveLength(1)
  })
})

describe('contract suites', () => {
  it('may use vitest and their own folder, and nothing else', async () => {
    const file = 'peer/ports/clock.contract.ts'
    expect(await lint(file, "import 'vitest'\nimport './clock.ts'\nimport '../protocol/ids.ts'\n")).toEqual(
      [],
    )
    expect(await lint(file, "import 'node:fs'\n")).toHaveLength(1)
    for (const to of folders.slice(2)) expect(await importOf(file, to), to).toHaveLength(1)
  })
})

describe('packages', () => {
  it.each([
    ['peer/protocol', 'd3', 1],
    ['peer/core', 'd3', 1],
    ['tracker/core', 'node:events', 1],
    ['sim', 'd3', 0],
    ['sim', 'node:fs', 1],
    ['sim', 'fs', 1],
    ['peer/web', 'node:fs', 1],
    ['peer/live', 'node:net', 0],
    ['model', '@tensorflow/tfjs', 0],
    ['reports', 'd3', 0],
  ])('%s importing %s', async (from, specifier, count) => {
    expect(await lint(`${from}/file.ts`, `import '${specifier}'\n`)).toHaveLength(count)
  })
})

describe('kinds of import', () => {
  it.each([
    "import { x } from '../../sim/x.ts'",
    "import type { X } from '../../sim/x.ts'",
    "import '../../sim/x.ts'",
    "export * from '../../sim/x.ts'",
    "export { x } from '../../sim/x.ts'",
    "export const x = import('../../sim/x.ts')",
    "export type X = import('../../sim/x.ts').X",
    "import x = require('../../sim/x.ts')",
  ])('%s', async (code) => {
    expect(await lint('peer/core/file.ts', `${code}\n`)).toEqual([
      'peer/core may import only peer/protocol and peer/ports (here sim): ' +
        'take what you need as a port (peer/ports) and let the composition root pass it in',
    ])
  })
})

it('leaves bin and tools alone', async () => {
  expect(await importOf('tools/file.ts', 'experiments')).toEqual([])
  expect(await importOf('bin/file.js', 'experiments')).toEqual([])
})
