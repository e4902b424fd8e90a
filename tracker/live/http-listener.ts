import { createServer, type RequestListener, type Server } from 'node:http'
import { createServer as createSecureServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { formatEndpoint } from '../../peer/protocol/endpoint.ts'
import { boundAddresses, boundConnections, type Census, LocalCensus } from './address-connections.ts'
import { ListenError, SettingError } from './errors.ts'

const REQUEST_TIMEOUT_MS = 30_000
/** Longer than the announce interval, so that peers keep their connections. */
const KEEP_ALIVE_MS = 75_000
/** Requests under way get this long when the tracker stops. */
const GRACE_MS = 5_000
const SWEEP_MS = 20

/** A certificate with its chain, and its key, in PEM form. */
export interface TlsFiles {
  readonly cert: string | Buffer
  readonly key: string | Buffer
}

export interface ListenerOptions {
  readonly host: string
  /** 0 takes a free one. */
  readonly port: number
  readonly maxConnections: number
  /** Of one address; 0 for any number. */
  readonly maxPerAddress: number
  /** Counts connections where several processes listen; this one counts its own where it is left out. */
  readonly census?: Census | undefined
  /** Speaks TLS only, where it is given. */
  readonly tls?: TlsFiles | undefined
}

/** A server that is listening. */
export interface Listener {
  readonly server: Server
  readonly port: number
  /** Where it is reached from this machine. */
  readonly url: string
  /** Answers what is under way, then closes. */
  close(): Promise<void>
}

/** Listens for HTTP, or HTTPS. Rejects with ListenError and SettingError. */
export async function listen(
  { host, port, maxConnections, maxPerAddress, census, tls }: ListenerOptions,
  listener: RequestListener,
): Promise<Listener> {
  const server = makeServer(tls, listener)
  // What the server itself bounds are the connections of this process.
  if (census) boundConnections(server, maxConnections, census)
  else server.maxConnections = maxConnections
  if (maxPerAddress > 0) boundAddresses(server, maxPerAddress, census ?? new LocalCensus())
  await new Promise<void>((resolve, reject) => {
    const refuse = (error: NodeJS.ErrnoException): void => reject(new ListenError(host, port, error))
    server.once('error', refuse)
    server.listen(port, host, () => {
      server.off('error', refuse)
      resolve()
    })
  })
  const bound = (server.address() as AddressInfo).port
  const shown = host === '0.0.0.0' || host === '::' ? '127.0.0.1' : host
  return {
    server,
    port: bound,
    url: `${tls ? 'https' : 'http'}://${formatEndpoint(shown, bound)}`,
    close: () => close(server),
  }
}

function makeServer(tls: TlsFiles | undefined, listener: RequestListener): Server {
  const times = { requestTimeout: REQUEST_TIMEOUT_MS, keepAliveTimeout: KEEP_ALIVE_MS }
  if (!tls) return createServer(times, listener)
  try {
    return createSecureServer({ ...times, ...tls, minVersion: 'TLSv1.2' }, listener)
  } catch (cause) {
    throw new SettingError(
      `invalid TLS certificate or key: ${(cause as Error).message} (PEM files expected that belong together)`,
      { cause },
    )
  }
}

async function close(server: Server): Promise<void> {
  const closed = new Promise((resolve) => server.close(resolve))
  // Connections are kept alive when their last request is answered: they become idle one by one.
  const sweep = setInterval(() => server.closeIdleConnections(), SWEEP_MS)
  const cut = setTimeout(() => server.closeAllConnections(), GRACE_MS)
  await closed
  clearInterval(sweep)
  clearTimeout(cut)
}
