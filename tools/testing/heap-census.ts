import { text } from 'node:stream/consumers'
import { getHeapSnapshot } from 'node:v8'

/** Bytes in use by what they are used for. */
export type HeapCensus = ReadonlyMap<string, number>

interface Snapshot {
  readonly snapshot: { readonly meta: { readonly node_fields: string[]; readonly node_types: [string[]] } }
  readonly nodes: readonly number[]
  readonly strings: readonly string[]
}

/** What the engine makes of the program itself: it grows while functions are compiled anew. */
const OF_ENGINE = ['code', 'hidden', 'object shape', 'synthetic']
const TEXTS = ['string', 'concatenated string', 'sliced string', 'number', 'bigint', 'regexp']

/** What the program holds, buffers included, after all that nobody holds is gone; compiled code is left out. */
export async function heapCensus(): Promise<HeapCensus> {
  const { snapshot, nodes, strings } = JSON.parse(await text(getHeapSnapshot())) as Snapshot
  const { node_fields: fields, node_types } = snapshot.meta
  const [type, name, size] = ['type', 'name', 'self_size'].map((field) => fields.indexOf(field))
  const census = new Map<string, number>()
  for (let at = 0; at < nodes.length; at += fields.length) {
    const kind = node_types[0][nodes[at + type]]
    if (OF_ENGINE.includes(kind)) continue
    const label = TEXTS.includes(kind) ? kind : `${kind} ${strings[nodes[at + name]].slice(0, 60)}`
    census.set(label, (census.get(label) ?? 0) + nodes[at + size])
  }
  return census
}

export const totalBytes = (census: HeapCensus): number =>
  [...census.values()].reduce((sum, bytes) => sum + bytes, 0)

/** What has grown most, for people. */
export const growers = (before: HeapCensus, after: HeapCensus): string =>
  [...after]
    .map(([label, bytes]) => [label, bytes - (before.get(label) ?? 0)] as const)
    .sort(([, a], [, b]) => b - a)
    .slice(0, 5)
    .map(([label, bytes]) => `${label} +${bytes}`)
    .join(', ')
