import { isPublicAddress } from './public-address.ts'

const MOST_CANDIDATES = 32

/** A session description without its candidates, and those, as `candidate:…`. */
export interface SplitDescription {
  readonly sdp: string
  readonly candidates: readonly string[]
  /** The media section that the candidates belong to. */
  readonly mid: string
}

/** Takes the candidates out of a description, and the word that there are no more. */
export function splitDescription(sdp: string): SplitDescription {
  const lines = sdp.split(/\r?\n/)
  const isCandidate = (line: string): boolean => /^a=(?:candidate:|end-of-candidates)/.test(line)
  const candidates = lines.filter((line) => line.startsWith('a=candidate:')).map((line) => line.slice(2))
  return {
    sdp: lines.filter((line) => !isCandidate(line)).join('\r\n'),
    candidates: candidates.slice(0, MOST_CANDIDATES),
    mid: /^a=mid:(\S+)/m.exec(sdp)?.[1] ?? '0',
  }
}

/** The candidates of another peer, and which of them are unlikely to lead there from here. */
export interface OrderedCandidates {
  readonly likely: readonly string[]
  readonly unlikely: readonly string[]
}

/**
 * Tells addresses of another private network apart: they are unlikely to lead anywhere. With a relay they do harm: it is told to
 * send there, and coturn ends an allocation when its machine has no route or a firewall is in the way.
 */
export function orderCandidates(
  candidates: readonly string[],
  ownCandidates: readonly string[],
): OrderedCandidates {
  const isOther = isOtherNetwork(candidates, ownCandidates)
  const isUnlikely = (text: string): boolean => isOther && isHidden(partsOf(text))
  return {
    likely: candidates.filter((text) => !isUnlikely(text)),
    unlikely: candidates.filter(isUnlikely),
  }
}

/**
 * Whether both peers are likely to be behind NATs, or this one alone, so that nothing arrives before this one has sent
 * something: by the addresses that each is seen under.
 */
export const isFiltered = (candidates: readonly string[], ownCandidates: readonly string[]): boolean =>
  ownCandidates.length > 0 &&
  ownCandidates.map(partsOf).every((parts) => parts.type !== 'host' || isHidden(parts)) &&
  ownCandidates.some((text) => partsOf(text).type !== 'host') &&
  (isOtherNetwork(candidates, ownCandidates) || candidates.every((text) => partsOf(text).type === 'relay'))

/**
 * Whether candidates are those of another network: of a peer that is known by other addresses than private ones (its NAT's, or a
 * public one), none of which is one of ours, as it would be behind the same NAT.
 */
function isOtherNetwork(candidates: readonly string[], ownCandidates: readonly string[]): boolean {
  const own = new Set(ownCandidates.map(partsOf).flatMap((parts) => (isDirect(parts) ? [parts.address] : [])))
  const known = candidates.map(partsOf).filter((parts) => isDirect(parts) && !isHidden(parts))
  return known.length > 0 && !known.some(({ address }) => own.has(address))
}

interface Parts {
  readonly address: string
  readonly type: string
}

/** `candidate:1 1 UDP 2114977791 192.168.1.2 45746 typ host` (RFC 8839); empty strings where it is none. */
function partsOf(candidate: string): Parts {
  const [, address = '', type = ''] = /^candidate:(?:\S+ ){4}(\S+) \d+ typ (\w+)/.exec(candidate) ?? []
  return { address, type }
}

const isDirect = ({ type }: Parts): boolean => type === 'host' || type === 'srflx'

/** A host's own address that no other network knows; browsers give a name ending in `.local` instead. */
const isHidden = ({ address, type }: Parts): boolean => type === 'host' && !isPublicAddress(address)
