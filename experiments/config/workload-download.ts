import { LIMITS } from '../../peer/protocol/limits.ts'
import { DOWNLOAD_DEFAULTS } from '../../sim/download/config.ts'
import { bytes, count } from './quantity.ts'
import { kindSection } from './sections.ts'

/** Files, fetched whole. */
export const downloadSchema = kindSection(
  'download',
  {
    contents: count(1, 10_000),
    contentBytes: bytes({ least: 1 }),
    chunkBytes: bytes({ least: 1, most: LIMITS.chunkBytes }),
  },
  DOWNLOAD_DEFAULTS,
)
