import { z } from 'zod'
import type { WorkloadConfig } from '../../sim/config.ts'
import { downloadSchema, resolveDownload } from './workload-download.ts'
import { liveSchema } from './workload-live.ts'
import { musicSchema } from './workload-music.ts'
import { roomsSchema } from './workload-rooms.ts'

/** What nodes come for. */
export const workloadSchema = z
  .discriminatedUnion('kind', [downloadSchema, liveSchema, musicSchema, roomsSchema])
  .prefault({ kind: 'download' })

/** The workload as the simulator takes it. */
export function resolveWorkload(workload: z.output<typeof workloadSchema>): WorkloadConfig {
  switch (workload.kind) {
    case 'download':
      return resolveDownload(workload)
    case 'live':
    case 'music':
    case 'rooms':
      return workload
  }
}
