/**
 * What stands between a host and the Internet: nothing, or an address translator that lets packets in from everybody (once
 * it has a mapping), from addresses or from address and port that the host has sent to, or that maps anew for each of them
 * (RFC 3489, section 5).
 */
export const NAT_TYPES = ['open', 'full-cone', 'restricted', 'port-restricted', 'symmetric'] as const
export type NatType = (typeof NAT_TYPES)[number]
export type NatShares = Readonly<Record<NatType, number>>

export interface NatSettings {
  /** Weight of each type among the hosts; access classes may have weights of their own. */
  readonly shares: NatShares
  /** Share of the hole-punching attempts that succeed where both types allow them; 0: nobody tries. */
  readonly punchSuccess: number
  /** Whether a host behind a translator dials back to an open one that asks it to by way of the tracker. */
  readonly dialsBack: boolean
}

/**
 * 64 % of the peers stand behind a translator or firewall that lets holes be punched, and 80 % of the attempts succeed
 * (Halkes and Pouwelse, UDP NAT and firewall puncturing in the wild, 2010). How the 64 % divide among the three cone types,
 * and the other 36 % into open and symmetric hosts, are assumptions.
 */
export const NAT_DEFAULTS: NatSettings = {
  shares: { open: 0.2, 'full-cone': 0.14, restricted: 0.1, 'port-restricted': 0.4, symmetric: 0.16 },
  punchSuccess: 0.8,
  dialsBack: true,
}

/**
 * Chance that a host of type `dialler` gets a connection to one of type `acceptor`. Who lets everybody in is reached at
 * once. Else both have to punch, which a symmetric translator defeats where the other side filters by port (Ford, Srisuresh
 * and Kegel, USENIX 2005).
 */
export function connectChance(dialler: NatType, acceptor: NatType, settings: NatSettings): number {
  if (acceptor === 'open' || acceptor === 'full-cone') return 1
  if (dialler === 'open' && settings.dialsBack) return 1
  return canPunch(dialler, acceptor) ? settings.punchSuccess : 0
}

function canPunch(one: NatType, other: NatType): boolean {
  const types = [one, other]
  if (!types.includes('symmetric')) return true
  return !types.includes('port-restricted') && one !== other
}
