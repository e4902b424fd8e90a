import { parseEndpoint } from '../../peer/protocol/endpoint.ts'
import { startGet } from '../../peer/live/compose.ts'
import { MediaContent } from '../../peer/live/media-content.ts'
import { MediaServer } from '../../peer/live/media-server.ts'
import { GetFace } from './get-face.ts'
import type { Output } from './output.ts'
import type { PeerArguments } from './peer-options.ts'
import { contentFields, noteResumed, resultFields, resultText, withPeer } from './run-peer.ts'
import { aborted } from './stop-signal.ts'

export interface ServeArguments extends PeerArguments {
  hash: string
  out: string
  http: string
  hostName: string[]
  /** Bytes a second. */
  rate: number
}

/** Fetches a file and serves it over HTTP meanwhile, and afterwards until it is told to stop. */
export async function runServe(given: ServeArguments, output: Output, stop: AbortSignal): Promise<void> {
  await withPeer(given, output, stop, async (options, view) => {
    let media: MediaContent | undefined
    let server: MediaServer | undefined
    const handle = await startGet({
      ...options,
      contentId: given.hash,
      outDir: given.out,
      chunk: (chunk) => media?.chunkKept(chunk),
    })
    const { manifest, peer, address } = handle
    try {
      media = new MediaContent(handle, given.rate)
      server = await MediaServer.listen(media, {
        listen: parseEndpoint(given.http),
        hostNames: given.hostName.map((name) => name.toLowerCase()),
        warning: (error) => view.note(error.message),
      })
      const { url, playlistUrl } = server.urlsOf(media.files[0])
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
          `${manifest.name} plays from ${url}\n  playlist ${playlistUrl}\n  page     ${server.url}\n`,
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
