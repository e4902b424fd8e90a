import { lookup } from 'node:dns'
import { Agent as HttpAgent, type IncomingMessage, get as httpGet } from 'node:http'
import { Agent as HttpsAgent, get as httpsGet } from 'node:https'
import { isIP, type LookupFunction } from 'node:net'
import { LiveError } from './errors.ts'
import { isPublicAddress } from './public-address.ts'

const MOST_REDIRECTS = 5

/** Where a request is about to go. */
export interface Hop {
  readonly url: URL
  /** The IP address that is connected to. */
  readonly address: string
  /** Whether a server on the public internet has redirected here. */
  readonly isFromPublic: boolean
}

/** Whether a request may go there. */
export type Allows = (hop: Hop) => boolean

/** What a user names may be anywhere; a server on the public internet can't send on from there into a private network. */
export const asNamed: Allows = ({ address, isFromPublic }) => !isFromPublic || isPublicAddress(address)

export const publicOnly: Allows = ({ address }) => isPublicAddress(address)

export const anywhere: Allows = () => true

/**
 * A tracker that a torrent names may be in a private network, as those who share there have it, but is asked for nothing there
 * but an announce: no other path, and no query that somebody has chosen.
 */
export function asTracker(named: string): Allows {
  const { pathname, search } = new URL(named)
  const isPlain = /^\/$|\/announce(?:\.php)?$/.test(pathname) && search === ''
  return (hop) =>
    isPublicAddress(hop.address) || (isPlain && !hop.isFromPublic && hop.url.pathname === pathname)
}

export interface GuardedResponse {
  readonly status: number
  readonly body: IncomingMessage
}

/**
 * GET requests to addresses that strangers name. Where one leads is judged by the address that is connected to, so that a
 * name that changes its address (DNS rebinding) or a redirect leads nowhere else.
 */
export class GuardedHttp {
  readonly #allows: Allows
  readonly #agents: { readonly http: HttpAgent; readonly https: HttpsAgent }

  /** With `keepAlive`, a connection that one URL of a host was allowed serves the others. */
  constructor(allows: Allows, keepAlive = false) {
    this.#allows = allows
    this.#agents = { http: new HttpAgent({ keepAlive }), https: new HttpsAgent({ keepAlive }) }
  }

  /** Rejects with LiveError `E_ADDRESS` where an address is not allowed, else as Node's client does. */
  async get(
    url: string,
    { headers, signal }: { readonly headers?: Record<string, string>; readonly signal: AbortSignal },
  ): Promise<GuardedResponse> {
    let isFromPublic = false
    let at = new URL(url)
    for (let redirects = 0; redirects <= MOST_REDIRECTS; redirects++) {
      const hop = { url: at, isFromPublic }
      const body = await this.#getOnce(hop, { 'user-agent': 'seedbed', ...headers }, signal)
      const { statusCode: status = 0 } = body
      const { location } = body.headers
      if (status < 301 || status > 308 || location === undefined || status === 304) return { status, body }
      isFromPublic ||= isPublicAddress(body.socket.remoteAddress ?? '')
      body.destroy()
      if (!URL.canParse(location, at)) throw new LiveError('E_REDIRECT', `${at.href} redirects to no URL`)
      at = new URL(location, at)
    }
    throw new LiveError('E_REDIRECT', `${url} redirects more than ${MOST_REDIRECTS} times`)
  }

  /** Closes the connections that are kept. */
  destroy(): void {
    this.#agents.http.destroy()
    this.#agents.https.destroy()
  }

  #getOnce(
    hop: Omit<Hop, 'address'>,
    headers: Record<string, string>,
    signal: AbortSignal,
  ): Promise<IncomingMessage> {
    const { protocol, hostname } = hop.url
    return new Promise((resolve, reject) => {
      if (protocol !== 'http:' && protocol !== 'https:')
        throw new LiveError('E_REDIRECT', `invalid URL: ${hop.url.href} (http or https expected)`)
      const host = hostname.replace(/^\[|\]$/g, '')
      // Names only are looked up.
      if (isIP(host) !== 0 && !this.#allows({ ...hop, address: host })) throw forbidden(hop.url, host)
      const options = { headers, signal, lookup: guardedLookup(hop, this.#allows) }
      const request =
        protocol === 'http:'
          ? httpGet(hop.url, { ...options, agent: this.#agents.http }, resolve)
          : httpsGet(hop.url, { ...options, agent: this.#agents.https }, resolve)
      request.on('error', reject)
    })
  }
}

/** Looks names up, and knows no addresses but those that are allowed. */
export function guardedLookup(hop: Omit<Hop, 'address'>, allows: Allows): LookupFunction {
  return (hostname, options, done) =>
    lookup(hostname, { ...options, all: true }, (error, found) => {
      if (error) return done(error, '', 0)
      const allowed = found.filter(({ address }) => allows({ ...hop, address }))
      if (allowed.length === 0) return done(forbidden(hop.url, found[0].address), '', 0)
      if (options.all) done(null, allowed)
      else done(null, allowed[0].address, allowed[0].family)
    })
}

function forbidden(url: URL, address: string): LiveError {
  const where = url.hostname === address || url.hostname === `[${address}]` ? '' : ` at ${address}`
  return new LiveError('E_ADDRESS', `${url.href} is${where} in a private network or on this machine`)
}
