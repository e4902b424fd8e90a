import express, { type ErrorRequestHandler, type Express, type RequestHandler } from 'express'
import helmet from 'helmet'
import type { Logger } from 'pino'
import { TryLaterError } from '../../peer/ports/try-later-error.ts'
import { quote } from '../../peer/protocol/ids.ts'
import { cors } from './api/cors.ts'
import { serveDocs } from './api/docs.ts'
import { createGuard, type GuardParts } from './api/guard.ts'
import { openApiDocument } from './api/openapi.ts'
import { type Elsewhere, mount, noteCaller, type Route } from './api/route.ts'
import { readCaller } from './cluster/api-relay.ts'
import { RETRY_S, ShardDownError } from './cluster/errors.ts'
import { HttpError } from './errors.ts'
import type { TrackerMetrics } from './metrics.ts'

/** Version of the HTTP interface, as its document says. */
const API_VERSION = '1.0.0'

export interface AppOptions extends GuardParts {
  readonly routes: readonly Route[]
  readonly log: Logger
  readonly metrics: TrackerMetrics
  /** Believes X-Forwarded-For of this many proxies in front; 0 believes nobody. */
  readonly trustedProxies: number
  /** Origins of pages that may use the API. */
  readonly origins: readonly string[]
  readonly isSecure: boolean
  /** Where swarms are spread over several processes. */
  readonly elsewhere?: Elsewhere | undefined
}

/** The tracker's HTTP interface. Errors are JSON: `{"error":{"code","message"}}`. */
export function createApp(options: AppOptions): Express {
  const { routes, trustedProxies, origins, isSecure, metrics } = options
  const app = bareApp()
  app.set('trust proxy', trustedProxies)
  app.use(securityHeaders(isSecure), cors(origins))
  const guard = createGuard(options)
  for (const route of routes) mount(app, route, [measured(route, metrics), guard(route)], options.elsewhere)
  serveDocs(app, openApiDocument(routes, API_VERSION))
  app.use((req) => {
    throw new HttpError(404, 'E_NOT_FOUND', `no ${req.method} ${quote(req.path)} here`)
  })
  app.use(errorHandler(options.log, metrics))
  return app
}

/** The same routes for other processes of a cluster, which have checked who asks. */
export function createInnerApp({
  routes,
  log,
  metrics,
}: Pick<AppOptions, 'routes' | 'log' | 'metrics'>): Express {
  const app = bareApp()
  const believe: RequestHandler = (req, res, next) => {
    noteCaller(res, readCaller(req))
    next()
  }
  for (const route of routes) mount(app, route, [believe])
  app.use(errorHandler(log, metrics))
  return app
}

function bareApp(): Express {
  const app = express()
  app.disable('x-powered-by')
  app.set('etag', false)
  return app
}

/** Pages of the tracker's own documentation run its own scripts and nothing else; Swagger UI brings styles and icons inline. */
const securityHeaders = (isSecure: boolean) =>
  helmet({
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        defaultSrc: ["'none'"],
        scriptSrc: ["'self'"],
        styleSrc: ["'self'", "'unsafe-inline'"],
        imgSrc: ["'self'", 'data:'],
        connectSrc: ["'self'"],
        baseUri: ["'none'"],
        formAction: ["'none'"],
        frameAncestors: ["'none'"],
      },
    },
    // Browsers let pages of others read replies only where CORS says so; players may embed chunks from anywhere.
    crossOriginResourcePolicy: { policy: 'cross-origin' },
    strictTransportSecurity: isSecure && { maxAge: 15_552_000, includeSubDomains: false },
  })

/** Times what becomes of the requests of a route. */
const measured =
  ({ name }: Route, metrics: TrackerMetrics): RequestHandler =>
  (_req, res, next) => {
    const startedMs = performance.now()
    res.once('close', () => metrics.request(name, res.statusCode, startedMs))
    next()
  }

const errorHandler =
  (log: Logger, { errors }: TrackerMetrics): ErrorRequestHandler =>
  (error: unknown, req, res, _next) => {
    const { status, code, message, retryAfterSeconds = NaN } = describe(error)
    if (status >= 500) errors.inc({ where: 'api' })
    // Whoever is told to come again is many: that a process is down is logged where it is started again.
    if (status >= 500 && !(error instanceof ShardDownError))
      log.error({ err: error, method: req.method, path: req.path }, 'request failed')
    else log.debug({ code, method: req.method, path: req.path, remote: req.ip }, message)
    if (res.headersSent) return void res.destroy()
    if (!Number.isNaN(retryAfterSeconds)) res.setHeader('retry-after', Math.ceil(retryAfterSeconds))
    res.status(status).json({ error: { code, message } })
  }

interface Described {
  readonly status: number
  readonly code: string
  readonly message: string
  readonly retryAfterSeconds?: number
}

function describe(error: unknown): Described {
  if (error instanceof HttpError) return error
  if (error instanceof TryLaterError) {
    const { code, message, retryAfterMs } = error
    return { status: 503, code, message, retryAfterSeconds: retryAfterMs / 1000 }
  }
  if (error instanceof ShardDownError)
    return { status: 503, code: error.code, message: error.message, retryAfterSeconds: RETRY_S }
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
  if (status !== undefined && status < 500) return { status, code: 'E_REQUEST', message: 'invalid request' }
  return { status: 500, code: 'E_INTERNAL', message: 'internal error' }
}
