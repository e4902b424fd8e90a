import { z } from 'zod'
import type { WorkloadConfig } from '../../sim/config.ts'
import { downloadSchema, resolveDownload } from './workload-download.ts'
import { roomsSchema } from './workload-rooms.ts'

/** What nodes come for. */
export const workloadSchema = z
  .discriminatedUnion('kind', [downloadSchema, roomsSchema])
  .prefault({ kind: 'download' })

/** The workload as the simulator takes it. */
export function resolveWorkload(workload: z.output<typeof workloadSchema>): WorkloadConfig {
  switch (workload.kind) {
    case 'download':
      return resolveDownload(workload)
    case 'rooms':
      return workload
  }
}
