// Measures the simulator's network and people against public data, and writes the figures and plots of docs/calibration.md:
//   npm run build && node tools/calibration.mjs [FOLDER OF THE ARCHIVES]
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { format, resolveConfig } from 'prettier'
import { calibrateAccess } from './calibration/access.mjs'
import { withData } from './calibration/data.mjs'
import { calibrateLatency } from './calibration/latency.mjs'
import { calibrateReachability, calibrateSessions } from './calibration/people.mjs'
import { drawPlots } from './calibration/plots.mjs'
import { withFragments } from './calibration/text.mjs'

const root = fileURLToPath(new URL('..', import.meta.url))
const page = join(root, 'docs/calibration.md')
const folder = join(root, 'docs/calibration')

const parts = await withData(process.argv[2] ?? join(root, '../shared/data'), (data) => [
  calibrateLatency(data),
  calibrateAccess(data),
  calibrateSessions(),
  calibrateReachability(),
])
const fragments = Object.assign({}, ...parts.map((part) => part.fragments))
const plots = await drawPlots(Object.assign({}, ...parts.map((part) => part.plots)))
mkdirSync(folder, { recursive: true })
for (const [name, svg] of Object.entries(plots)) writeFileSync(join(folder, `${name}.svg`), svg)
const text = withFragments(readFileSync(page, 'utf8'), fragments)
writeFileSync(page, await format(text, { ...(await resolveConfig(page)), filepath: page }))
for (const [name, figures] of Object.entries(fragments)) console.log(`${name}\n${figures}\n`)
