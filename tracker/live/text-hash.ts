/** Spreads texts evenly over 32 bits, for each seed otherwise: FNV-1a with the finaliser of MurmurHash3. */
export function textHash(text: string, seed = 0, from = 0): number {
  let hash = seed ^ 0x811c9dc5
  for (let i = from; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193)
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35)
  return (hash ^ (hash >>> 16)) >>> 0
}

const WEBRTC = 'webrtc:'

/** What begins the names of swarms of browsers. */
export const browserSwarm = (infoHash: string): string => `${WEBRTC}${infoHash}`

/** A hash of a swarm's name, the same for a torrent's browsers and for its other clients. */
export const swarmHash = (contentId: string, seed = 0): number =>
  textHash(contentId, seed, contentId.startsWith(WEBRTC) ? WEBRTC.length : 0)
