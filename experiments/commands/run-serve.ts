import { parseEndpoint } from '../../peer/protocol/endpoint.ts'
import { PEER_DEFAULTS, type PeerSettings } from '../../peer/core/options.ts'
import { MediaContent } from '../../peer/live/media-content.ts'
import { MediaServer } from '../../peer/live/media-server.ts'
import { fetchSource, isSeedbedHash, mainFile, trackersFor } from './fetch-source.ts'
import { GetFace } from './get-face.ts'
import type { Output } from './output.ts'
import type { PeerArguments } from './peer-options.ts'
import { contentFields, noteResumed, resultFields, resultText, withPeer } from './run-peer.ts'
import { isSearching, type SearchArguments } from './search-options.ts'
import { aborted } from './stop-signal.ts'
import type { TorrentArguments } from './torrent-options.ts'

export interface ServeArguments extends PeerArguments, SearchArguments, TorrentArguments {
  source: string
  maxPeers: number | undefined
  out: string
  http: string
  hostName: string[]
  /** Bytes a second. */
  rate: number
}

/** Fetches a file and serves it over HTTP meanwhile, and afterwards until it is told to stop. */
export async function runServe(given: ServeArguments, output: Output, stop: AbortSignal): Promise<void> {
  const { source, maxPeers, out: outDir } = given
  const tracker = trackersFor(source, given.tracker)
  const isSearched = !isSeedbedHash(source) && isSearching(given)
  await withPeer({ ...given, tracker }, output, stop, async (options, view) => {
    let media: MediaContent | undefined
    let server: MediaServer | undefined
    const settings = { ...options.settings, ...(maxPeers !== undefined && linkSettings(maxPeers)) }
    const handle = await fetchSource(
      { ...options, settings },
      {
        ...{ source, outDir, search: given, torrents: given },
        chunk: (chunk) => media?.chunkKept(chunk),
        resolving: () => view.note('asking peers for the torrent'),
      },
    )
    const { manifest, peer, address } = handle
    try {
      media = new MediaContent(handle, given.rate)
      server = await MediaServer.listen(media, {
        listen: parseEndpoint(given.http),
        hostNames: given.hostName.map((name) => name.toLowerCase()),
        warning: (error) => view.note(error.message),
      })
      const { url, playlistUrl } = server.urlsOf(mainFile(media.files))
      view.event('ready', {
        role: 'serve',
        address,
        ...contentFields(handle),
        page: server.url,
        url,
        playlistUrl,
      })
      if (!given.json)
        output.out.write(
          `${manifest.name} plays from ${url}\n  playlist ${playlistUrl}\n  page     ${server.url}\n` +
            (isSearched
              ? `  others   npx seedbed peer serve ${manifest.contentId} --bootstrap ${address}\n`
              : ''),
        )
      noteResumed(view, handle)
      view.show(new GetFace('serve', manifest, peer), address)
      const result = await Promise.race([handle.done, aborted(stop)])
      if (result) {
        view.event('done', { role: 'serve', ...resultFields(result) })
        if (!given.json) view.note(resultText(result))
        await aborted(stop)
      }
    } finally {
      view.close()
      await server?.close()
      media?.close()
      await handle.leave()
    }
  })
}

/** At most so many links, and as many dialled as usual where that fits. */
const linkSettings = (maxNeighbours: number): Pick<PeerSettings, 'maxNeighbours' | 'targetNeighbours'> => ({
  maxNeighbours,
  targetNeighbours: Math.min(maxNeighbours, PEER_DEFAULTS.targetNeighbours),
})
