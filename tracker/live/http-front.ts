import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Logger } from 'pino'
import { parseAnnounceQuery, parseScrapeQuery } from './announce-query.ts'
import { compactReply, failureReply, listReply, scrapeReply } from './announce-reply.ts'
import type { BitTorrentSwarms } from './bittorrent.ts'
import { RETRY_S, ShardDownError } from './cluster/errors.ts'
import { ClientError } from './errors.ts'
import type { AnnounceMeter } from './metrics.ts'
import type { RateLimits } from './rate-limits.ts'
import { SendBatch } from './send-batch.ts'

/** Longest query that is read. */
const MOST_QUERY_CHARS = 8192

/** Has requests answered by another process; false where that is done here. */
export type PassHttp = (
  path: string,
  query: string,
  host: () => string,
  told: (error: Error | undefined, reply: string) => void,
) => boolean

export interface HttpFrontOptions {
  readonly log: Logger
  readonly swarms: BitTorrentSwarms
  /** Who sent a request: the connection's other end, or who a trusted proxy says. */
  readonly hostOf: (request: IncomingMessage) => string
  readonly meter: AnnounceMeter
  readonly limits: RateLimits
  /** Where swarms are spread over several processes. */
  readonly pass?: PassHttp | undefined
}

interface Answer {
  readonly response: ServerResponse
  readonly reply: string
}

/**
 * Answers announces and scrapes of BitTorrent clients before anything else of the HTTP server sees them: a framework's
 * middleware would cost more than the answer. Returns whether the request was one of them.
 */
export function createHttpFront({ swarms, hostOf, log, meter, limits, pass }: HttpFrontOptions) {
  const batch = new SendBatch<Answer>(({ response, reply }) => {
    response.writeHead(200, { 'content-type': 'text/plain', 'content-length': reply.length })
    response.end(reply, 'latin1')
  })
  const respond = (request: IncomingMessage, response: ServerResponse, path: string, query: string): void => {
    const host = (): string => hostOf(request)
    try {
      const isPassed =
        query.length <= MOST_QUERY_CHARS &&
        pass?.(path, query, host, (error, reply) => {
          if (path === '/scrape') meter.scrapes++
          if (error instanceof ShardDownError) putOff(response, error)
          else if (error) fail(response, path, error)
          else batch.add({ response, reply })
        })
      if (!isPassed) batch.add({ response, reply: answerHttp(swarms, path, query, host, meter) })
    } catch (error) {
      fail(response, path, error)
    }
  }
  const fail = (response: ServerResponse, path: string, error: unknown): void => {
    meter.failed++
    log.error({ err: error, path }, 'announce failed')
    response.writeHead(500, { 'content-length': 0 }).end()
  }
  const putOff = (response: ServerResponse, { message }: ShardDownError): void => {
    meter.refused++
    say(response, 503, RETRY_S, message)
  }
  const refuse = (response: ServerResponse, retrySeconds: number): void => {
    meter.refused++
    say(response, 429, retrySeconds, `too many announces: go on in ${retrySeconds} s`)
  }
  return (request: IncomingMessage, response: ServerResponse): boolean => {
    const url = request.url ?? ''
    const mark = url.indexOf('?')
    const path = mark < 0 ? url : url.slice(0, mark)
    if (path !== '/announce' && path !== '/scrape') return false
    if (request.method !== 'GET') {
      response.writeHead(405, { allow: 'GET', 'content-length': 0 }).end()
      return true
    }
    const query = mark < 0 ? '' : url.slice(mark + 1)
    if (!limits.countsAnnounces) respond(request, response, path, query)
    else
      void limits.address(hostOf(request), 'announce').then(({ isAllowed, resetSeconds }) => {
        if (isAllowed) respond(request, response, path, query)
        else refuse(response, resetSeconds)
      })
    return true
  }
}

/** A refusal that clients show their users, and when to come again. */
function say(response: ServerResponse, status: number, retrySeconds: number, reason: string): void {
  const reply = failureReply(reason)
  const headers = { 'content-type': 'text/plain', 'retry-after': String(retrySeconds) }
  response.writeHead(status, { ...headers, 'content-length': reply.length }).end(reply, 'latin1')
}

/** The reply to an announce or a scrape of swarms that are held here. */
export function answerHttp(
  swarms: BitTorrentSwarms,
  path: string,
  query: string,
  host: () => string,
  meter: AnnounceMeter,
): string {
  const startedMs = performance.now()
  try {
    if (query.length > MOST_QUERY_CHARS)
      throw new ClientError(`query too long: ${query.length} characters (at most ${MOST_QUERY_CHARS})`)
    if (path === '/scrape') {
      meter.scrapes++
      return scrapeReply(new Map(parseScrapeQuery(query).map((hash) => [hash, swarms.scrape(hash)])))
    }
    const announce = parseAnnounceQuery(query, host())
    const given = swarms.announce(announce)
    if (!given) throw new ClientError('the tracker is full')
    const reply = announce.isCompact ? compactReply(given) : listReply(given, announce.hidesPeerIds)
    meter.answered(startedMs)
    return reply
  } catch (error) {
    if (!(error instanceof ClientError)) throw error
    meter.refused++
    return failureReply(error.message)
  }
}
