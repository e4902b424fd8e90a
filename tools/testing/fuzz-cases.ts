import { basename } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import fc from 'fast-check'
import { expect } from 'vitest'
import { growers, type HeapCensus, heapCensus, totalBytes } from './heap-census.ts'

/** Over 50,000 cases it was between -39 and +29 KiB; a parser that keeps one small number a case makes it 490. */
const MOST_GROWTH_BYTES = 64 * 1024
const WARM_UP_CASES = 2_000

/**
 * Draws cases for a property of a parser: a share that the test suite has time for, or what `npm run fuzz` asks for in
 * SEEDBED_FUZZ_CASES. It then also sees that the heap does not grow with the number of cases: what is held after 2N of them is
 * what was after N.
 */
export async function fuzz<Case>(
  property: fc.IRawProperty<Case>,
  share: number,
  clear: () => void = () => undefined,
): Promise<void> {
  const asked = process.env['SEEDBED_FUZZ_CASES']
  if (asked === undefined) return fc.assert(property, { numRuns: share })
  if (!/^[1-9]\d{0,8}$/.test(asked))
    throw new Error(`invalid SEEDBED_FUZZ_CASES: ${JSON.stringify(asked)} (a whole number above 0)`)
  const half = Math.ceil(Number(asked) / 2)
  const { currentTestName = '', testPath = '' } = expect.getState()
  // A census finds the one that was taken before it: there is always one.
  const last = { census: await heapCensus() }
  const take = async (numRuns: number): Promise<HeapCensus> => {
    await fc.assert(property, { numRuns })
    clear()
    // What is on its way out of the last case goes first.
    for (let turn = 0; turn < 3; turn++) await setImmediate()
    return heapCensus()
  }
  // What is made once, by the first cases or by a census of a heap that knows them, is no growth.
  last.census = await take(Math.min(half, WARM_UP_CASES))
  const before = (last.census = await take(half))
  const after = await take(half)
  const growthBytes = totalBytes(after) - totalBytes(before)
  const sign = growthBytes < 0 ? '' : '+'
  process.stdout.write(
    `heap  ${basename(testPath)} “${currentTestName}”: ${kib(totalBytes(before))} KiB after ${half} cases, ${sign}${kib(growthBytes)} KiB after ${2 * half} (at most +${kib(MOST_GROWTH_BYTES)})\n`,
  )
  if (growthBytes > MOST_GROWTH_BYTES)
    throw new Error(
      `the heap grew by ${growthBytes} bytes over ${half} cases (at most ${MOST_GROWTH_BYTES}): ${growers(before, after)}`,
    )
}

const kib = (bytes: number): string => (bytes / 1024).toFixed(1)
