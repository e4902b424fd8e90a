import { expect, it } from 'vitest'
import { candidateOf } from './harness.testing.ts'
import { PeerBook } from './peer-book.ts'

it('remembers the best candidates of an answer that names more than it holds, and dials no others', () => {
  const book = new PeerBook('f'.repeat(40), 3)
  const answer = { type: 'candidates', contentId: 'c', intervalMs: 1, seeds: 0, leechers: 0 } as const
  const learn = (...numbers: number[]): string[] => {
    const candidates = numbers.map((number) => candidateOf(number))
    book.learn({ ...answer, policy: 'random', policyVersion: '1', candidates }, 0)
    expect(book.size).toBeLessThanOrEqual(3)
    return book.dialOrder.map(({ address }) => address)
  }
  expect(learn(1, 2, 3, 4, 5)).toEqual(['peer-1', 'peer-2', 'peer-3'])
  expect(learn(6, 7)).toEqual(['peer-6', 'peer-7', 'peer-3'])
})
