import express, { type Express, type Request, type RequestHandler, type Response } from 'express'
import type { z } from 'zod'
import { HttpError } from '../errors.ts'
import type { Role } from '../tokens.ts'
import { describeIssues } from './issues.ts'

/** How dear a request is, for the rate limits; `free` ones are not counted. */
export type Cost = 'free' | 'read' | 'write' | 'announce'

export interface ResponseSpec {
  readonly description: string
  /** The JSON body; left out where there is none, or another `type`. */
  readonly body?: z.ZodType
  readonly type?: string
}

type Fields = z.ZodObject | undefined
type Parsed<S extends z.ZodType | undefined> = S extends z.ZodType ? z.output<S> : undefined

/** A request that has passed the schemas of its route. */
export interface Checked<P extends Fields, Q extends Fields, B extends z.ZodType | undefined> {
  readonly params: Parsed<P>
  readonly query: Parsed<Q>
  readonly body: Parsed<B>
  /** The address that the request came from. */
  readonly host: string
  /** Who sent it, as its token says; empty without one. */
  readonly subject: string
  readonly role: Role | undefined
  readonly req: Request
  readonly res: Response
}

export interface RouteSpec<P extends Fields, Q extends Fields, B extends z.ZodType | undefined> {
  readonly method: 'get' | 'post' | 'put' | 'delete'
  /** With parameters in braces, as OpenAPI has them: `/v1/contents/{content}`. */
  readonly path: string
  readonly name: string
  readonly tag: string
  readonly summary: string
  readonly description?: string
  readonly isDeprecated?: boolean
  readonly cost: Cost
  /** Whose token it takes, where tokens are asked for at all. */
  readonly role?: Role
  readonly params?: P
  readonly query?: Q
  /** The JSON body. */
  readonly body?: B
  /** A body of another type, which the handler finds in `req.body`. */
  readonly rawType?: string
  /** What the document says of it; some bytes where it is left out. */
  readonly rawBody?: z.ZodType
  readonly bodyBytes?: number
  readonly responses: Readonly<Record<number, ResponseSpec>>
  /** The swarm that it is about; left out where any process of a cluster may answer. */
  home?: (request: Pick<Checked<P, Q, B>, 'params' | 'query' | 'body'>) => string | undefined
  handle(request: Checked<P, Q, B>): void | Promise<void>
}

/** A route as the server and the OpenAPI document see it. */
export interface Route extends Omit<RouteSpec<Fields, Fields, z.ZodType | undefined>, 'handle' | 'home'> {
  /** `elsewhere` has requests answered whose swarm this process does not hold. */
  run(req: Request, res: Response, elsewhere?: Elsewhere): void | Promise<void>
}

/** Has a request answered by another process; undefined where its swarm is held here. */
export type Elsewhere = (
  swarm: string,
  req: Request,
  res: Response,
  caller: Caller,
) => Promise<void> | undefined

const DEFAULT_BODY_BYTES = 64 * 1024

/** Makes a route of its schemas and its handler; what reaches the handler has passed the schemas. */
export function route<
  P extends Fields = undefined,
  Q extends Fields = undefined,
  B extends z.ZodType | undefined = undefined,
>({ handle, home, ...spec }: RouteSpec<P, Q, B>): Route {
  return {
    ...spec,
    run: (req, res, elsewhere) => {
      const given = {
        params: parsed(spec.params, req.params, 'path') as Parsed<P>,
        query: parsed(spec.query, req.query, 'query') as Parsed<Q>,
        body: parsed(spec.body, req.body, 'body') as Parsed<B>,
      }
      const caller = callerOf(req, res)
      const swarm = elsewhere && home?.(given)
      const passed = swarm === undefined ? undefined : elsewhere?.(swarm, req, res, caller)
      return passed ?? handle({ ...given, ...caller, req, res })
    },
  }
}

/** Serves a route, behind handlers that may refuse. */
export function mount(
  app: Express,
  route: Route,
  before: readonly RequestHandler[],
  elsewhere?: Elsewhere,
): void {
  const limit = route.bodyBytes ?? DEFAULT_BODY_BYTES
  const path = route.path.replaceAll(/\{(\w+)\}/g, ':$1')
  const handlers = [...before]
  if (route.rawType !== undefined) handlers.push(express.raw({ type: route.rawType, limit }))
  else if (route.body) handlers.push(requireJson, express.json({ limit, strict: false }))
  app[route.method](path, ...handlers, async (req, res) => {
    await route.run(req, res, elsewhere)
  })
}

const requireJson: RequestHandler = (req, _res, next) => {
  if (req.is('application/json')) return next()
  throw new HttpError(415, 'E_CONTENT_TYPE', 'invalid content-type: application/json expected')
}

/** Who a guard has found to send a request. */
export interface Caller {
  readonly host: string
  readonly subject: string
  readonly role: Role | undefined
}

export const noteCaller = (res: Response, caller: Caller): void => {
  res.locals['caller'] = caller
}

const callerOf = (req: Request, res: Response): Caller =>
  (res.locals['caller'] as Caller | undefined) ?? { host: req.ip ?? '', subject: '', role: undefined }

function parsed(schema: z.ZodType | undefined, value: unknown, where: string): unknown {
  if (!schema) return undefined
  const result = schema.safeParse(value, { reportInput: true })
  if (result.success) return result.data
  throw new HttpError(400, 'E_INVALID', describeIssues(result.error.issues, where))
}
