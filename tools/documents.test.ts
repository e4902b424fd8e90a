import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'

const root = fileURLToPath(new URL('..', import.meta.url))
const pages = ['', 'docs'].flatMap((folder) =>
  readdirSync(join(root, folder))
    .filter((name) => name.endsWith('.md'))
    .map((name) => join(folder, name)),
)

// Formatters take the marks of a merge for text and lead them past the eye.
it.each(pages)('%s was merged to its end', (page) => {
  const marks = readFileSync(join(root, page), 'utf8')
    .split('\n')
    .filter((line) => /^(<{7} |={7}$|(> ?){7})/.test(line))
  expect(marks).toEqual([])
})

it.each(pages)('links in %s lead to files that exist', (page) => {
  const text = readFileSync(join(root, page), 'utf8')
  const targets = [...text.matchAll(/\]\((?!https?:|#|mailto:)([^)#\s]+)/g)].map(([, target]) => target)
  const files = new Set(
    targets.map((target) => join(root, page, '..', target)).filter((file) => !existsSync(file)),
  )
  expect([...files]).toEqual([])
})
