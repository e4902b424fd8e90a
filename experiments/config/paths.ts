import { ConfigError } from './errors.ts'

type Tree = Record<string, unknown> | unknown[]

const isTree = (value: unknown): value is Tree => typeof value === 'object' && value !== null

/** The value at a dotted path such as `swarm.peers` or `policies.0.explore`; undefined where there is none. */
export function valueAt(tree: unknown, path: readonly PropertyKey[]): unknown {
  let value = tree
  for (const key of path) {
    if (!isTree(value) || !Object.hasOwn(value, key)) return undefined
    value = (value as Record<PropertyKey, unknown>)[key]
  }
  return value
}

/** A copy of the tree with the value at a dotted path set; sections on the way are made. */
export function withValueAt(tree: unknown, path: string, value: unknown): unknown {
  const keys = path.split('.')
  if (keys.some((key) => key === '' || key === '__proto__'))
    throw new ConfigError('path', [
      `invalid path: ${JSON.stringify(path)} (keys joined by ".", e.g. swarm.peers)`,
    ])
  const copy = structuredClone(isTree(tree) ? tree : {})
  let at: Tree = copy
  keys.forEach((key, depth) => {
    const walked = keys.slice(0, depth).join('.')
    if (Array.isArray(at) && !(/^\d+$/.test(key) && Number(key) <= at.length))
      throw new ConfigError('path', [
        `invalid path: ${JSON.stringify(path)} (${walked} is a list: a number from 0 to ${at.length} must follow)`,
      ])
    const node = at as Record<string, unknown>
    if (depth === keys.length - 1) node[key] = value
    else at = step(node, key, [...keys.slice(0, depth), key].join('.'), path)
  })
  return copy
}

function step(node: Record<string, unknown>, key: string, walked: string, path: string): Tree {
  const next = (node[key] ??= {})
  if (isTree(next)) return next
  throw new ConfigError('path', [
    `invalid path: ${JSON.stringify(path)} (${walked} is ${JSON.stringify(next)}, which has no keys)`,
  ])
}
