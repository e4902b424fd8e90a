import type { z } from 'zod'
import { quote } from '../../../peer/protocol/ids.ts'

const MOST_TOLD = 5

/** What is wrong with a part of a request, as one line: `invalid query.count: "x" (a whole number expected)`. */
export function describeIssues(issues: readonly z.core.$ZodIssue[], where: string): string {
  const told = issues.slice(0, MOST_TOLD).map(({ path, input, message }) => {
    const at = [where, ...path.map(String)].join('.')
    return input === undefined ? `missing ${at} (${message})` : `invalid ${at}: ${quote(input)} (${message})`
  })
  const rest = issues.length - told.length
  return `${told.join('; ')}${rest > 0 ? ` and ${rest} more` : ''}`
}
