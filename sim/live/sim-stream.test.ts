import { describe, expect, it } from 'vitest'
import { streamVerifierContract } from '../../peer/ports/stream-verifier.contract.ts'
import { SimStream } from './sim-stream.ts'

const stream = new SimStream('a', 2048, 51_200, 65_530)

streamVerifierContract('SimStream', () => ({
  verifier: stream,
  body: (number) => stream.body(number),
  tamperedBody: (number) => stream.corruptBody(number),
  foreignBody: (number) => new SimStream('b', 2048, 51_200).body(number),
}))

describe('SimStream', () => {
  it('makes its chunks at the stream’s rate, from its first number on', () => {
    expect(stream.emissionMs(65_530)).toBe(0)
    expect(stream.emissionMs(65_555)).toBe(1000)
    expect(stream.body(65_555).bytes).toBe(2048 + 64)
  })
})
