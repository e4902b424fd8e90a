import type { ModelCard } from './model-card.ts'

/** A model card for people, in Markdown. */
export function describeCard(card: ModelCard): string {
  const { report, data } = card
  const scaling = new Map(
    card.inputs.flatMap((input) => (input.kind === 'value' ? [[input.feature, input] as const] : [])),
  )
  const flagged = new Set(card.inputs.flatMap(({ kind, feature }) => (kind === 'missing' ? [feature] : [])))
  const used = card.features.filter(({ name }) => scaling.has(name) || flagged.has(name))
  return `${[
    `# ${card.name}@${card.version}`,
    `Ranks seeds for a chunk fetch: a ${report.architecture} perceptron (${report.parameters} parameters), trained on the ` +
      `TensorFlow.js backend ${report.backend} with seed \`${report.seed}\`, ${card.createdAt}. Higher scores are better.`,
    '## Data',
    table(
      ['split', `units (${data.splitBy})`, 'groups', 'fetches'],
      (['train', 'validation', 'test'] as const).map((part) => [
        part,
        data.units[part],
        report.groups[part],
        report.rows[part],
      ]),
    ),
    `Sources: ${sources(data.sources)}. Policies that chose: ${counts(data.policies)}. ` +
      `Results: ${counts(data.results)}.`,
    '## Test metrics',
    table(
      ['metric', 'value', 'baseline', 'meaning'],
      report.testMetrics.map((m) => [m.name, round(m.value), round(m.baseline), m.description]),
    ),
    '## Features',
    table(
      ['feature', 'unit', 'observable to', 'scaling', 'mean', 'deviation', 'unknown flagged'],
      used.map((feature) => {
        const value = scaling.get(feature.name)
        const flag = flagged.has(feature.name) ? 'yes' : ''
        const { name, unit, observableTo, transform } = feature
        return [name, unit, observableTo.join(', '), transform, round(value?.mean), round(value?.std), flag]
      }),
    ),
    '## Files',
    '`model.json` and `weights.bin` are a TensorFlow.js layers model over the scaled inputs of `card.json`, in its order.',
  ].join('\n\n')}\n`
}

function table(head: string[], rows: (string | number)[][]): string {
  return [head, head.map(() => '---'), ...rows].map((row) => `| ${row.join(' | ')} |`).join('\n')
}

const MOST_SOURCES = 4

function sources(paths: readonly string[]): string {
  const named = paths.slice(0, MOST_SOURCES).map((path) => `\`${path}\``)
  const more = paths.length - named.length
  return `${named.join(', ')}${more > 0 ? ` and ${more} more` : ''}`
}

const counts = (record: Record<string, number>): string =>
  Object.entries(record)
    .map(([name, count]) => `${name} ${count}`)
    .join(', ')

const round = (value: number | null | undefined): string =>
  value === null || value === undefined ? '' : String(Number(value.toPrecision(4)))
