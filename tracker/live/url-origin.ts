import { Readable } from 'node:stream'
import type { ReadableStream } from 'node:stream/web'
import { HttpError } from './errors.ts'
import type { Origin, OriginFile } from './origin.ts'

/** The origin has to begin to answer within this time. */
const ANSWER_MS = 10_000

/**
 * Files below a URL of the operator's, by HTTP ranges. Callers choose a name, never a host or a path: the name becomes one
 * escaped segment, and no redirect is followed.
 */
export class UrlOrigin implements Origin {
  readonly where: string
  readonly #base: string

  constructor(base: URL) {
    this.#base = base.href.endsWith('/') ? base.href : `${base.href}/`
    this.where = `${base.protocol}//${base.host}${base.pathname}`
  }

  async open(name: string): Promise<OriginFile | undefined> {
    const url = `${this.#base}${encodeURIComponent(name)}`
    const { status, headers } = await this.#ask(url, { method: 'HEAD' })
    if (status === 404 || status === 410) return undefined
    const bytes = Number(headers.get('content-length') ?? NaN)
    if (status !== 200 || !Number.isSafeInteger(bytes)) throw unusable(`HEAD was answered with ${status}`)
    const aborts = new AbortController()
    return {
      bytes,
      read: async (first, last) => {
        const range = `bytes=${first}-${last}`
        const answer = await this.#ask(url, { headers: { range }, signal: aborts.signal })
        const expected = `bytes ${first}-${last}/${bytes}`
        if (answer.status !== 206 || answer.headers.get('content-range') !== expected || !answer.body) {
          aborts.abort()
          throw unusable(`a range was answered with ${answer.status}`)
        }
        return Readable.fromWeb(answer.body as ReadableStream<Uint8Array>)
      },
      close: async () => aborts.abort(),
    }
  }

  async #ask(url: string, init: RequestInit): Promise<Response> {
    const late = new AbortController()
    const timer = setTimeout(() => late.abort(new Error('it does not answer')), ANSWER_MS)
    const signals = init.signal ? [init.signal, late.signal] : [late.signal]
    const headers = { 'accept-encoding': 'identity', ...init.headers }
    try {
      return await fetch(url, { ...init, headers, redirect: 'manual', signal: AbortSignal.any(signals) })
    } catch (error) {
      throw unusable((error as Error).message)
    } finally {
      clearTimeout(timer)
    }
  }
}

const unusable = (reason: string): HttpError =>
  new HttpError(502, 'E_ORIGIN', `the origin is of no use: ${reason}`)
