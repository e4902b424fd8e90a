// Enforces who may import whom. Folders that the table doesn't name (bin, tools) are outside: free to import,
// but product code can't import them.
import { isBuiltin } from 'node:module'
import { posix, relative, resolve, sep } from 'node:path'

const ports = ['peer/protocol', 'peer/ports']
const askForAPort = 'take what you need as a port (peer/ports) and let the composition root pass it in'
const leaveItToCompose = 'let the composition root (compose.ts) build it and pass it in through a port'

/**
 * Per folder: the folders it may import besides itself, the packages (`none`, `browser`: no Node modules, `all`),
 * and the way out that the message names.
 */
export const importTable = {
  'peer/protocol': {
    may: [],
    packages: 'none',
    wayOut: 'move what you need into peer/protocol, or take it as an argument',
  },
  'peer/ports': {
    may: ['peer/protocol'],
    packages: 'browser',
    wayOut: 'describe what you need as an interface here and implement it in an adapter',
  },
  'peer/core': { may: ports, packages: 'none', wayOut: askForAPort },
  'tracker/core': { may: ports, packages: 'none', wayOut: askForAPort },
  'peer/live': { may: ['peer/core', ...ports], packages: 'all', wayOut: leaveItToCompose },
  'tracker/live': { may: ['tracker/core', ...ports], packages: 'all', wayOut: leaveItToCompose },
  'peer/web': { may: ['peer/core', ...ports], packages: 'browser', wayOut: askForAPort },
  sim: {
    may: ['peer/core', 'tracker/core', ...ports],
    packages: 'browser',
    wayOut: 'take it as a port or as plain data, and let experiments compose the two',
  },
  model: {
    may: ports,
    packages: 'all',
    wayOut: 'exchange data through peer/protocol or the run folder, and let experiments compose the two',
  },
  reports: {
    may: [],
    packages: 'all',
    wayOut: 'take the data as a plain value of the result schema in reports, and let experiments pass it in',
  },
  experiments: {
    may: [
      'peer/core',
      'tracker/core',
      'peer/live',
      'tracker/live',
      'peer/web',
      'sim',
      'model',
      'reports',
      ...ports,
    ],
    packages: 'all',
    wayOut: 'move what you need into one of them',
  },
}

/** Single files that may import more than their folder. */
export const compositionRoots = {
  'peer/live/compose.ts': ['model'],
  'tracker/live/compose.ts': ['model'],
}

const zones = Object.keys(importTable)
const testFile = /\.(test|bench|testing)\.tsx?$/
const testOnlyFile = /\.(test|bench|testing|contract)(\.[jt]sx?)?$/
const contractFile = /\.contract\.ts$/

const zoneOf = (path) => zones.find((zone) => path === zone || path.startsWith(`${zone}/`))
const list = (names) =>
  names.length === 0 ? 'nothing of ours' : names.join(', ').replace(/, ([^,]*)$/, ' and $1')

function packageName(specifier) {
  const parts = specifier.split('/')
  return specifier.startsWith('@') ? parts.slice(0, 2).join('/') : parts[0]
}

/** Says why `from` may not import `specifier`, or returns undefined when it may; paths are relative to the root. */
export function refusal(from, specifier) {
  const zone = zoneOf(from)
  const local = specifier.startsWith('.')
  const target = local ? posix.normalize(posix.join(posix.dirname(from), specifier)) : undefined
  const targetZone = target && zoneOf(target)
  if (targetZone === 'experiments' && zone !== undefined && zone !== 'experiments') {
    return `${zone} may not import experiments: nothing imports experiments; move what you need into the folder that owns it`
  }
  if (!zone || testFile.test(from)) return undefined
  const row = importTable[zone]
  const contract = contractFile.test(from)
  if (!local) {
    if (row.packages === 'all' || (contract && packageName(specifier) === 'vitest')) return undefined
    if (row.packages === 'browser' && !isBuiltin(specifier)) return undefined
    const kind = row.packages === 'browser' ? 'Node modules' : 'packages'
    return `${zone} may import no ${kind} (here ${specifier}): ${row.wayOut}`
  }
  if (testOnlyFile.test(target) && !contract) {
    return `${from} may not import the test file ${target}: move what both need into a plain file`
  }
  const may = [...row.may, ...(compositionRoots[from] ?? [])]
  if (targetZone === zone || may.includes(targetZone)) return undefined
  return `${zone} may import only ${list(may)} (here ${targetZone ?? target}): ${row.wayOut}`
}

/** @type {import('eslint').Rule.RuleModule} */
export const importTableRule = {
  meta: {
    type: 'problem',
    docs: { description: 'enforce which folder may import which' },
    messages: { refused: '{{reason}}' },
    schema: [],
  },
  create(context) {
    const from = relative(context.cwd, resolve(context.cwd, context.filename)).split(sep).join('/')
    const check = (source) => {
      if (typeof source?.value !== 'string') return
      const reason = refusal(from, source.value)
      if (reason) context.report({ node: source, messageId: 'refused', data: { reason } })
    }
    return {
      ImportDeclaration: (node) => check(node.source),
      ExportNamedDeclaration: (node) => check(node.source),
      ExportAllDeclaration: (node) => check(node.source),
      ImportExpression: (node) => check(node.source),
      TSImportType: (node) => check(node.source),
      TSExternalModuleReference: (node) => check(node.expression),
    }
  },
}
