import type { IncomingMessage } from 'node:http'

/**
 * The address that a request came from: the connection's other end, or, behind `trustedProxies` proxies, what the
 * outermost of them says in X-Forwarded-For. Anything further out could be anybody's invention.
 */
export function clientHost(request: IncomingMessage, trustedProxies: number): string {
  const nearest = request.socket.remoteAddress ?? ''
  if (trustedProxies === 0) return nearest
  const header = request.headers['x-forwarded-for']
  const claimed = (typeof header === 'string' ? header.split(',') : []).map((host) => host.trim())
  const hops = [nearest, ...claimed.reverse()]
  return hops[Math.min(trustedProxies, hops.length - 1)]
}
