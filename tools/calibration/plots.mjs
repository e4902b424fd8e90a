// Draws the page's plots with Observable Plot in a headless browser, as SVG files that stand alone.
import { accessSync, constants, readFileSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { chromium } from 'playwright-core'
import components from '../system-components.json' with { type: 'json' }

const modules = fileURLToPath(new URL('../../node_modules/', import.meta.url))
const LIBRARIES = ['d3/dist/d3.min.js', '@observablehq/plot/dist/plot.umd.min.js']
const POINTS = 160

/** @param {Record<string, object>} plots by name; returns SVG texts by name */
export async function drawPlots(plots) {
  const browser = await chromium.launch({ executablePath: findBrowser(), args: ['--no-sandbox'] })
  try {
    const page = await browser.newPage()
    for (const path of LIBRARIES)
      await page.addScriptTag({ content: readFileSync(join(modules, path), 'utf8') })
    await page.addScriptTag({ content: readFileSync(new URL('./plot.client.js', import.meta.url), 'utf8') })
    const drawn = {}
    for (const [name, plot] of Object.entries(plots))
      drawn[name] = `${await page.evaluate((given) => globalThis.drawPlot(given), thinned(plot))}\n`
    return drawn
  } finally {
    await browser.close()
  }
}

function findBrowser() {
  const folders = (process.env.PATH ?? '').split(delimiter)
  const candidates = components.chromium.binaries.flatMap((name) =>
    folders.map((folder) => join(folder, name)),
  )
  const found = candidates.find((path) => {
    try {
      accessSync(path, constants.X_OK)
      return true
    } catch {
      return false
    }
  })
  if (found === undefined) throw new Error(`chromium is missing: ${components.chromium.get} installs it`)
  return found
}

/** Distribution functions by a few points each: what is drawn need not hold the data. */
function thinned({ lines, ...plot }) {
  return {
    ...plot,
    dots: plot.dots ?? [],
    names: lines.map(([name]) => name),
    points: lines.flatMap(([name, values]) => {
      if (values.length === 1) return [0, 1].map((share) => ({ name, value: values[0], share }))
      return Array.from({ length: POINTS + 1 }, (_, i) => {
        const place = Math.min(values.length - 1, Math.floor((i / POINTS) * values.length))
        return { name, value: Number(values[place].toPrecision(4)), share: i / POINTS }
      })
    }),
  }
}
