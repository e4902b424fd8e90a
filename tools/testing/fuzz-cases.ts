/**
 * How many cases a property test of a parser draws: a share that the test suite has time for, or what `npm run fuzz` asks
 * for in SEEDBED_FUZZ_CASES.
 */
export function fuzzCases(share: number): number {
  const asked = process.env['SEEDBED_FUZZ_CASES']
  if (asked === undefined) return share
  if (!/^[1-9]\d{0,8}$/.test(asked))
    throw new Error(`invalid SEEDBED_FUZZ_CASES: ${JSON.stringify(asked)} (a whole number above 0)`)
  return Number(asked)
}
