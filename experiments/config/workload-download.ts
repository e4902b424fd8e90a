import { z } from 'zod'
import { LIMITS } from '../../peer/protocol/limits.ts'
import { adaptiveChunkBytes } from '../../peer/protocol/manifest.ts'
import { DOWNLOAD_DEFAULTS, type DownloadConfig } from '../../sim/download/config.ts'
import { bytes, count } from './quantity.ts'
import { kindSection } from './sections.ts'

/** Files, fetched whole. */
export const downloadSchema = kindSection(
  'download',
  {
    contents: count(1, 10_000),
    contentBytes: bytes({ least: 1 }),
    /** `auto`: a size that suits the content's. */
    chunkBytes: z.union([z.literal('auto'), bytes({ least: 1, most: LIMITS.chunkBytes })], {
      error: `bytes from 1 to ${LIMITS.chunkBytes}, a text such as "1 MB", or "auto", expected`,
    }),
  },
  DOWNLOAD_DEFAULTS,
)

/** The workload as the simulator takes it. */
export function resolveDownload(workload: z.output<typeof downloadSchema>): DownloadConfig {
  const { chunkBytes, contentBytes } = workload
  return { ...workload, chunkBytes: chunkBytes === 'auto' ? adaptiveChunkBytes(contentBytes) : chunkBytes }
}
