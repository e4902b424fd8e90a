import { describe, expect, it } from 'vitest'
import { lintText } from './lint-text.testing.ts'

describe('focused and skipped tests', () => {
  const lintTest = (code: string) => lintText('no-restricted-syntax', 'sim/x.test.ts', `${code}\n`)

  it.each([
    "it.only('x', () => {})",
    "it.skip('x', () => {})",
    "it.todo('x')",
    "test.skip('x', () => {})",
    "describe.only('x', () => {})",
    "it.only.each([1])('x', () => {})",
    "it.concurrent.skip('x', () => {})",
    "it('x', { skip: true }, () => {})",
  ])('are refused: %s', async (code) => {
    expect(await lintTest(code)).toHaveLength(1)
  })

  it.each([
    "it.skipIf(true)('x', () => {})",
    "it('x', (context) => context.skip())",
    "it.each([1])('x', () => {})",
  ])('are not %s', async (code) => {
    expect(await lintTest(code)).toEqual([])
  })
})
