// Numbers and tables as the page shows them.

/** Three digits at least. @param {number} value */
export const number = (value) =>
  Math.abs(value) >= 100 ? value.toFixed(0) : Math.abs(value) >= 10 ? value.toFixed(1) : value.toFixed(2)

/** @param {number} share */
export const percent = (share) => `${(100 * share).toFixed(1)} %`

/** A table in Markdown. @param {string[]} head @param {(string | number)[][]} rows */
export function table(head, rows) {
  const line = (cells) => `| ${cells.join(' | ')} |`
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n')
}

/**
 * The page with each measured part replaced: what stands between `<!-- measured: NAME -->` and `<!-- end -->`.
 * @param {string} page @param {Record<string, string>} fragments
 */
export function withFragments(page, fragments) {
  const missing = new Set(Object.keys(fragments))
  const filled = page.replaceAll(
    /(<!-- measured: ([\w-]+) -->\n)[^]*?(<!-- end -->)/g,
    (_all, start, name, end) => {
      if (!(name in fragments)) throw new Error(`nothing measured for the part ${name} of the page`)
      missing.delete(name)
      return `${start}\n${fragments[name]}\n\n${end}`
    },
  )
  if (missing.size > 0) throw new Error(`the page has no part ${[...missing].join(', ')}`)
  return filled
}
