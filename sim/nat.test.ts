import { expect, it } from 'vitest'
import { NAT_DEFAULTS, NAT_TYPES, connectChance } from './nat.ts'

it('gives every pair of types its chance, diallers in rows', () => {
  const chances = NAT_TYPES.map((dialler) =>
    NAT_TYPES.map((acceptor) => connectChance(dialler, acceptor, NAT_DEFAULTS)),
  )
  const p = NAT_DEFAULTS.punchSuccess
  expect(chances).toEqual([
    [1, 1, 1, 1, 1],
    [1, 1, p, p, p],
    [1, 1, p, p, p],
    [1, 1, p, p, 0],
    [1, 1, p, 0, 0],
  ])
})

it('leaves those who are open once, or always, where nobody punches or dials back', () => {
  const settings = { ...NAT_DEFAULTS, punchSuccess: 0, dialsBack: false }
  for (const dialler of NAT_TYPES)
    expect(NAT_TYPES.map((acceptor) => connectChance(dialler, acceptor, settings))).toEqual([1, 1, 0, 0, 0])
})

it('has 64 % of the hosts behind a translator that can be punched', () => {
  const { shares } = NAT_DEFAULTS
  const punchable = shares['full-cone'] + shares.restricted + shares['port-restricted']
  expect(punchable).toBeCloseTo(0.64, 12)
  expect(punchable + shares.open + shares.symmetric).toBeCloseTo(1, 12)
})
