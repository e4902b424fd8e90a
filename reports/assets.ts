import { existsSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'

const require = createRequire(import.meta.url)

/** Text of a file in a package's folder; packages hide their browser builds from `import`. */
function packageFile(name: string, path: string): string {
  let folder = dirname(require.resolve(name))
  while (!existsSync(join(folder, 'package.json'))) folder = dirname(folder)
  return readFileSync(join(folder, path), 'utf8')
}

function ownFile(path: string): string {
  return readFileSync(new URL(path, import.meta.url), 'utf8')
}

const STYLE_SHEETS = ['theme.css', 'layout.css', 'content.css', 'print.css']
const IMPORT = /^import \{[^}]*\} from '\.\/([\w-]+\.client\.js)'\n/gm
const EXPORT = /^export (?=const |function |class )/gm

/**
 * Joins a client module and all it imports into one script, every module after those that it imports.
 * Modules may use `import { … } from './x.client.js'` and exported declarations, nothing else.
 */
export function bundleClient(entry: string, read: (name: string) => string): string {
  const done = new Set<string>()
  const parts: string[] = []
  const visit = (name: string): void => {
    if (done.has(name)) return
    done.add(name)
    const source = read(name)
    for (const [, imported] of source.matchAll(IMPORT)) visit(imported)
    parts.push(source.replace(IMPORT, '').replace(EXPORT, '').trim())
  }
  visit(entry)
  return `(() => {\n'use strict'\n${parts.join('\n\n')}\n})()`
}

/** Style sheet and scripts of the page; each script is the content of one script element. */
export function pageAssets(): { css: string; scripts: string[] } {
  return {
    css: STYLE_SHEETS.map((name) => ownFile(`./client/${name}`)).join('\n'),
    scripts: [
      packageFile('d3', 'dist/d3.min.js'),
      packageFile('@observablehq/plot', 'dist/plot.umd.min.js'),
      bundleClient('main.client.js', (name) => ownFile(`./client/${name}`)),
    ],
  }
}
