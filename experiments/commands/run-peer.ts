import { isHttpAddress } from '../../peer/protocol/endpoint.ts'
import { isAnnounceUrl } from '../../peer/live/announce-network.ts'
import { type GetHandle, type GetResult, type LivePeerOptions, startSeed } from '../../peer/live/compose.ts'
import { durationText } from '../text.ts'
import { fetchSource, trackersFor } from './fetch-source.ts'
import { GetFace } from './get-face.ts'
import { type LiveParts, openLiveParts } from './live-options.ts'
import type { Output } from './output.ts'
import { parseListen, type PeerArguments } from './peer-options.ts'
import { bytesText, sourcesText } from './peer-text.ts'
import { PeerView, type PeerViewOptions } from './peer-view.ts'
import { SeedFace } from './seed-face.ts'
import { openReporting, recordToAll } from './report-options.ts'
import type { SearchArguments } from './search-options.ts'
import type { SourceArguments } from './source-options.ts'
import { aborted, InterruptedError } from './stop-signal.ts'
import type { TorrentArguments } from './torrent-options.ts'

export interface SeedArguments extends PeerArguments, SearchArguments, TorrentArguments {
  files: string[]
  origin: boolean
  chunkBytes: number | undefined
  /** Shares by manifests of Seedbed's own instead of torrents. */
  manifest?: boolean
  torrent?: string | undefined
  webSeed?: string[]
  private?: boolean
}

export interface GetArguments extends SourceArguments {
  out: string
  stay: boolean
  giveUpAfter: number | undefined
}

/** Seeds files until it is told to stop. */
export async function runSeed(given: SeedArguments, output: Output, stop: AbortSignal): Promise<void> {
  await withPeer(given, output, stop, async (options, view) => {
    const handle = await startSeed({
      ...options,
      files: given.files,
      chunkBytes: given.chunkBytes,
      isOrigin: given.origin,
    })
    const { address, contents } = handle
    view.event('ready', {
      role: 'seed',
      address,
      contents: contents.map(({ file, manifest: { contentId, name, totalBytes, digests } }) => ({
        ...{ file, contentId, name, totalBytes, chunks: digests.length },
      })),
    })
    if (!given.json)
      for (const { manifest } of contents)
        output.out.write(
          `${manifest.name} (${bytesText(manifest.totalBytes)}) is shared from ${address}; get it with:\n` +
            `  npx seedbed peer get ${manifest.contentId} ${given.tracker.map((url) => `--tracker ${url}`).join(' ')} -o DIR\n`,
        )
    view.show(new SeedFace(contents), address)
    await aborted(stop)
    view.close()
    await handle.leave()
    const uploadedBytes = contents.reduce((sum, { peer }) => sum + peer.stats.uploadedBytes, 0)
    view.event('done', { role: 'seed', uploadedBytes })
    if (!given.json) output.err.write(`left; ${bytesText(uploadedBytes)} uploaded\n`)
  })
}

/** Fetches a torrent or a file. Rejects with InterruptedError where it is told to stop before that. */
export async function runGet(given: GetArguments, output: Output, stop: AbortSignal): Promise<void> {
  const { giveUpAfter, source, out: outDir } = given
  const tracker = trackersFor(source, given.tracker)
  await withPeer({ ...given, tracker }, output, stop, async (options, view) => {
    const settings = {
      ...options.settings,
      ...(giveUpAfter !== undefined && { giveUpMs: 1000 * giveUpAfter }),
    }
    const handle = await fetchSource(
      { ...options, settings },
      {
        ...{ source, outDir, search: given, torrents: given },
        resolving: () => view.note('asking other peers for the torrent'),
      },
    )
    const { manifest, peer, address } = handle
    view.event('ready', { role: 'get', address, ...contentFields(handle) })
    noteResumed(view, handle)
    view.show(new GetFace('get', manifest, peer), address)
    try {
      const result = await Promise.race([handle.done, aborted(stop)])
      if (!result)
        throw new InterruptedError(
          `${manifest.name} is not whole (what is verified is kept: get it again to go on)`,
        )
      if (!given.stay) view.close()
      view.event('done', { role: 'get', ...resultFields(result) })
      if (!given.json) output.out.write(`${resultText(result)}\n`)
      if (given.stay) await aborted(stop)
    } finally {
      view.close()
      await handle.leave()
    }
  })
}

/** What an event says of a content that is fetched. */
export const contentFields = ({
  manifest,
  resumedChunks,
}: Pick<GetHandle, 'manifest' | 'resumedChunks'>): object => ({
  ...{ contentId: manifest.contentId, name: manifest.name, totalBytes: manifest.totalBytes },
  ...{ chunks: manifest.digests.length, resumedChunks },
})

export function noteResumed(
  view: PeerView,
  { peer, manifest, resumedChunks }: Pick<GetHandle, 'peer' | 'manifest' | 'resumedChunks'>,
): void {
  if (resumedChunks > 0 && !peer.isComplete)
    view.note(`${resumedChunks} of ${manifest.digests.length} chunks are there from an earlier try`)
}

/** What an event says of a content that is whole. */
export function resultFields({ path, manifest, resumedChunks, durationMs, stats }: GetResult): object {
  const { contentId, totalBytes } = manifest
  return { path, contentId, bytes: totalBytes, resumedChunks, durationMs, stats }
}

/** What people are told of a content that is whole. */
export function resultText({ path, manifest, durationMs, stats }: GetResult): string {
  const what = `${path} (${bytesText(manifest.totalBytes)})`
  if (stats.downloadedBytes === 0) return `${what} was whole already`
  return `${what} in ${durationText(durationMs / 1000)}, ${sourcesText(stats)}`
}

/** Seedbed's trackers take reports; those that are named by an announce URL need not be Seedbed's. */
const takesReports = (tracker: string): boolean => isHttpAddress(tracker) && !isAnnounceUrl(tracker)

/**
 * Runs a peer with what its command line asks for, and writes its last outcome rows. `events` is where programs read with
 * `--json`: standard output, where that is free.
 */
export async function withPeer(
  given: PeerArguments,
  output: Output,
  stop: AbortSignal,
  run: (options: LivePeerOptions, view: PeerView) => Promise<void>,
  events: PeerViewOptions['events'] = output.out,
): Promise<void> {
  const view = new PeerView({ stream: output.err, events: given.json ? events : undefined })
  const note = (text: string): void => view.note(text)
  const parts: LiveParts = await openLiveParts('peer', given, note)
  const reporting = await openReporting(given, given.tracker.filter(takesReports), given.storeQueue, note)
  const { tracker: trackers, region, uploadSlots, seed } = given
  try {
    const options: LivePeerOptions = {
      trackers,
      region,
      seed,
      listen: parseListen(given.listen),
      policy: parts.policy,
      model: parts.model,
      recorder: recordToAll([parts.outcomes?.recorder, reporting?.recorder]),
      signal: stop,
      ...(uploadSlots !== undefined && { settings: { uploadSlots } }),
      warning: (error) => view.note(error.message),
    }
    await run(options, view)
  } finally {
    await reporting?.close()
    view.close()
    await parts.close()
  }
}
