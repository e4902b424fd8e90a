import { type Endpoint, parseEndpoint } from '../protocol/endpoint.ts'
import { ProtocolError } from '../protocol/errors.ts'
import { quote } from '../protocol/ids.ts'
import type { TurnServer } from './rtc-options.ts'

const DEFAULT_PORT = 3478

/** Reads `HOST[:PORT]` or `stun:HOST[:PORT]` (RFC 7064); answers `host:port`. Throws ProtocolError. */
export function parseStunServer(text: string): string {
  const server = endpointOf(text.replace(/^stun:/, ''))
  if (!server) throw new ProtocolError(`invalid STUN server: ${quote(text)} (HOST or HOST:PORT expected)`)
  const { host, port } = server
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`
}

/**
 * Reads `USER:PASSWORD@HOST[:PORT]`, as a URI `turn:…` (RFC 7065) too; user and password are percent-encoded where they
 * hold `:` or `@`. Throws ProtocolError, which does not repeat the password.
 */
export function parseTurnServer(text: string): TurnServer {
  const match = /^(?:turn:)?([^:@]+):([^:@]+)@([^@?]+)(?:\?transport=udp)?$/.exec(text)
  const server = match ? endpointOf(match[3]) : undefined
  const credentials = match ? [decode(match[1]), decode(match[2])] : []
  const [username, password] = credentials
  if (!server || username === undefined || password === undefined) {
    const shown = quote(text.replace(/:[^:@]*@/, ':…@'))
    throw new ProtocolError(
      `invalid TURN server: ${shown} (USER:PASSWORD@HOST or USER:PASSWORD@HOST:PORT expected; over UDP)`,
    )
  }
  return { hostname: server.host, port: server.port, username, password }
}

function endpointOf(text: string): Endpoint | undefined {
  const isBare = /^(?:\[[^\]]*\]|[^:]*)$/.test(text)
  try {
    const endpoint = parseEndpoint(isBare ? `${text}:${DEFAULT_PORT}` : text)
    return endpoint.port > 0 ? endpoint : undefined
  } catch {
    return undefined
  }
}

function decode(text: string): string | undefined {
  try {
    return decodeURIComponent(text)
  } catch {
    return undefined
  }
}
