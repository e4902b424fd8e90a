import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'
import yargs from 'yargs'
import { ApiHarness } from '../../tracker/live/api/api.testing.ts'
import { MemoryModels } from '../../tracker/live/api/stores.testing.ts'
import { optionNames, trackerOptions } from './tracker-options.ts'

const page = readFileSync(
  join(fileURLToPath(new URL('../..', import.meta.url)), 'docs', 'tracker.md'),
  'utf8',
)

it('docs/tracker.md has every option once, and no other', () => {
  const declared = yargs([])
  trackerOptions(declared)
  const options = optionNames(declared).filter((name) => name !== 'help' && name !== 'version')
  expect(options.length).toBeGreaterThan(25)
  expect(options.filter((name) => !page.includes(`\`--${name}\``))).toEqual([])
  const section = page.slice(page.indexOf('\n## Options'), page.indexOf('\n## Tokens'))
  const named = [...section.matchAll(/`--([a-z-]+)`/g)].map(([, name]) => name)
  expect(named.filter((name) => !options.includes(name.replace(/^no-/, '')))).toEqual([])
  const rows = section.split('\n').filter((line) => line.startsWith('| `--'))
  const listed = rows.flatMap((row) =>
    [...row.split('|')[1].matchAll(/`--([a-z-]+)`/g)].map(([, name]) => name),
  )
  expect(listed.filter((name, i) => listed.indexOf(name) < i)).toEqual([])
})

it('docs/tracker.md has every route and every metric', async () => {
  const api = await ApiHarness.start({
    models: new MemoryModels(),
    outcomeQueue: () => ({ queuedBytes: 0, isStoreUp: true }),
  })
  const { paths } = (await api.ask('/openapi.json')).json as { paths: Record<string, object> }
  const routes = Object.entries(paths).flatMap(([path, methods]) =>
    Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
  )
  expect(routes.length).toBeGreaterThan(25)
  expect(routes.filter((route) => !page.includes(`\`${route}`))).toEqual([])
  const metrics = (await api.ask('/metrics')).bytes.toString().matchAll(/^# TYPE (seedbed_\w+)/gm)
  expect([...metrics].map(([, name]) => name).filter((name) => !page.includes(`\`${name}\``))).toEqual([])
  await api.stop()
})
