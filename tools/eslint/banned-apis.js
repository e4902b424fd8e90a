// Keeps wall clocks, global randomness and asynchrony out of the code that must run the same in both worlds.

const clock = 'the Clock port (peer/ports/clock.ts)'
const random = 'the Random port (peer/ports/random.ts)'
const timer = 'a timer of the Clock port (peer/ports/clock.ts)'
const callback =
  'a callback or a state of the state machine: this code never awaits (see the ports in peer/ports)'
const engine = 'power of peer/protocol/powers.ts, a product or a shift: engines differ in the last digit'
const argument = 'an option or an argument that the composition root passes in'

/** Banned global, or member of a global, and what to use instead. */
export const bannedApis = {
  Date: clock,
  performance: clock,
  'Math.random': random,
  'Math.pow': engine,
  '**': engine,
  'crypto.randomUUID': random,
  'crypto.getRandomValues': random,
  'crypto.subtle': 'the digest of the ChunkStore port (peer/ports/chunk-store.ts)',
  setTimeout: timer,
  setInterval: timer,
  setImmediate: timer,
  clearTimeout: timer,
  clearInterval: timer,
  clearImmediate: timer,
  queueMicrotask: timer,
  process: argument,
  Promise: callback,
  async: callback,
  await: callback,
  fetch: 'the Network port (peer/ports/network.ts)',
  WebSocket: 'the Network port (peer/ports/network.ts)',
}

const globalObjects = ['globalThis', 'self', 'window', 'global']
const membersOf = (name) =>
  Object.keys(bannedApis).flatMap((api) => (api.startsWith(`${name}.`) ? [api.slice(name.length + 1)] : []))

function propertyName(member) {
  if (!member.computed) return member.property.name
  return member.property.type === 'Literal' ? String(member.property.value) : undefined
}

/** @type {import('eslint').Rule.RuleModule} */
export const bannedApisRule = {
  meta: {
    type: 'problem',
    docs: { description: 'ban clocks, randomness, timers and promises where code must be deterministic' },
    messages: { banned: '{{text}} is banned here: use {{instead}}' },
    schema: [],
  },
  create(context) {
    const report = (node, api, text = api) =>
      context.report({ node, messageId: 'banned', data: { text, instead: bannedApis[api] } })

    /** `node` is an expression that stands for the global called `name`. */
    const useOfGlobal = (node, name) => {
      const parent = node.parent
      const member = parent.type === 'MemberExpression' && parent.object === node ? parent : undefined
      if (globalObjects.includes(name)) {
        if (member) useOfGlobal(member, propertyName(member))
      } else if (Object.hasOwn(bannedApis, name)) {
        report(node, name, member && propertyName(member) ? `${name}.${propertyName(member)}` : name)
      } else {
        for (const key of membersOf(name)) {
          if (member && propertyName(member) === key) report(member, `${name}.${key}`)
          const pattern = parent.type === 'VariableDeclarator' && parent.init === node ? parent.id : undefined
          const bound = pattern?.type === 'ObjectPattern' ? pattern.properties : []
          if (bound.some((property) => property.key?.name === key)) report(pattern, `${name}.${key}`)
        }
      }
    }

    const raising = (node, operator, ...operands) => {
      const isConstant = operands.every(({ type }) => type === 'Literal')
      if (node.operator === operator && !isConstant) report(node, '**')
    }
    const asyncFunction = (node) => {
      if (node.async) report(node, 'async')
    }
    return {
      'Program:exit'(program) {
        const scope = context.sourceCode.getScope(program)
        const globals = [...scope.set.values()].filter((variable) => variable.defs.length === 0)
        const references = [...scope.through, ...globals.flatMap((variable) => variable.references)]
        for (const { identifier } of new Set(references)) useOfGlobal(identifier, identifier.name)
      },
      FunctionDeclaration: asyncFunction,
      FunctionExpression: asyncFunction,
      ArrowFunctionExpression: asyncFunction,
      BinaryExpression: (node) => raising(node, '**', node.left, node.right),
      AssignmentExpression: (node) => raising(node, '**=', node.left),
      AwaitExpression: (node) => report(node, 'await'),
      ForOfStatement(node) {
        if (node.await) report(node, 'await')
      },
    }
  },
}
