import type { Request, Response } from 'express'
import { Agent, request as ask, type IncomingMessage } from 'node:http'
import { pipeline } from 'node:stream'
import type { Caller, Elsewhere } from '../api/route.ts'
import { ShardDownError } from './errors.ts'
import { socketOf } from './link.ts'
import type { Mesh } from './mesh.ts'

/** Who sent a request, as the process has found that took it: only processes of the cluster reach the socket. */
const CALLER = 'x-seedbed-caller'
const MOST_UNDER_WAY = 512
const TIMEOUT_MS = 30_000
const PASSED_ON = ['content-type', 'range', 'if-range', 'accept'] as const
/** Of one connection, not of the answer. */
const NOT_PASSED_ON = new Set(['connection', 'keep-alive', 'transfer-encoding', 'date'])

export const writeCaller = (caller: Caller): Record<string, string> => ({
  [CALLER]: Buffer.from(JSON.stringify(caller)).toString('base64url'),
})

export const readCaller = ({ headers }: IncomingMessage): Caller =>
  JSON.parse(Buffer.from(String(headers[CALLER]), 'base64url').toString()) as Caller

/** Hands requests of the data API to the process that holds their swarm, and its answer to the client. */
export class ApiRelay {
  readonly #mesh: Mesh
  readonly #agent = new Agent({ keepAlive: true, maxSockets: MOST_UNDER_WAY, maxFreeSockets: 64 })

  constructor(mesh: Mesh) {
    this.#mesh = mesh
  }

  /** Undefined where the swarm is held here. Rejects with ShardDownError. */
  readonly elsewhere: Elsewhere = (swarm, req, res, caller) => {
    const owner = this.#mesh.elsewhere(swarm)
    return owner === undefined ? undefined : this.#pass(owner, req, res, caller)
  }

  close(): void {
    this.#agent.destroy()
  }

  #pass(owner: number, req: Request, res: Response, caller: Caller): Promise<void> {
    const body = bodyOf(req)
    const headers: Record<string, string | number> = writeCaller(caller)
    for (const name of PASSED_ON) {
      const value = req.headers[name]
      if (typeof value === 'string') headers[name] = value
    }
    if (body) headers['content-length'] = body.length
    return new Promise((resolve, reject) => {
      const asked = ask({
        ...{ socketPath: socketOf(this.#mesh.place.folder, owner), agent: this.#agent, headers },
        ...{ method: req.method, path: req.originalUrl, timeout: TIMEOUT_MS },
      })
      asked.on('response', (answer) => {
        res.status(answer.statusCode ?? 500)
        for (const [name, value] of Object.entries(answer.headers))
          if (!NOT_PASSED_ON.has(name) && value !== undefined) res.setHeader(name, value)
        // What breaks off in the middle ends the client's connection: it sees that something is missing.
        pipeline(answer, res, () => resolve())
      })
      asked.on('timeout', () => asked.destroy())
      asked.on('error', () => reject(new ShardDownError('is starting again')))
      res.once('close', () => asked.destroy())
      asked.end(body)
    })
  }
}

function bodyOf({ body, method }: Request): Buffer | undefined {
  if (body === undefined || method === 'GET' || method === 'HEAD') return undefined
  return Buffer.isBuffer(body) ? body : Buffer.from(JSON.stringify(body))
}
