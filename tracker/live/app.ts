import express, { type ErrorRequestHandler, type Express, type Request } from 'express'
import type { Logger } from 'pino'
import { encode } from '../../peer/protocol/codec.ts'
import { endpointOf } from '../../peer/protocol/endpoint.ts'
import { decodeAll, joinFrames, MAX_BODY_BYTES } from '../../peer/protocol/frames.ts'
import { isDigest, quote } from '../../peer/protocol/ids.ts'
import { LIMITS } from '../../peer/protocol/limits.ts'
import type { ChunkHeader, Message } from '../../peer/protocol/messages.ts'
import type { Ranker } from '../../peer/ports/ranker.ts'
import type { Tracker } from '../core/tracker.ts'
import type { Contents } from './contents.ts'
import { HttpError } from './errors.ts'
import type { HttpNetwork } from './http-network.ts'
import { swarmStats } from './swarm-stats.ts'

const FRAMES = 'application/octet-stream'

export interface AppParts {
  readonly tracker: Tracker
  readonly network: HttpNetwork
  readonly contents: Contents
  readonly ranker: Ranker
  readonly log: Logger
  /** Believes X-Forwarded-For of this many proxies in front; 0 believes nobody. */
  readonly trustedProxies: number
  isReady(): boolean
}

/** The tracker's HTTP interface. Errors are JSON: `{"error":{"code","message"}}`. */
export function createApp(parts: AppParts): Express {
  const { tracker, network, contents } = parts
  const app = express()
  app.disable('x-powered-by')
  app.set('etag', false)
  app.set('trust proxy', parts.trustedProxies)

  app.post('/v1/messages', express.raw({ type: FRAMES, limit: MAX_BODY_BYTES }), (req, res) => {
    if (!Buffer.isBuffer(req.body))
      throw new HttpError(415, 'E_CONTENT_TYPE', `invalid content-type: ${FRAMES} expected`)
    const remoteHost = req.ip ?? ''
    const messages = decodeAll(req.body).map((message) => fromOutside(message, remoteHost))
    if (messages.length === 0) throw new HttpError(400, 'E_EMPTY', 'invalid body: no message in it')
    const answers = network.exchange(remoteHost, messages)
    if (!answers)
      throw new HttpError(
        409,
        'E_REFUSED',
        'the tracker refuses: a limit is reached, or the content has another size',
      )
    res.type(FRAMES).send(Buffer.from(joinFrames(answers.map(encode))))
  })

  app.put('/v1/contents/:hash', express.json({ limit: LIMITS.manifestBytes }), (req, res) => {
    const isNew = contents.put(hashOf(req), req.body)
    res.status(isNew ? 201 : 200).json({ contentId: hashOf(req) })
  })

  app.get('/v1/contents/:hash', (req, res) => {
    const manifest = contents.get(hashOf(req))
    if (manifest === undefined)
      throw new HttpError(
        404,
        'E_UNKNOWN_CONTENT',
        `no content ${hashOf(req)} (a seed must register it first)`,
      )
    res.type('json').send(manifest)
  })

  app.get('/v1/swarms', (_req, res) => {
    res.json(swarmStats(tracker, contents, parts.ranker))
  })

  app.get('/health', (_req, res) => {
    res.json({ status: 'ok' })
  })

  app.get('/ready', (_req, res) => {
    const isReady = parts.isReady()
    res.status(isReady ? 200 : 503).json({ status: isReady ? 'ready' : 'stopping' })
  })

  app.use((req) => {
    throw new HttpError(404, 'E_NOT_FOUND', `no ${req.method} ${quote(req.path)} here`)
  })
  app.use(errorHandler(parts.log))
  return app
}

/** A message as the tracker may believe it: only those that peers send, with the address that the request came from. */
function fromOutside(message: Message, remoteHost: string): Exclude<Message, ChunkHeader> {
  switch (message.type) {
    case 'announce':
      return { ...message, address: endpointOf(remoteHost, message.address) }
    case 'report':
    case 'leave':
      return message
    default:
      throw new HttpError(400, 'E_MESSAGE', `invalid message: ${message.type} (announce, report or leave)`)
  }
}

function hashOf(req: Request): string {
  const { hash } = req.params
  if (!isDigest(hash))
    throw new HttpError(400, 'E_HASH', `invalid hash: ${quote(hash)} (64 hex digits expected)`)
  return hash
}

const errorHandler =
  (log: Logger): ErrorRequestHandler =>
  (error: unknown, req, res, _next) => {
    const { status, code, message } = describe(error)
    if (status >= 500) log.error({ err: error, method: req.method, path: req.path }, 'request failed')
    else log.debug({ code, method: req.method, path: req.path, remote: req.ip }, message)
    if (res.headersSent) return void res.destroy()
    res.status(status).json({ error: { code, message } })
  }

function describe(error: unknown): { status: number; code: string; message: string } {
  if (error instanceof HttpError) return error
  const { code, status, type, message } = error as {
    code?: string
    status?: number
    type?: string
    message: string
  }
  if (code === 'E_PROTOCOL') return { status: 400, code, message }
  // Errors of Express's body parsers carry a status and a type such as entity.too.large.
  if (status !== undefined && status < 500 && type !== undefined)
    return { status, code: `E_${type.toUpperCase().replaceAll('.', '_')}`, message }
  return {
    status: status !== undefined && status < 500 ? status : 500,
    code: 'E_INTERNAL',
    message: 'internal error',
  }
}
