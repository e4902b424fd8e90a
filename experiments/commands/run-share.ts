import { stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { LivePeerOptions } from '../../peer/live/compose.ts'
import { fileError } from '../../peer/live/errors.ts'
import { magnetOf } from '../../peer/live/magnet.ts'
import { encodeTorrent, type Torrent } from '../../peer/live/torrent.ts'
import { shareTorrents } from '../../peer/live/torrent-share.ts'
import { parseTorrentTracker } from '../../peer/live/torrent-trackers.ts'
import { UsageError } from '../errors.ts'
import { shellQuote } from '../shell-quote.ts'
import { openFinders } from './finder-options.ts'
import { nodeOptions } from './node-options.ts'
import type { Output } from './output.ts'
import { bytesText } from './peer-text.ts'
import type { SeedArguments } from './run-peer.ts'
import { withPeer } from './run-peer.ts'
import { searchOf } from './search-options.ts'
import { SeedFace } from './seed-face.ts'
import { aborted } from './stop-signal.ts'
import { torrentsOf } from './torrent-options.ts'

/** Shares files and folders as torrents until it is told to stop. */
export async function runShare(given: SeedArguments, output: Output, stop: AbortSignal): Promise<void> {
  await withPeer(given, output, stop, async (options, view) => {
    const shared = { ...nodeOptions(options), ...(await shareOptions(given, options)) }
    const search = searchOf(given, shared.random)
    const found = await openFinders(given, shared.random, (error) => view.note(error.message))
    const handle = await shareTorrents({
      ...shared,
      ...(search && { others: search.accept }),
      finders: [...(search ? [search.finder] : []), ...found.finders],
    }).catch(async (error: unknown) => {
      await search?.stop()
      await found.close()
      throw error
    })
    try {
      const contents = handle.contents.map((content) => ({
        ...content,
        file: content.path,
        manifest: content.torrent.manifest,
      }))
      for (const { torrent } of contents)
        if (given.torrent !== undefined) await writeTorrent(given.torrent, torrent)
      view.event('ready', {
        ...{ role: 'seed', address: handle.address },
        contents: contents.map(({ path, torrent }) => ({ path, ...torrentFields(torrent) })),
      })
      if (!given.json)
        for (const { torrent } of contents)
          output.out.write(
            shareText(torrent, handle.address) + (search ? searchText(torrent, handle.address) : ''),
          )
      if (given.tracker.length > 0 && !contents.some(({ peer }) => peer.stats.answeredAnnounces > 0))
        view.note('no tracker has answered yet (is one running under the address given?); trying on')
      view.show(new SeedFace(contents), handle.address)
      await aborted(stop)
      view.close()
      const uploadedBytes = contents.reduce((sum, { peer }) => sum + peer.stats.uploadedBytes, 0)
      view.event('done', { role: 'seed', uploadedBytes })
      if (!given.json) output.err.write(`left; ${bytesText(uploadedBytes)} uploaded\n`)
    } finally {
      view.close()
      await search?.stop()
      await handle.leave()
      await found.close()
    }
  })
}

async function shareOptions(given: SeedArguments, options: LivePeerOptions) {
  const {
    files: paths,
    webSeed: webSeeds = [],
    private: isPrivate = false,
    torrent,
    origin: isOrigin,
  } = given
  if (paths.length > 1 && torrent !== undefined && !(await isFolder(torrent)))
    throw new UsageError(`invalid --torrent: ${torrent} (a folder, for the torrents of several files)`)
  return {
    ...torrentsOf(given),
    trackers: options.trackers.map(parseTorrentTracker),
    ...{ paths, webSeeds, isPrivate, isOrigin, chunkBytes: given.chunkBytes },
    ...(options.signal && { signal: options.signal }),
  }
}

/** Writes a `.torrent` file: under that name, or under the content's name into that folder. */
async function writeTorrent(out: string, torrent: Torrent): Promise<void> {
  const path = (await isFolder(out)) ? join(out, `${torrent.manifest.name}.torrent`) : out
  await writeFile(path, encodeTorrent(torrent)).catch((error: unknown) => {
    throw fileError('write', path, error)
  })
}

const isFolder = (path: string): Promise<boolean> =>
  stat(path).then(
    (stats) => stats.isDirectory(),
    () => false,
  )

/** What an event says of a torrent. */
const torrentFields = (torrent: Torrent): object => {
  const { name, totalBytes, digests } = torrent.manifest
  const { infoHash, files } = torrent
  return {
    infoHash,
    magnet: magnetOf(torrent),
    name,
    totalBytes,
    chunks: digests.length,
    files: files.length,
  }
}

function shareText(torrent: Torrent, address: string): string {
  const { name, totalBytes } = torrent.manifest
  return (
    `${name} (${bytesText(totalBytes)}) is shared from ${address}; get it with any BitTorrent client, or with:\n` +
    `  npx seedbed peer get ${shellQuote(magnetOf(torrent))} -o DIR\n`
  )
}

const searchText = ({ infoHash }: Torrent, address: string): string =>
  `or without a tracker, with:\n  npx seedbed peer get ${infoHash} --bootstrap ${address} -o DIR\n`
