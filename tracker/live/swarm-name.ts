import { textHash } from '../core/text-hash.ts'

const WEBRTC = 'webrtc:'

/** What begins the names of swarms of browsers. */
export const browserSwarm = (infoHash: string): string => `${WEBRTC}${infoHash}`

/** A hash of a swarm's name, the same for a torrent's browsers and for its other clients. */
export const swarmHash = (contentId: string, seed = 0): number =>
  textHash(contentId, seed, contentId.startsWith(WEBRTC) ? WEBRTC.length : 0)
