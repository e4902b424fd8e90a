import type { ModelReport } from '../schema.ts'
import { formatDuration, formatNumber, formatPlain, NO_VALUE } from './format.ts'
import { html, type Content, type Html } from './html.ts'
import { howToRead, plotSlot, scrollingTable, type PageContext, type Section } from './section.ts'

function facts(model: ModelReport): Html {
  const counts = ({ train, validation, test }: ModelReport['rows']): string =>
    [train, validation, test].map((count) => formatNumber(count, 0)).join(' / ')
  const rows: [string, Content][] = [
    ['Name', model.name],
    ['Version', html`<code class="hash">${model.version}</code>`],
    ['Architecture', `${model.architecture}, ${formatNumber(model.parameters, 0)} parameters`],
    ['Ranked lists: train / validation / test', counts(model.groups)],
    ['Decisions: train / validation / test', counts(model.rows)],
    [
      'Training',
      `${formatDuration(model.trainSeconds)} on backend ${model.backend}, kept epoch ${model.bestEpoch}`,
    ],
    ['Seed', html`<code>${model.seed}</code>`],
  ]
  return html`<dl class="facts">
    ${rows.map(
      ([label, value]) =>
        html`<div>
          <dt>${label}</dt>
          <dd>${value}</dd>
        </div>`,
    )}
  </dl>`
}

function testTable(model: ModelReport): Html {
  return scrollingTable(
    'Metrics on the test set',
    html`<table>
      <thead>
        <tr>
          <th scope="col">Metric</th>
          <th scope="col">Model</th>
          <th scope="col">Baseline</th>
        </tr>
      </thead>
      <tbody>
        ${model.testMetrics.map(
          ({ name, value, baseline, description }) =>
            html`<tr>
              <th scope="row">${name}<small class="note">${description}</small></th>
              <td>${formatPlain(value)}</td>
              <td>${baseline === null ? NO_VALUE : formatPlain(baseline)}</td>
            </tr>`,
        )}
      </tbody>
    </table>`,
  )
}

/** The model that was used: what it is, how it learned, what it looks at; null without a model. */
export function modelSection({ result: { model } }: PageContext): Section | null {
  if (model === null) return null
  const importanceRows = Math.min(model.importance.length, 20)
  return {
    id: 'model',
    title: 'The model',
    body: html`
      ${facts(model)}
      ${
        model.testMetrics.length > 0 &&
        html`<h3>On decisions it never saw</h3>
          ${testTable(model)}`
      }
      <div class="pair">
        ${
          model.curve.length > 0 &&
          html`<div>
            <h3>Training</h3>
            ${howToRead('Loss after each epoch. The epoch with the lowest validation loss is kept; what follows would be overfitting.')}
            <ul class="inline keys">
              <li><span class="key train" aria-hidden="true"></span>training</li>
              <li><span class="key validation" aria-hidden="true"></span>validation</li>
            </ul>
            <figure>${plotSlot('training', 280, 'Training and validation loss by epoch')}</figure>
          </div>`
        }
        ${
          importanceRows > 0 &&
          html`<div>
            <h3>What it looks at</h3>
            ${howToRead('Rise of the test loss when the values of one feature are shuffled: the further right, the more the model relies on it. Bars are 95 % intervals over shuffles. Features that say the same share their importance.')}
            <figure>
              ${plotSlot('importance', 34 + importanceRows * 22, 'Permutation importance by feature', { rows: String(importanceRows) })}
            </figure>
          </div>`
        }
      </div>
    `,
  }
}
