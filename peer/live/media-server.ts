import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { type Endpoint, formatEndpoint } from '../protocol/endpoint.ts'
import { isAllowedHost } from './allowed-host.ts'
import { type ByteRange, parseRange } from './byte-range.ts'
import { ListenError, LiveError } from './errors.ts'
import type { MediaContent, MediaFile } from './media-content.ts'
import { indexMedia } from './media-index.ts'
import { mediaPage } from './media-page.ts'
import { mediaBpsOf, type MediaIndex } from './media-segments.ts'
import { mediaTypeOf } from './media-type.ts'
import { hlsPlaylist, plainPlaylist } from './playlist.ts'

const MAX_CONNECTIONS = 64
const MAX_READERS = 32
const HEADERS_TIMEOUT_MS = 15_000

export interface MediaServerOptions {
  /** Where to listen; port 0 takes a free one. */
  readonly listen: Endpoint
  /** Names, besides addresses and `localhost`, by which browsers may call this server. */
  readonly hostNames?: readonly string[]
  /** A request could not be answered to its end. */
  warning?(error: Error): void
}

/** Serves a content over HTTP while it is fetched: files with byte ranges (RFC 9110), a playlist each, and a page. */
export class MediaServer {
  readonly #server: Server
  readonly #content: MediaContent
  readonly #options: MediaServerOptions
  readonly #indexes = new Map<MediaFile, Promise<MediaIndex | undefined>>()
  /** How files play that a playlist was made of. */
  readonly #mediaBps = new Map<MediaFile, number>()
  readonly #closing = new AbortController()

  private constructor(content: MediaContent, options: MediaServerOptions) {
    this.#content = content
    this.#options = options
    this.#server = createServer({ headersTimeout: HEADERS_TIMEOUT_MS }, (request, response) => {
      this.#answer(request, response).catch((error: Error) => {
        response.destroy()
        // A reader that goes is no error; a file that can't be read is.
        if (error instanceof LiveError) options.warning?.(error)
      })
    })
    this.#server.maxConnections = MAX_CONNECTIONS
  }

  /** Starts to listen. Rejects with ListenError. */
  static async listen(content: MediaContent, options: MediaServerOptions): Promise<MediaServer> {
    const { host, port } = options.listen
    const media = new MediaServer(content, options)
    const server = media.#server
    await new Promise<void>((resolve, reject) => {
      server.once('error', (error) => reject(new ListenError(host, port, error)))
      server.listen(port, host, resolve)
    })
    server.on('error', (error) => options.warning?.(error))
    return media
  }

  /** Where this machine reaches the page. */
  get url(): string {
    const { host } = this.#options.listen
    const shown = host === '0.0.0.0' ? '127.0.0.1' : host === '::' ? '::1' : host
    return `http://${formatEndpoint(shown, (this.#server.address() as AddressInfo).port)}/`
  }

  /** Where a file, and its playlist, are served. */
  urlsOf(file: MediaFile): { readonly url: string; readonly playlistUrl: string } {
    const base = this.url.slice(0, -1)
    return { url: base + mediaPath(file), playlistUrl: base + playlistPath(file) }
  }

  /** Ends all answers and stops listening. */
  async close(): Promise<void> {
    this.#closing.abort(new Error('the server stops'))
    const closed = new Promise((resolve) => this.#server.close(resolve))
    this.#server.closeAllConnections()
    await closed
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    response.setHeader('x-content-type-options', 'nosniff')
    response.setHeader('cross-origin-resource-policy', 'same-origin')
    if (!isAllowedHost(request.headers.host, this.#options.hostNames ?? []))
      return refuse(
        response,
        403,
        'this host name is not known here: use an address, or name it with --host-name',
      )
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      response.setHeader('allow', 'GET, HEAD')
      return refuse(response, 405, 'GET and HEAD are answered here')
    }
    const path = decoded(/^[^?#]*/.exec(request.url ?? '')![0])
    if (path === '/') return this.#sendPage(request, response)
    const { files } = this.#content
    const file = files.find((one) => MEDIA + one.path === path)
    if (file) return this.#sendFile(request, response, file)
    const listed = files.find((one) => PLAYLIST + one.path + PLAYLIST_END === path)
    if (listed) return this.#sendPlaylist(request, response, listed)
    refuse(response, 404, 'nothing is served here: / lists what is')
  }

  #sendPage(request: IncomingMessage, response: ServerResponse): void {
    const pageFiles = this.#content.files.map((file) => ({
      path: file.path,
      url: mediaPath(file),
      playlistUrl: playlistPath(file),
      type: mediaTypeOf(file.path),
    }))
    response.setHeader(
      'content-security-policy',
      "default-src 'none'; media-src 'self'; style-src 'unsafe-inline'",
    )
    send(request, response, 'text/html; charset=utf-8', mediaPage(this.#content.manifest.name, pageFiles))
  }

  async #sendPlaylist(request: IncomingMessage, response: ServerResponse, file: MediaFile): Promise<void> {
    const index = await this.#indexOf(file)
    if (!index)
      return send(request, response, 'audio/x-mpegurl', plainPlaylist(file.path, this.urlsOf(file).url))
    send(request, response, 'application/vnd.apple.mpegurl', hlsPlaylist(index, mediaPath(file)))
  }

  async #sendFile(request: IncomingMessage, response: ServerResponse, file: MediaFile): Promise<void> {
    const { range: rangeHeader, 'if-range': ifRange, 'if-none-match': ifNoneMatch } = request.headers
    const etag = `"${this.#content.manifest.contentId.slice(0, 32)}-${this.#content.files.indexOf(file)}"`
    response.setHeader('accept-ranges', 'bytes')
    response.setHeader('etag', etag)
    response.setHeader('content-type', mediaTypeOf(file.path))
    if (ifNoneMatch !== undefined && ifNoneMatch.split(',').some((one) => one.trim() === etag)) {
      response.writeHead(304).end()
      return
    }
    // What changed meanwhile is sent whole; a date never fits, for none is told (RFC 9110, 13.1.5).
    const asked = ifRange === undefined || ifRange === etag ? parseRange(rangeHeader, file.bytes) : 'whole'
    if (asked === 'unsatisfiable') {
      response.setHeader('content-range', `bytes */${file.bytes}`)
      return refuse(response, 416, `the file has ${file.bytes} bytes`)
    }
    const range = asked === 'whole' ? { start: 0, end: file.bytes } : asked
    if (asked !== 'whole')
      response.setHeader('content-range', `bytes ${range.start}-${range.end - 1}/${file.bytes}`)
    response.setHeader('content-length', range.end - range.start)
    if (request.method === 'GET' && this.#content.readerCount >= MAX_READERS) {
      for (const name of ['content-length', 'content-range', 'etag']) response.removeHeader(name)
      response.setHeader('retry-after', 1)
      return refuse(response, 503, 'too many readers at once')
    }
    response.writeHead(asked === 'whole' ? 200 : 206)
    if (request.method === 'HEAD') return void response.end()
    response.flushHeaders()
    const bytes = this.#read(file, range, this.#goneSignal(response), this.#mediaBps.get(file))
    await pipeline(Readable.from(bytes, { objectMode: false, highWaterMark: 1 }), response)
  }

  #read(
    file: MediaFile,
    { start, end }: ByteRange,
    signal: AbortSignal,
    mediaBps?: number,
  ): AsyncGenerator<Uint8Array> {
    return this.#content.read({ start: file.offset + start, end: file.offset + end }, signal, mediaBps)
  }

  /** How a file can be cut; looked at once for all who ask. */
  #indexOf(file: MediaFile): Promise<MediaIndex | undefined> {
    const known = this.#indexes.get(file)
    if (known) return known
    const read = ({ start, end }: ByteRange): Promise<Uint8Array> =>
      this.#content.readAll({ start: file.offset + start, end: file.offset + end }, this.#closing.signal)
    const index = indexMedia(read, file.bytes).then(
      (found) => {
        if (found) this.#mediaBps.set(file, mediaBpsOf(found))
        return found
      },
      (error: unknown) => {
        this.#indexes.delete(file)
        throw error
      },
    )
    this.#indexes.set(file, index)
    return index
  }

  /** Aborted when nobody waits for an answer any more. */
  #goneSignal(response: ServerResponse): AbortSignal {
    const gone = new AbortController()
    response.once('close', () => gone.abort(new Error('the reader has gone')))
    return AbortSignal.any([gone.signal, this.#closing.signal])
  }
}

const MEDIA = '/media/'
const PLAYLIST = '/playlist/'
const PLAYLIST_END = '.m3u8'

const encoded = (path: string): string => path.split('/').map(encodeURIComponent).join('/')
const mediaPath = ({ path }: MediaFile): string => MEDIA + encoded(path)
const playlistPath = ({ path }: MediaFile): string => PLAYLIST + encoded(path) + PLAYLIST_END

function decoded(path: string): string {
  try {
    return decodeURIComponent(path)
  } catch {
    return ''
  }
}

function send(request: IncomingMessage, response: ServerResponse, type: string, text: string): void {
  response.writeHead(200, { 'content-type': type, 'content-length': Buffer.byteLength(text) })
  response.end(request.method === 'HEAD' ? undefined : text)
}

function refuse(response: ServerResponse, status: number, text: string): void {
  response.writeHead(status, { 'content-type': 'text/plain; charset=utf-8' })
  response.end(`${text}\n`)
}
