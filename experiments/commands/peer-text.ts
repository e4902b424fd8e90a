import type { PeerStats } from '../../peer/core/stats.ts'
import { numberText } from '../text.ts'

/** Why nothing comes where there is no peer. */
export const waitingText = ({ announces, failedAnnounces }: PeerStats): string =>
  failedAnnounces > 0 && failedAnnounces >= announces
    ? 'the tracker does not answer, trying again'
    : 'waiting for a peer'

/** Who sent the bytes so far. */
export function sourcesText(stats: PeerStats): string {
  const { fromOriginBytes, fromSeedBytes, fromPeerBytes } = stats
  const total = fromOriginBytes + fromSeedBytes + fromPeerBytes
  const share = (bytes: number, who: string): string[] =>
    bytes > 0 ? [`${Math.round((100 * bytes) / total)} % from ${who}`] : []
  return [
    ...share(fromSeedBytes, 'seeds'),
    ...share(fromPeerBytes, 'other peers'),
    ...share(fromOriginBytes, 'the origin'),
  ].join(' and ')
}

/** An amount of data as people read it: `812 B`, `1.5 kB`, `64 MB`. */
export function bytesText(bytes: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB']
  const step = bytes < 1 ? 0 : Math.min(units.length - 1, Math.floor(Math.log10(bytes) / 3))
  const value = bytes / 1000 ** step
  return `${step === 0 ? Math.round(value) : Number(numberText(value, value < 100 ? 2 : 3))} ${units[step]}`
}

/** A number of peers: `1 peer`, `2 peers`. */
export const peersText = (count: number): string => `${count} ${count === 1 ? 'peer' : 'peers'}`

/** Joins the parts of a sentence to lines of at most `width` characters, where no part is longer. */
export function wrapParts(parts: readonly string[], width: number): string[] {
  const lines: string[] = []
  for (const [i, part] of parts.entries()) {
    const text = i < parts.length - 1 ? `${part},` : part
    const last = lines.length - 1
    if (last >= 0 && lines[last].length + 1 + text.length <= width) lines[last] += ` ${text}`
    else lines.push(text)
  }
  return lines
}
