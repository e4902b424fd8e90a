import { z } from 'zod'
import { downloadSchema } from './workload-download.ts'

/** What nodes come for. */
export const workloadSchema = z.discriminatedUnion('kind', [downloadSchema]).prefault({ kind: 'download' })
