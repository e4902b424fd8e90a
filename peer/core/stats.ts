/** Counters of one peer since it started; bytes are payload bytes. */
export class PeerStats {
  /** Bytes of chunks that were verified and kept. */
  downloadedBytes = 0
  /** Bytes of chunks sent, whole or as much as was asked for. */
  uploadedBytes = 0
  /** Bytes of chunks that arrived whole and were of no use: corrupt, late or double. */
  wastedBytes = 0
  /** `downloadedBytes` by who sent them: origins, peers that held everything, other peers. */
  fromOriginBytes = 0
  fromSeedBytes = 0
  fromPeerBytes = 0
  announces = 0
  answeredAnnounces = 0
  failedAnnounces = 0
}
