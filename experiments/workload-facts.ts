import { chunkCountOf } from '../peer/protocol/manifest.ts'
import type { WorkloadConfig } from '../sim/config.ts'
import type { DownloadConfig } from '../sim/download/config.ts'
import type { RoomsConfig } from '../sim/rooms/config.ts'
import { rateText, sizeText } from './facts-text.ts'

/** What nodes came for, in words. */
export function workloadFacts(workload: WorkloadConfig): [label: string, value: string][] {
  switch (workload.kind) {
    case 'download':
      return [['Content', downloadText(workload)]]
    case 'rooms':
      return roomsFacts(workload)
  }
}

function downloadText({ contents, contentBytes, chunkBytes }: DownloadConfig): string {
  const each = `${sizeText(contentBytes)} in ${chunkCountOf(contentBytes, chunkBytes)} chunks of ${sizeText(chunkBytes)}`
  return contents === 1 ? each : `${contents} of ${each}`
}

function roomsFacts(workload: RoomsConfig): [label: string, value: string][] {
  const { controls, losses, clocks, sync } = workload
  const habits = Object.entries({
    pause: controls.pauseEveryS,
    seek: controls.seekEveryS,
    skip: controls.skipEveryS,
  }).flatMap(([what, everyS]) => (everyS === null ? [] : [`${what} every ${everyS} s`]))
  const correction = sync.correction === 'none' ? 'never corrected' : `corrected by ${sync.correction}`
  return [
    ['Rooms', `of ${workload.membersPerRoom}, open for ${workload.listenS} s`],
    [
      'Tracks',
      `${workload.contents} of ${workload.leastTrackS} to ${workload.mostTrackS} s at ${rateText(workload.byteRateBps)}, ` +
        `in chunks of ${sizeText(workload.chunkBytes)}; ${workload.tracksPerRoom} a room`,
    ],
    ['Controls', habits.length === 0 ? 'a start' : habits.join(', ')],
    [
      'Lost connections',
      losses.everyS === null ? 'none' : `every ${losses.everyS} s for ${losses.forS} s a member`,
    ],
    ['Clocks', `off by up to ${clocks.offsetMs} ms and ${clocks.driftPpm} ppm`],
    ['Drift', `checked every ${sync.checkMs} ms, over ${sync.toleranceMs} ms ${correction}`],
  ]
}
