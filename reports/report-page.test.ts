import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { chromium, type BrowserContext, type Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { findSystem, requireSystem } from '../tools/testing/system.ts'
import { renderReport } from './render.ts'
import { makeResult } from './result.testing.ts'
import type { Result } from './schema.ts'

const FLAGS = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
]

const LOOKS = [
  { colorScheme: 'light', width: 360 },
  { colorScheme: 'dark', width: 390 },
  { colorScheme: 'light', width: 820 },
  { colorScheme: 'dark', width: 1280 },
  { colorScheme: 'light', width: 1600 },
] as const

const FULL = makeResult()

const MATRIX = makeResult({
  policies: { random: 1, nearest: 0.99, model: 1.1, oracle: 1.2 },
  replications: 3,
  published: [
    {
      metric: 'completion_mean_s',
      value: 52,
      source: 'Someone and Other 2012',
      point: { 'swarm.peers': 400 },
    },
    { metric: 'origin_share', value: 0.05, source: 'Another 2014', point: {} },
  ],
  points: [100, 400].flatMap((peers) => ['low', 'high'].map((churn) => ({ 'swarm.peers': peers, churn }))),
})

// Names as nobody should give them, and cells in which hardly anything is known.
const AWKWARD_NAME = 'ε-greedy softmax </script><img src=x onerror=alert(1)> with an unreasonably long label'
const AWKWARD = makeResult({
  policies: { random: 1, [AWKWARD_NAME]: 1.1 },
  replications: 1,
  oracle: null,
  model: false,
})

const EMPTY: Result = {
  ...AWKWARD,
  cells: AWKWARD.cells.map((cell) => ({
    ...cell,
    values: cell.values.map((value) => ({ ...value, mean: null, ci95: null, n: 0, vsBaseline: null })),
    distributions: { chunk_fetch_ms: [], completion_ms: [] },
    uploadLorenz: [],
    sourceBytes: { seeds: 0, peers: 0, origin: 0 },
    results: {},
  })),
}

interface Opened {
  page: Page
  /** Everything that must not happen: console errors, exceptions, requests. */
  troubles: string[]
}

let folder: string
let context: BrowserContext | undefined

async function open(result: Result, width: number, colorScheme: 'light' | 'dark' = 'light'): Promise<Opened> {
  const file = join(folder, 'report.html')
  writeFileSync(file, renderReport(result))
  const page = await context!.newPage()
  const troubles: string[] = []
  page.on('console', (message) => troubles.push(`console ${message.type()}: ${message.text()}`))
  page.on('pageerror', (error) => troubles.push(`exception: ${error.message}`))
  page.on('request', (request) => {
    if (request.url() !== pathToFileURL(file).href) troubles.push(`request: ${request.url()}`)
  })
  await page.emulateMedia({ colorScheme })
  await page.setViewportSize({ width, height: 900 })
  await page.goto(pathToFileURL(file).href)
  await page.waitForFunction(() =>
    [...document.querySelectorAll('.plot')].every(
      (slot) => slot.childElementCount > 0 || slot.clientWidth === 0,
    ),
  )
  return { page, troubles }
}

/** What sticks out of the page, text that a chart cuts off, and labels of a chart that lie on each other. */
function layoutFaults(): string[] {
  const faults: string[] = []
  const name = (element: Element): string =>
    `${element.tagName}.${element.getAttribute('class')} "${element.textContent?.trim().slice(0, 40)}"`
  const root = document.documentElement
  if (root.scrollWidth > root.clientWidth) faults.push(`page is ${root.scrollWidth} px wide`)
  for (const element of document.querySelectorAll('body *:not(.visually-hidden, .skip, script)')) {
    const box = element.getBoundingClientRect()
    if (box.width === 0 || element.closest('.scroll > *, .segmented input, [clip-path]')) continue
    if (box.right > root.clientWidth + 0.5 || box.left < -0.5) faults.push(`sticks out: ${name(element)}`)
  }
  for (const svg of document.querySelectorAll('.plot svg')) {
    const frame = svg.getBoundingClientRect()
    const label = svg.getAttribute('aria-label')
    const texts = [...svg.querySelectorAll('g[aria-label*="label"] text, g[aria-label="text"] text')]
      .filter((text) => text.textContent !== '')
      .map((text) => ({ text, box: text.getBoundingClientRect() }))
    texts.forEach(({ text, box }, i) => {
      const inside = box.left >= frame.left - 1 && box.right <= frame.right + 1
      if (!inside || box.top < frame.top - 1 || box.bottom > frame.bottom + 1) {
        faults.push(`cut in ${label}: ${name(text)}`)
      }
      for (const other of texts.slice(i + 1)) {
        const overlapX = Math.min(box.right, other.box.right) - Math.max(box.left, other.box.left)
        const overlapY = Math.min(box.bottom, other.box.bottom) - Math.max(box.top, other.box.top)
        if (overlapX > 1 && overlapY > 3)
          faults.push(`overlap in ${label}: ${name(text)} and ${name(other.text)}`)
      }
    })
  }
  return faults
}

/** For each section that has charts: the number of marks in the chart that has the fewest. */
function fewestMarks(): Record<string, number> {
  const marks = ['line', 'link', 'dot', 'bar'].map(
    (name) => `g[aria-label="${name}"] :is(path, circle, rect)`,
  )
  const counted = [...document.querySelectorAll('section')].map((section): [string, number] => {
    const slots = [...section.querySelectorAll('.plot')]
    return [section.id, Math.min(...slots.map((slot) => slot.querySelectorAll(marks.join()).length))]
  })
  return Object.fromEntries(counted.filter(([, fewest]) => Number.isFinite(fewest)))
}

describe('report in a browser', () => {
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'seedbed-report-'))
    const executablePath = findSystem('chromium')
    if (executablePath === undefined) return
    context = await chromium.launchPersistentContext(join(folder, 'profile'), { executablePath, args: FLAGS })
  })

  afterAll(async () => {
    await context?.close()
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 })
  })

  it.for(LOOKS)('draws everything in $colorScheme at $width px', async ({ colorScheme, width }, test) => {
    requireSystem('chromium', test)
    const { page, troubles } = await open(FULL, width, colorScheme)
    // Nine policies: dots and bars, seven of them between baseline and oracle, lines, parts, lines and a diagonal.
    expect(await page.evaluate(fewestMarks)).toEqual({
      comparison: 18,
      oracle: 14,
      distributions: 9,
      sources: 27,
      fairness: 10,
      model: 20,
    })
    expect(await page.evaluate(layoutFaults)).toEqual([])
    expect(troubles).toEqual([])
    await page.close()
  })

  it('follows every control', async (test) => {
    requireSystem('chromium', test)
    const { page, troubles } = await open(MATRIX, 1280)
    const chart = (selector: string): Promise<string> => page.locator(`${selector} svg`).first().innerHTML()
    const changes = async (selector: string, act: () => Promise<unknown>): Promise<void> => {
      const before = await chart(selector)
      await act()
      expect(await chart(selector)).not.toBe(before)
    }
    await changes('#comparison .plot', () =>
      page.getByText('Difference from random', { exact: true }).click(),
    )
    await changes('#distributions .plot', () =>
      page.locator('#distributions input:not(:checked)').first().press('Space'),
    )
    await changes('#distributions .plot', () =>
      page.locator('#distributions button.highlight >> visible=true').first().press('Enter'),
    )
    await changes('#sweep .plot', () =>
      page.locator('[data-control="sweep-metric"]').selectOption('origin_share'),
    )
    await changes('#sources .plot', () => page.locator('[data-control="point"]').selectOption('3'))
    expect(await page.locator('#outcomes [data-point]:visible').getAttribute('data-point')).toBe('3')
    const background = (): Promise<string> =>
      page.evaluate(() => getComputedStyle(document.body).backgroundColor)
    const light = await background()
    await page.getByRole('button', { name: 'Use dark colours' }).click()
    expect(await background()).not.toBe(light)
    await page.locator('#replay button.copy').first().click()
    await page.getByText(/^(Copied|Selected: press Ctrl\+C)$/).waitFor()
    expect(await page.evaluate(layoutFaults)).toEqual([])
    expect(troubles).toEqual([])
    await page.close()
  })

  it.for([
    ['a matrix', MATRIX],
    ['hostile names and one replication', AWKWARD],
    ['no values at all', EMPTY],
    ['no cells', { ...AWKWARD, cells: [] }],
  ] as [string, Result][])('holds together with %s', async ([, result], test) => {
    requireSystem('chromium', test)
    for (const width of [390, 1280]) {
      const { page, troubles } = await open(result, width)
      expect(await page.evaluate(layoutFaults)).toEqual([])
      expect(await page.locator('img').count()).toBe(0)
      expect(troubles).toEqual([])
      await page.close()
    }
  })
})
