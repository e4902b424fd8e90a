import { expect, it } from 'vitest'
import { LIMITS } from '../protocol/limits.ts'
import { candidateOf } from './harness.testing.ts'
import { PeerBook } from './peer-book.ts'

const answer = { type: 'candidates', contentId: 'c', intervalMs: 1, seeds: 0, leechers: 0 } as const

/** Hears of the peers with these numbers; tells whom it would dial. */
function learn(book: PeerBook, ...numbers: number[]): string[] {
  const candidates = numbers.map((number) => candidateOf(number))
  book.learn({ ...answer, policy: 'random', policyVersion: '1', candidates }, 0)
  expect(book.size).toBeLessThanOrEqual(3)
  return book.dialOrder.map(({ address }) => address)
}

it('remembers the best candidates of an answer that names more than it holds, and dials no others', () => {
  const book = new PeerBook('f'.repeat(40), 3)
  expect(learn(book, 1, 2, 3, 4, 5)).toEqual(['peer-1', 'peer-2', 'peer-3'])
  expect(learn(book, 6, 7)).toEqual(['peer-6', 'peer-7', 'peer-3'])
})

it('dials nobody that it has forgotten, once the tracker has answered again, whoever that names', () => {
  const book = new PeerBook('f'.repeat(40), 3)
  learn(book, 1, 2, 3)
  const first = book.dialOrder[0]
  book.meet(candidateOf(4).peerId, 'peer-4', '', false)
  expect(book.get(first.peerId)).toBeUndefined()
  expect(learn(book)).toEqual(['peer-2', 'peer-3'])
  expect(learn(book, 2)).toEqual(['peer-2', 'peer-3'])
  // Known again, it is another entry: what was known of it is gone.
  expect(learn(book, 1)).toEqual(['peer-1', 'peer-3'])
  expect(book.dialOrder[0]).not.toBe(first)
})

it('keeps apart what it knows of as many peers as an answer may name', () => {
  const book = new PeerBook('f'.repeat(40), LIMITS.candidates)
  const numbers = Array.from({ length: LIMITS.candidates }, (_, i) => i)
  const candidates = numbers.map((number) => candidateOf(number, { uploadSlots: number % 7 }))
  book.learn({ ...answer, policy: 'random', policyVersion: '1', candidates }, 0)
  expect(book.dialOrder.map(({ trackerRank }) => trackerRank)).toEqual(numbers)
  expect(book.dialOrder.map(({ uploadSlots }) => uploadSlots)).toEqual(numbers.map((number) => number % 7))
})
