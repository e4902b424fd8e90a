import type { Result } from '../schema.ts'
import { formatDuration, formatNumber } from './format.ts'
import { html, type Content } from './html.ts'
import { pointValueText } from '../point-text.ts'
import { policyName, type PageContext, type Section } from './section.ts'

function replicationWords({ replications, seed }: Result): Content {
  const runs =
    replications === 1
      ? '1 replication: no intervals can be given'
      : `${replications} replications on common random numbers`
  return html`${runs}, from seed <code>${seed}</code>`
}

function startedWords(iso: string): string {
  const match = /^(\d{4}-\d\d-\d\d)T(\d\d:\d\d)/.exec(iso)
  return match ? `${match[1]} ${match[2]} UTC` : iso
}

/** What was run: policies, facts that the experiment gives, seeds, versions and hashes. */
export function runSection(context: PageContext): Section {
  const { result } = context
  const policies = [...context.styles.values()].map(({ label, role }) => [
    html`<li>
      ${policyName(context, label)}${role !== 'policy' && role !== label && html` <small class="muted">${role}</small>`}
    </li>`,
  ])
  const dimensions = new Map<string, Set<string>>()
  for (const { point } of result.cells) {
    for (const [path, value] of Object.entries(point)) {
      dimensions.set(path, (dimensions.get(path) ?? new Set()).add(pointValueText(value)))
    }
  }
  const rows: [string, Content][] = [
    [
      'Policies',
      html`<ul class="inline">
        ${policies}
      </ul>`,
    ],
    ...result.facts.map(({ label, value }): [string, Content] => [label, value]),
    ...[...dimensions].map(([path, values]): [string, Content] => [
      `Matrix: ${path}`,
      [...values].join(', '),
    ]),
    ['Replications', replicationWords(result)],
    ['Recorded', `${formatNumber(result.outcomeRows, 0)} decisions with their outcomes`],
    ['Run', `${startedWords(result.startedAt)}, took ${formatDuration(result.wallSeconds)}`],
    ['Folder', html`<code>${result.runFolder}</code>`],
    [
      'Versions',
      html`Seedbed ${result.seedbedVersion}, Node
      ${result.nodeVersion}${
        result.commit !== null && html`, commit <code>${result.commit.slice(0, 12)}</code>`
      }`,
    ],
    ['Config hash', html`<code class="hash">${result.configHash}</code>`],
    ['Outcomes hash', html`<code class="hash">${result.outcomesHash}</code>`],
  ]
  return {
    id: 'run',
    title: 'What was run',
    body: html`<dl class="facts">
      ${rows.map(
        ([label, value]) =>
          html`<div>
            <dt>${label}</dt>
            <dd>${value}</dd>
          </div>`,
      )}
    </dl>`,
  }
}
