import type { SimConfig } from './config.ts'
import { checkDownload } from './download/check.ts'
import { DownloadWorkload } from './download/download-workload.ts'
import { checkLive } from './live/check.ts'
import { LiveWorkload } from './live/live-workload.ts'
import { checkMusic } from './music/check.ts'
import { MusicWorkload } from './music/music-workload.ts'
import { checkRooms } from './rooms/check.ts'
import { RoomsWorkload } from './rooms/rooms-workload.ts'
import type { Workload } from './workload.ts'
import type { WorldContext } from './world-context.ts'

/** Makes the workload that a world's config names. */
export function createWorkload(context: WorldContext): Workload {
  const { workload } = context.config
  switch (workload.kind) {
    case 'download':
      return new DownloadWorkload(context, workload)
    case 'live':
      return new LiveWorkload(context, workload)
    case 'music':
      return new MusicWorkload(context, workload)
    case 'rooms':
      return new RoomsWorkload(context, workload)
  }
}

/** Throws SimConfigError where the workload of a config can't be simulated. */
export function checkWorkload({ workload, swarm }: SimConfig): void {
  switch (workload.kind) {
    case 'download':
      return checkDownload(workload, swarm)
    case 'live':
      return checkLive(workload, swarm)
    case 'music':
      return checkMusic(workload, swarm)
    case 'rooms':
      return checkRooms(workload, swarm)
  }
}
