import { chunkCountOf } from '../peer/protocol/manifest.ts'
import type { WorkloadConfig } from '../sim/config.ts'
import type { DownloadConfig } from '../sim/download/config.ts'
import type { LiveConfig } from '../sim/live/config.ts'
import type { MusicConfig } from '../sim/music/config.ts'
import type { RoomsConfig } from '../sim/rooms/config.ts'
import { percent, rateText, sizeText } from './facts-text.ts'

/** What nodes came for, in words. */
export function workloadFacts(workload: WorkloadConfig): [label: string, value: string][] {
  switch (workload.kind) {
    case 'download':
      return [['Content', downloadText(workload)]]
    case 'live':
      return [['Stream', liveText(workload)]]
    case 'music':
      return musicFacts(workload)
    case 'rooms':
      return roomsFacts(workload)
  }
}

function downloadText({ contents, contentBytes, chunkBytes }: DownloadConfig): string {
  const each = `${sizeText(contentBytes)} in ${chunkCountOf(contentBytes, chunkBytes)} chunks of ${sizeText(chunkBytes)}`
  return contents === 1 ? each : `${contents} of ${each}`
}

function liveText({ rateBps, chunkBytes, streamS, chunkChoice }: LiveConfig): string {
  return `${(8 * rateBps) / 1000} kbit/s for ${streamS} s in chunks of ${sizeText(chunkBytes)}, ${chunkChoice}`
}

function musicFacts(music: MusicConfig): [label: string, value: string][] {
  const { catalogue, tiers, attendance, cache, prefetch, chunkBytes } = music
  const { tracks, topShare, playsShare } = catalogue
  return [
    [
      'Catalogue',
      `${tracks} tracks, asked for ${sizeText(chunkBytes)} at a time; the top ${percent(topShare)} are drawn ${percent(playsShare)} of the time`,
    ],
    [
      'Tiers',
      tiers.map(({ name, weight, byteRateBps }) => `${name} ${weight} (${rateText(byteRateBps)})`).join(', '),
    ],
    [
      'Listening',
      `from ${attendance.startHour}:00; ${attendance.sessionsPerDay} sessions a day, median ${attendance.medianS} s`,
    ],
    [
      'Cache',
      `${percent(cache.diskShare)} of the disk, at most ${sizeText(cache.mostBytes)}; ${cache.historyDays} days of listening in it`,
    ],
    [
      'Prefetch',
      prefetch.enabled
        ? `peers ${prefetch.peersMs / 1000} s, server ${prefetch.originMs / 1000} s before the end`
        : 'off',
    ],
  ]
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
    ['Clocks', `off by up to ${clocks.offsetMs / 1000} s and ${clocks.driftPpm} ppm`],
    ['Drift', `looked at every ${sync.checkMs / 1000} s; above ${sync.toleranceMs / 1000} s ${correction}`],
  ]
}
