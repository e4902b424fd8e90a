import { startTracker, type TrackerServer, type TrackerServerOptions } from '../compose.ts'

export interface Answer {
  readonly status: number
  readonly headers: Headers
  /** The JSON body; undefined where it is something else. */
  // eslint-disable-next-line @typescript-eslint/no-explicit-any
  readonly json: any
  readonly bytes: Buffer
}

/** What a test sends: a JSON body, headers, a token. */
export interface Sent {
  readonly method?: string
  readonly json?: unknown
  readonly body?: string | Uint8Array<ArrayBuffer> | FormData
  readonly headers?: Record<string, string>
  readonly token?: string
}

/** A tracker on a port of its own, and a way to ask it. */
export class ApiHarness {
  readonly server: TrackerServer

  private constructor(server: TrackerServer) {
    this.server = server
  }

  static async start(options: Partial<TrackerServerOptions> = {}): Promise<ApiHarness> {
    return new ApiHarness(
      await startTracker({ host: '127.0.0.1', port: 0, policy: { name: 'random' }, ...options }),
    )
  }

  async ask(path: string, { json, body, method, headers, token }: Sent = {}): Promise<Answer> {
    const response = await fetch(`${this.server.url}${path}`, {
      method: method ?? (json === undefined && body === undefined ? 'GET' : 'POST'),
      headers: {
        ...(json === undefined ? {} : { 'content-type': 'application/json' }),
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
        ...headers,
      },
      ...(json === undefined ? {} : { body: JSON.stringify(json) }),
      ...(body === undefined ? {} : { body }),
    })
    const bytes = Buffer.from(await response.arrayBuffer())
    const isJson = response.headers.get('content-type')?.startsWith('application/json')
    return {
      ...{ status: response.status, headers: response.headers, bytes },
      json: isJson ? (JSON.parse(bytes.toString()) as unknown) : undefined,
    }
  }

  /** Status and code of an answer that has to be an error. */
  async refusal(path: string, sent?: Sent): Promise<[number, string]> {
    const { status, json } = await this.ask(path, sent)
    if (typeof json?.error?.message !== 'string' || json.error.message === '')
      throw new Error(`${path} was answered with ${status} and no error`)
    return [status, json.error.code as string]
  }

  stop(): Promise<void> {
    return this.server.stop()
  }
}

export const peerIdOf = (number: number): string => number.toString(16).padStart(40, '0')
