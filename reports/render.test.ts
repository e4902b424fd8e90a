import { readdirSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { bundleClient, pageAssets } from './assets.ts'
import { renderReport } from './render.ts'
import { makeResult } from './result.testing.ts'
import { resultJsonSchema, resultSchema } from './schema.ts'

const HOSTILE = `</script><img src=x onerror="alert(1)">`

describe('report', () => {
  it('lets no text out of its place', () => {
    const result = makeResult({
      policies: { [HOSTILE]: 1, model: 1.1, oracle: 1.2 },
      baseline: HOSTILE,
      replications: 2,
    })
    const page = renderReport({
      ...result,
      name: HOSTILE,
      description: HOSTILE,
      replayCommand: HOSTILE,
      config: { [HOSTILE]: HOSTILE },
      facts: [{ label: HOSTILE, value: HOSTILE }],
      invariants: { runs: 1, checks: [HOSTILE], violations: [HOSTILE] },
    })
    expect(page).not.toContain('<img')
    expect(page.match(/<script/g)).toHaveLength(4)
    expect(page.match(/<\/script/g)).toHaveLength(4)
  })

  it('names no address outside itself', () => {
    const { css, scripts } = pageAssets()
    const page = scripts.reduce((text, script) => text.replace(script, ''), renderReport(makeResult()))
    expect(page).not.toMatch(/https?:|@import|url\(/)
    expect(css).not.toMatch(/https?:|@import|url\(/)
    expect(scripts.join('')).not.toContain('</script')
  })

  it('shows every section that has something to show', () => {
    const titles = (page: string): string[] =>
      [...page.matchAll(/<h2[^>]*>\s*([^<]*?)\s*<\/h2/g)].map(([, title]) => title)
    const all = [
      'Findings',
      'What was run',
      'Policy comparison',
      'Share of the oracle’s gain',
      'Distributions',
      'Where the bytes came from',
      'Fairness of upload load',
      'How fetches ended',
      'The model',
      'Invariants checked',
      'Run it again',
    ]
    expect(titles(renderReport(makeResult()))).toEqual(all)
    const few = makeResult({
      policies: { random: 1, nearest: 1 },
      oracle: null,
      model: false,
      replications: 1,
    })
    expect(titles(renderReport(few))).toEqual(all.filter((title) => !/oracle|model/.test(title)))
    const nothing = { ...makeResult({ model: false }), cells: [] }
    expect(titles(renderReport(nothing))).toEqual([
      'Findings',
      'What was run',
      'Invariants checked',
      'Run it again',
    ])
  })

  it('has one matrix point shown and the others at hand', () => {
    const points = [{ churn: 'low' }, { churn: 'high' }]
    const page = renderReport(
      makeResult({ policies: { random: 1, model: 1.1 }, oracle: null, points, replications: 2 }),
    )
    expect(page).toContain('Across the matrix')
    expect(page).toMatch(/<option value="1">\s*churn = high\s*<\/option>/)
    expect(page.match(/data-point="1" hidden/g)?.length).toBe(page.match(/data-point="0">/g)?.length)
  })

  it('says aloud that an invariant was violated', () => {
    const result = makeResult({ policies: { random: 1 }, oracle: null, replications: 1 })
    const violations = Array.from({ length: 60 }, (_, i) => `link 7 over capacity at ${i} s`)
    const page = renderReport({ ...result, invariants: { ...result.invariants, violations } })
    expect(page).toMatch(/60 violations in 1 run: do not trust these results/)
    expect(page).toContain('and 10 more in result.json')
  })
})

describe('client bundle', () => {
  const files: Record<string, string> = {
    'main.client.js': "import { a } from './a.client.js'\nimport {\n  b,\n} from './b.client.js'\n\na(b)\n",
    'a.client.js': "import { b } from './b.client.js'\n\nexport function a() {\n  return b\n}\n",
    'b.client.js': 'export const b = 7\n',
  }

  it('puts every module once, after those that it imports', () => {
    const bundle = bundleClient('main.client.js', (name) => files[name])
    expect(bundle).not.toMatch(/import|export/)
    expect(new Function(`let got; ${bundle.replace('a(b)', 'got = a(b)')}; return got`)()).toBe(7)
  })

  it('reaches every client file', () => {
    const own = readdirSync(new URL('./client', import.meta.url)).filter((name) =>
      name.endsWith('.client.js'),
    )
    const [, , bundle] = pageAssets().scripts
    expect(own.length).toBeGreaterThan(10)
    expect(bundle).not.toMatch(/^(import|export) /m)
    expect(bundle).toContain('startTheme()')
  })
})

describe('result schema', () => {
  it('accepts what summaries give, and is published as JSON Schema', () => {
    const result = makeResult({ points: [{ churn: 'low' }, { churn: 'high' }], replications: 2 })
    expect(resultSchema.parse(JSON.parse(JSON.stringify(result)))).toEqual(result)
    expect(resultJsonSchema()).toMatchObject({
      type: 'object',
      properties: { outcomesHash: { type: 'string' } },
    })
  })
})
