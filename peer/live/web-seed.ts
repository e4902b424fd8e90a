import { ChunkSet } from '../protocol/chunk-set.ts'
import type { Address } from '../protocol/ids.ts'
import { chunkSize } from '../protocol/manifest.ts'
import type { ChunkHeader, Message } from '../protocol/messages.ts'
import type { Link, LinkHandler, Network } from '../ports/network.ts'
import { nameOf } from './announce-network.ts'
import { partsOf } from './content-files.ts'
import { LiveError } from './errors.ts'
import { anywhere, GuardedHttp, type GuardedResponse, publicOnly } from './guarded-http.ts'
import { LiveBody } from './live-body.ts'
import type { Rates } from './token-bucket.ts'
import type { Torrent } from './torrent.ts'

const SCHEME = 'webseed:'
const IDLE_TIMEOUT_MS = 30_000

type ControlMessage = Exclude<Message, ChunkHeader>

/** How the core calls the web seed at a URL. */
export const webSeedAddress = (url: string): Address => `${SCHEME}${url}`

export const isWebSeed = (address: Address): boolean => address.startsWith(SCHEME)

class WebSeedLink implements Link {
  readonly remote: Address
  rttMs = NaN
  context: unknown = undefined
  isDown = false
  readonly fetching = new Map<number, AbortController>()

  constructor(remote: Address) {
    this.remote = remote
  }
}

/** A server that will never have what it was asked for. */
class GoneError extends Error {}

export interface WebSeedOptions {
  readonly torrent: Torrent
  readonly rates: Rates
  /** Whether they may be on this machine, or in a private network: who makes a torrent can have anything asked for there. */
  readonly allowsLocal: boolean
  warning(error: Error): void
}

/** HTTP servers that hold a torrent's files (BEP 19), seen as peers: origins that hold everything and take each request. */
export class WebSeedNetwork implements Network {
  readonly #options: WebSeedOptions
  readonly #links = new Set<WebSeedLink>()
  readonly #http: GuardedHttp
  #handler: LinkHandler | undefined

  constructor(options: WebSeedOptions) {
    this.#options = options
    this.#http = new GuardedHttp(options.allowsLocal ? anywhere : publicOnly, true)
  }

  attach(handler: LinkHandler): void {
    this.#handler = handler
  }

  connect(remote: Address): Link {
    const link = new WebSeedLink(remote)
    this.#links.add(link)
    setImmediate(() => {
      if (!link.isDown) this.#handler?.linkUp(link, false)
    })
    return link
  }

  close(link: Link): void {
    if (link instanceof WebSeedLink) this.#end(link)
  }

  send(link: Link, message: ControlMessage): void {
    if (!(link instanceof WebSeedLink) || link.isDown) return
    if (message.type === 'handshake') setImmediate(() => this.#greet(link))
    else if (message.type === 'request') void this.#fetch(link, message.requestId, message.chunk)
    else if (message.type === 'cancel') link.fetching.get(message.requestId)?.abort()
  }

  sendChunk(): never {
    throw new TypeError('invalid chunk: a web seed takes none')
  }

  abortChunk(): void {}

  destroy(): void {
    this.#handler = undefined
    for (const link of this.#links) this.#end(link)
    this.#http.destroy()
  }

  #end(link: WebSeedLink): void {
    link.isDown = true
    for (const abort of link.fetching.values()) abort.abort()
    this.#links.delete(link)
  }

  #greet(link: WebSeedLink): void {
    const { contentId, digests } = this.#options.torrent.manifest
    const address = link.remote
    const greeting = { contentId, peerId: nameOf(address), address, region: '', isOrigin: true }
    this.#tell(link, { type: 'handshake', ...greeting, uploadSlots: NaN })
    this.#tell(link, { type: 'bitfield', chunks: ChunkSet.full(digests.length) })
    this.#tell(link, { type: 'unchoke', active: NaN, queued: NaN })
  }

  #tell(link: WebSeedLink, message: ControlMessage): void {
    if (!link.isDown) this.#handler?.message(link, message)
  }

  async #fetch(link: WebSeedLink, requestId: number, chunk: number): Promise<void> {
    const { manifest } = this.#options.torrent
    const bytes = chunkSize(manifest, chunk)
    const header: ChunkHeader = { type: 'chunk', requestId, chunk, bytes, active: NaN, queued: NaN }
    const abort = new AbortController()
    link.fetching.set(requestId, abort)
    try {
      const data = new Uint8Array(bytes)
      const begins = (): void => {
        if (!link.isDown) this.#handler?.chunkBegins(link, header)
      }
      await this.#read(link, data, chunk * manifest.chunkBytes, abort, begins)
      if (!link.isDown && !abort.signal.aborted) this.#handler?.chunkArrived(link, header, new LiveBody(data))
    } catch (error) {
      if (link.isDown || (abort.signal.aborted && abort.signal.reason !== 'idle')) return
      this.#options.warning(error as Error)
      if (error instanceof GoneError) {
        this.#end(link)
        this.#handler?.linkDown(link, 'refused')
      } else this.#tell(link, { type: 'busy', requestId, active: NaN, queued: NaN })
    } finally {
      link.fetching.delete(requestId)
    }
  }

  async #read(
    link: WebSeedLink,
    data: Uint8Array,
    position: number,
    abort: AbortController,
    begins: () => void,
  ): Promise<void> {
    const { torrent, rates } = this.#options
    let hasBegun = false
    for (const part of partsOf(torrent.files, position, data.length)) {
      const file = torrent.files[part.index]
      const url = urlOf(link.remote.slice(SCHEME.length), torrent, file.path)
      let idle = setTimeout(() => abort.abort('idle'), IDLE_TIMEOUT_MS)
      try {
        const startedMs = performance.now()
        const range = `bytes=${part.position}-${part.position + part.bytes - 1}`
        const response = await this.#get(url, { headers: { range }, signal: abort.signal })
        link.rttMs = performance.now() - startedMs
        checkStatus(response, url, part.bytes === file.bytes)
        let at = part.from
        for await (const bytes of response.body as AsyncIterable<Uint8Array>) {
          clearTimeout(idle)
          idle = setTimeout(() => abort.abort('idle'), IDLE_TIMEOUT_MS)
          if (at + bytes.length > part.from + part.bytes)
            throw new GoneError(`${url} sends more than asked for`)
          data.set(bytes, at)
          at += bytes.length
          if (!hasBegun) begins()
          hasBegun = true
          rates.down.take(bytes.length)
          if (rates.down.waitMs > 0) await new Promise((resolve) => setTimeout(resolve, rates.down.waitMs))
        }
        if (at < part.from + part.bytes) throw new Error(`${url} sends less than asked for`)
      } finally {
        clearTimeout(idle)
      }
    }
  }

  async #get(url: string, options: Parameters<GuardedHttp['get']>[1]): Promise<GuardedResponse> {
    try {
      return await this.#http.get(url, options)
    } catch (error) {
      if (!(error instanceof LiveError)) throw error
      const way = error.code === 'E_ADDRESS' ? ' (--local-web-seeds allows it)' : ''
      throw new GoneError(`web seed ${url} is not used: ${error.message}${way}`)
    }
  }
}

function checkStatus(response: GuardedResponse, url: string, isWhole: boolean): void {
  if (response.status === 206 || (response.status === 200 && isWhole)) return
  response.body.destroy()
  const message = `web seed ${url} answers ${response.status} (a server that takes ranges is needed)`
  throw response.status === 429 || response.status >= 500 ? new Error(message) : new GoneError(message)
}

/** Where a file lies at a web seed: a URL that ends in a slash is a folder that holds the content. */
function urlOf(base: string, { isFolder, manifest }: Torrent, path: string): string {
  const encoded = (text: string): string => text.split('/').map(encodeURIComponent).join('/')
  if (!isFolder) return base.endsWith('/') ? `${base}${encoded(manifest.name)}` : base
  return `${base}${base.endsWith('/') ? '' : '/'}${encoded(manifest.name)}/${encoded(path)}`
}
