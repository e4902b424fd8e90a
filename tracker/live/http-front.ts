import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Logger } from 'pino'
import { parseAnnounceQuery, parseScrapeQuery } from './announce-query.ts'
import { compactReply, failureReply, listReply, scrapeReply } from './announce-reply.ts'
import type { BitTorrentSwarms } from './bittorrent.ts'
import { ClientError } from './errors.ts'

/** Longest query that is read. */
const MOST_QUERY_CHARS = 8192

export interface HttpFrontOptions {
  readonly log: Logger
  readonly swarms: BitTorrentSwarms
  /** Who sent a request: the connection's other end, or who a trusted proxy says. */
  readonly hostOf: (request: IncomingMessage) => string
}

/**
 * Answers announces and scrapes of BitTorrent clients before anything else of the HTTP server sees them: a framework's
 * middleware would cost more than the answer. Returns whether the request was one of them.
 */
export function createHttpFront({ swarms, hostOf, log }: HttpFrontOptions) {
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
    try {
      const reply = answer(swarms, path, query, () => hostOf(request))
      response.writeHead(200, { 'content-type': 'text/plain', 'content-length': reply.length }).end(reply)
    } catch (error) {
      log.error({ err: error, path }, 'announce failed')
      response.writeHead(500, { 'content-length': 0 }).end()
    }
    return true
  }
}

function answer(swarms: BitTorrentSwarms, path: string, query: string, host: () => string): Buffer {
  try {
    if (query.length > MOST_QUERY_CHARS)
      throw new ClientError(`query too long: ${query.length} characters (at most ${MOST_QUERY_CHARS})`)
    if (path === '/scrape')
      return scrapeReply(new Map(parseScrapeQuery(query).map((hash) => [hash, swarms.scrape(hash)])))
    const announce = parseAnnounceQuery(query)
    const given = swarms.announce({ ...announce, host: host() })
    if (!given) throw new ClientError('the tracker is full')
    return announce.isCompact ? compactReply(given) : listReply(given, announce.hidesPeerIds)
  } catch (error) {
    if (error instanceof ClientError) return failureReply(error.message)
    throw error
  }
}
