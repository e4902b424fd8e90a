import utMetadata, { type Metadata } from 'ut_metadata'
import type { GuardedWire } from './guarded-wire.ts'

/** Serves a torrent's info dictionary to those who ask for it (BEP 9). */
export function serveMetadata(wire: GuardedWire, info: Uint8Array): void {
  wire.use(utMetadata(info))
}

/** Asks the other side for the info dictionary; `heard` gets it inside a `.torrent` file that has nothing else. */
export function fetchMetadata(wire: GuardedWire, heard: (torrent: Uint8Array) => void): void {
  wire.use(utMetadata())
  const { ut_metadata: metadata } = wire as unknown as { ut_metadata: Metadata }
  metadata.on('metadata', heard)
  metadata.fetch()
}
