import type { IncomingMessage } from 'node:http'
import { isIP } from 'node:net'

/**
 * The address that a request came from: the connection's other end, or, behind `trustedProxies` proxies, what the
 * outermost of them says in X-Forwarded-For. Anything further out could be anybody's
 * invention, and so could what is no address.
 */
export function clientHost(request: IncomingMessage, trustedProxies: number): string {
  const nearest = request.socket.remoteAddress ?? ''
  if (trustedProxies === 0) return nearest
  const header = request.headers['x-forwarded-for']
  const claimed = (typeof header === 'string' ? header.split(',') : []).map((host) => host.trim())
  const hops = [nearest, ...claimed.reverse()]
  const host = hops[Math.min(trustedProxies, hops.length - 1)]
  return isIP(host) === 0 ? nearest : host
}
