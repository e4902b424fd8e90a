import utMetadata from 'ut_metadata'
import type { GuardedWire } from './guarded-wire.ts'

/** Serves a torrent's info dictionary to those who ask for it (BEP 9). */
export function serveMetadata(wire: GuardedWire, info: Uint8Array): void {
  wire.use(utMetadata(info))
}
