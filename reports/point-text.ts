/** Value of a matrix path as people read it: lists by their entries' names, sections by their kind. */
export function pointValueText(value: unknown): string {
  if (Array.isArray(value)) return value.length === 0 ? 'none' : value.map(pointValueText).join(' + ')
  if (typeof value !== 'object' || value === null) return String(value)
  const { name, label, kind, ...rest } = value as Record<string, unknown>
  if (typeof label === 'string') return label
  if (typeof name === 'string') return name
  if (typeof kind !== 'string') return JSON.stringify(value)
  const settings = Object.entries(rest).map(([key, setting]) => `${key} ${pointValueText(setting)}`)
  return settings.length === 0 ? kind : `${kind} (${settings.join(', ')})`
}
