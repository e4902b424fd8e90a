/** A duration as people read it: `0.4 s`, `12 s`, `3 min 5 s`, `2 h 4 min`. */
export function durationText(seconds: number): string {
  if (seconds < 9.95) return `${Number(seconds.toFixed(1))} s`
  const whole = Math.round(seconds)
  if (whole < 60) return `${whole} s`
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${whole % 60} s`
  return `${Math.floor(whole / 3600)} h ${Math.floor((whole % 3600) / 60)} min`
}

/** Rows of cells as aligned text, the first row as heading; columns of figures are aligned right. */
export function tableText(rows: readonly (readonly string[])[]): string {
  const columns = rows[0].map((_, column) => {
    const cells = rows.map((row) => row[column])
    const isFigures = cells.slice(1).every((cell) => /^([-+]?\d.*|–|)$/.test(cell))
    return { width: Math.max(...cells.map((cell) => cell.length)), isFigures }
  })
  const line = (row: readonly string[]): string =>
    row
      .map((cell, i) =>
        columns[i].isFigures ? cell.padStart(columns[i].width) : cell.padEnd(columns[i].width),
      )
      .join('  ')
      .trimEnd()
  const rule = columns.map(({ width }) => '─'.repeat(width)).join('  ')
  return [line(rows[0]), rule, ...rows.slice(1).map(line)].join('\n')
}

/** A number with `digits` significant digits, without an exponent. */
export function numberText(value: number, digits = 3): string {
  if (value === 0 || !Number.isFinite(value)) return String(value)
  const decimals = Math.max(0, digits - 1 - Math.floor(Math.log10(Math.abs(value))))
  return value.toFixed(Math.min(decimals, 12))
}
