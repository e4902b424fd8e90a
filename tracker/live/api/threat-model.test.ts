import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'

const root = fileURLToPath(new URL('../../..', import.meta.url))

it('every promise of the threat model names a test that there is', () => {
  const page = readFileSync(join(root, 'docs', 'threat-model.md'), 'utf8')
  const rows =
    page
      .split('\n## ')
      .filter((section) => section.startsWith('Promises'))
      .join('\n')
      .match(/^\| .*$/gm) ?? []
  const promises = rows.filter((row) => !/^\| (-+|promise) /.test(row))
  expect(promises.length).toBeGreaterThan(25)
  for (const promise of promises) {
    const named = [...promise.matchAll(/`([\w./-]+\.test\.ts)` “([^”]+)”/g)]
    expect([promise, named.length > 0]).toEqual([promise, true])
    for (const [, file, title] of named)
      expect([title, readFileSync(join(root, file), 'utf8').includes(`'${title}'`)]).toEqual([title, true])
  }
})
