declare module 'ut_metadata' {
  import type { EventEmitter } from 'node:events'

  /** What the extension adds to a wire as `wire.ut_metadata`. */
  export interface Metadata extends EventEmitter {
    fetch(): void
    cancel(): void
  }

  /** Makes the wire extension of BEP 9, for a torrent whose info dictionary is known, or is to be fetched. */
  export default function utMetadata(info?: Uint8Array): unknown
}
