import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { isFiltered, orderCandidates, splitDescription } from './ice-candidates.ts'

const candidate = (address: string, type: string): string =>
  `candidate:1 1 UDP 2114977791 ${address} 45746 typ ${type}`

const HOME = candidate('192.168.1.2', 'host')
const NAT = candidate('203.0.115.7', 'srflx')
const RELAY = candidate('198.51.101.1', 'relay')
const OTHER_NAT = candidate('203.0.115.8', 'srflx')

describe('candidates of another peer', () => {
  it('at a private address are unlikely to lead to one that is behind another NAT', () => {
    expect(orderCandidates([HOME, NAT, RELAY], [HOME, OTHER_NAT, RELAY])).toEqual({
      likely: [NAT, RELAY],
      unlikely: [HOME],
    })
  })

  it('are unlikely to where this side tells of no address but a relayed one', () => {
    expect(orderCandidates([HOME, NAT, RELAY], [RELAY]).unlikely).toEqual([HOME])
  })

  it('lead to one behind the same NAT, and to one that has no other address', () => {
    expect(orderCandidates([HOME, NAT, RELAY], [HOME, NAT, RELAY]).unlikely).toEqual([])
    expect(orderCandidates([HOME, RELAY], [HOME, OTHER_NAT, RELAY]).unlikely).toEqual([])
  })

  it('that browsers hide behind a name count as private', () => {
    const hidden = candidate('4f7c2f0e-8d0b-4a3e-9c61-1b0f5a3f2c11.local', 'host')
    expect(orderCandidates([hidden, NAT], [HOME, OTHER_NAT]).unlikely).toEqual([hidden])
  })

  it('at a public address are likely, those of a second, private network not', () => {
    const publicHost = candidate('203.0.115.9', 'host')
    const bridge = candidate('172.17.0.1', 'host')
    expect(orderCandidates([bridge, publicHost], [HOME, NAT])).toEqual({
      likely: [publicHost],
      unlikely: [bridge],
    })
  })
})

describe('a peer behind a NAT', () => {
  const home = [HOME, OTHER_NAT, RELAY]
  const publicHost = candidate('203.0.115.9', 'host')

  it('is not heard of first by those on other networks', () => {
    expect(isFiltered([HOME, NAT, RELAY], home)).toBe(true)
    expect(isFiltered([publicHost], home)).toBe(true)
    expect(isFiltered([RELAY], [RELAY])).toBe(true)
  })

  it('may be heard of first by those behind the same NAT, or with no address but a private one', () => {
    expect(isFiltered([candidate('192.168.1.3', 'host'), OTHER_NAT], home)).toBe(false)
    expect(isFiltered([candidate('192.168.1.3', 'host')], home)).toBe(false)
  })

  it('is one that is seen under another address than its own', () => {
    expect(isFiltered([HOME, NAT], [publicHost])).toBe(false)
    expect(isFiltered([HOME, NAT], [HOME])).toBe(false)
    expect(isFiltered([HOME, NAT], [])).toBe(false)
  })
})

it('candidates are all there and in their order, whatever they are', () => {
  const address = fc.oneof(fc.ipV4(), fc.ipV6(), fc.constantFrom('192.168.1.2', 'x.local', ''))
  const one = fc.oneof(
    fc
      .tuple(address, fc.constantFrom('host', 'srflx', 'prflx', 'relay'))
      .map(([host, type]) => candidate(host, type)),
    fc.string(),
  )
  fc.assert(
    fc.property(fc.array(one, { maxLength: 32 }), fc.array(one), (candidates, own) => {
      const { likely, unlikely } = orderCandidates(candidates, own)
      const left = { likely: [...likely], unlikely: [...unlikely] }
      for (const text of candidates)
        if (left.likely[0] === text) left.likely.shift()
        else expect(left.unlikely.shift()).toBe(text)
      expect(left).toEqual({ likely: [], unlikely: [] })
    }),
  )
})

it('a description is split into its candidates, 32 at most, and the rest', () => {
  const lines = ['v=0', 'm=application 9 UDP/DTLS/SCTP webrtc-datachannel', 'a=mid:data']
  const offered = Array.from({ length: 40 }, (_, i) => candidate(`10.0.0.${i}`, 'host'))
  const sdp = [...lines, ...offered.map((text) => `a=${text}`), 'a=end-of-candidates', ''].join('\r\n')
  expect(splitDescription(sdp)).toEqual({
    sdp: [...lines, ''].join('\r\n'),
    candidates: offered.slice(0, 32),
    mid: 'data',
  })
})
