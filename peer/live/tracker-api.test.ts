import { createServer, type RequestListener, type Server } from 'node:http'
import { afterEach, describe, expect, it } from 'vitest'
import { startTracker } from '../../tracker/live/compose.ts'
import type { Manifest } from '../protocol/manifest.ts'
import { contentIdOf } from './sha256.ts'
import { listenAnywhere } from './tcp-world.testing.ts'
import { fetchManifest, parseTrackerUrl, putManifest, refreshManifest } from './tracker-api.ts'

const body = { name: 'film.bin', totalBytes: 10, chunkBytes: 10, digests: ['1'.repeat(64)] }
const manifest: Manifest = { contentId: contentIdOf(body), ...body }
const id = manifest.contentId

describe('the tracker as peers call it', () => {
  const servers: Server[] = []
  afterEach(() => {
    for (const server of servers.splice(0)) {
      server.closeAllConnections()
      server.close()
    }
  })
  const serve = async (listener: RequestListener): Promise<string> => {
    const server = createServer(listener)
    servers.push(server)
    return `http://127.0.0.1:${await listenAnywhere(server)}`
  }

  it('gives back a manifest that a restarted tracker has forgotten', async () => {
    const first = await startTracker({ host: '127.0.0.1', port: 0, policy: { name: 'random' } })
    await putManifest(first.url, manifest)
    await refreshManifest(first.url, manifest)
    expect(await fetchManifest(first.url, id)).toEqual(manifest)
    await first.stop()
    await expect(refreshManifest(first.url, manifest)).rejects.toMatchObject({
      code: 'E_TRACKER_UNREACHABLE',
    })
    const second = await startTracker({ host: '127.0.0.1', port: first.port, policy: { name: 'random' } })
    await expect(fetchManifest(second.url, id)).rejects.toMatchObject({ code: 'E_UNKNOWN_CONTENT' })
    await refreshManifest(second.url, manifest)
    expect(await fetchManifest(second.url, id)).toEqual(manifest)
    await second.stop()
  })

  it.each([
    ['another content', JSON.stringify({ ...manifest, name: 'other' }), /does not fit/],
    ['a forged id', JSON.stringify({ ...manifest, digests: ['2'.repeat(64)] }), /does not fit/],
    ['something else', '{"name":1}', /no valid manifest/],
    ['no JSON', '<html>', /no valid manifest/],
  ])('does not believe a tracker that sends %s', async (_what, text, message) => {
    const url = await serve((_request, response) => response.end(text))
    await expect(fetchManifest(url, id)).rejects.toThrow(message)
  })

  it('reads no answer without end', async () => {
    const url = await serve((_request, response) => {
      const pour = (): void => {
        while (!response.destroyed && response.write('x'.repeat(100_000)));
      }
      response.on('drain', pour).on('error', () => undefined)
      pour()
    })
    await expect(fetchManifest(url, id)).rejects.toThrow(/response of more than/)
  })

  it('says what the tracker said', async () => {
    const url = await serve((_request, response) =>
      response.writeHead(503).end('{"error":{"code":"E","message":"too busy"}}'),
    )
    await expect(putManifest(url, manifest)).rejects.toThrow(/answered 503: too busy/)
    const odd = await serve((_request, response) => response.writeHead(500).end('oops'))
    await expect(putManifest(odd, manifest)).rejects.toThrow(/answered 500: "oops"/)
  })

  it('takes URLs of trackers and nothing else', () => {
    expect(parseTrackerUrl('http://127.0.0.1:8080/')).toBe('http://127.0.0.1:8080')
    expect(parseTrackerUrl('https://example.org/tracker/')).toBe('https://example.org/tracker')
    for (const url of ['127.0.0.1:8080', 'udp://x', 'http://u:p@x', 'http://x/?a=1', ''])
      expect(() => parseTrackerUrl(url)).toThrow(/invalid tracker/)
  })
})
