import type { TraceEvent } from '../../sim/trace.ts'

const NODE_WIDTH = 10
const KIND_WIDTH = 13
const TIME_WIDTH = 12

/** An event as people read it: time in simulated seconds, node, kind and details. */
export function eventText({ timeMs, node, kind, details }: TraceEvent): string {
  const { peer, type, ...rest } = details
  const parts = [
    (timeMs / 1000).toFixed(6).padStart(TIME_WIDTH),
    node.padEnd(NODE_WIDTH),
    kind.padEnd(KIND_WIDTH),
    ...(peer === undefined ? [] : [`${WITH[kind] ?? 'with'} ${peer}`]),
    ...(type === undefined ? [] : [String(type)]),
    ...Object.entries(rest).map(([key, value]) => `${key}=${valueText(key, value)}`),
  ]
  return parts.join(' ').trimEnd()
}

/** How the other node of an event stands to its own. */
const WITH: Partial<Record<TraceEvent['kind'], string>> = {
  dial: 'to',
  send: 'to',
  hear: 'from',
  'chunk-start': 'to',
  'chunk-sent': 'to',
  'chunk-abort': 'to',
  'chunk-begins': 'from',
  'chunk-arrives': 'from',
}

function valueText(key: string, value: string | number | boolean | null): string {
  if (value === null || Number.isNaN(value)) return '?'
  if (typeof value !== 'number' || Number.isInteger(value)) return String(value)
  return value.toFixed(key.endsWith('Ms') ? 3 : 4)
}
