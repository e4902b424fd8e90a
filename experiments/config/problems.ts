import type { z } from 'zod'
import { quote } from '../../peer/protocol/ids.ts'
import { valueAt } from './paths.ts'
import { nearest } from './suggest.ts'

type Issue = z.core.$ZodIssue
type RawIssue = z.core.$ZodRawIssue

/** What a section or a map tells of its keys. */
interface KeyedSchema {
  readonly _zod: { readonly def: { readonly shape?: object; readonly keyType?: z.core.$ZodType } }
}

/** What is expected in place of a value that is not valid. zod calls it while it checks. */
export function expectation(issue: RawIssue): string | undefined {
  switch (issue.code) {
    case 'unrecognized_keys': {
      const { shape, keyType } = (issue.inst as unknown as KeyedSchema)._zod.def
      return JSON.stringify(shape ? Object.keys(shape) : [...(keyType?._zod.values ?? [])].map(String))
    }
    case 'invalid_value':
      return `allowed ${issue.values.map(String).join(', ')}`
    case 'invalid_type':
      return `${article(issue.expected)} expected`
    case 'invalid_union': {
      const { options } = issue as { options?: readonly unknown[] }
      return options ? `allowed ${options.map(String).join(', ')}` : undefined
    }
    case 'too_small':
      return `${unitOf(issue.origin)}${issue.minimum} or more expected`
    case 'too_big':
      return `${unitOf(issue.origin)}at most ${issue.maximum} expected`
    default:
      return undefined
  }
}

/** The problems that zod found, one sentence each, with path, value and what is allowed. */
export function describeIssues(issues: readonly Issue[], input: unknown): string[] {
  return issues.flatMap((issue) => {
    if (issue.code === 'unrecognized_keys') return unknownKeys(issue, input)
    const path = pathText(issue.path)
    if (isMissing(issue)) return [`missing ${path}${issue.message === '' ? '' : ` (${issue.message})`}`]
    // A check that follows a transformation sees the outcome: what the user wrote says more.
    const value = valueAt(input, issue.path) ?? issue.input ?? null
    return [`invalid ${path}: ${quote(value)} (${issue.message})`]
  })
}

function unknownKeys(issue: Issue & { code: 'unrecognized_keys' }, input: unknown): string[] {
  const allowed = JSON.parse(issue.message) as string[]
  return issue.keys.map((key) => {
    const value = valueAt(issue.input ?? valueAt(input, issue.path), [key])
    const meant = nearest(key, allowed)
    const hint = meant === undefined ? '' : `did you mean ${meant}? `
    return `unknown key ${pathText([...issue.path, key])}: ${quote(value)} (${hint}allowed ${allowed.join(', ')})`
  })
}

const isMissing = ({ code, input }: Issue): boolean =>
  input === undefined && (code === 'invalid_type' || code === 'invalid_union' || code === 'invalid_value')

const pathText = (path: readonly PropertyKey[]): string =>
  path.length > 0 ? path.map(String).join('.') : 'config'

const article = (type: string): string =>
  ({
    object: 'a section of keys',
    record: 'a section of keys',
    array: 'a list',
    string: 'a text',
    number: 'a number',
    int: 'a whole number',
    boolean: 'true or false',
  })[type] ?? type

const unitOf = (origin: string): string =>
  origin === 'array' ? 'entries: ' : origin === 'string' ? 'characters: ' : ''
