import type { RequestHandler } from 'express'

const METHODS = 'GET, HEAD, POST, PUT, DELETE'
const HEADERS = 'authorization, content-type, range'
const SHOWN = 'content-range, retry-after, ratelimit-limit, ratelimit-remaining, ratelimit-reset'

/** Lets pages of these origins use the API; `*` means every page. Cookies are never taken. */
export function cors(origins: readonly string[]): RequestHandler {
  const isOpen = origins.includes('*')
  return (req, res, next) => {
    const { origin } = req.headers
    const isAllowed = origin !== undefined && (isOpen || origins.includes(origin))
    if (!isOpen) res.vary('origin')
    if (isAllowed) {
      res.setHeader('access-control-allow-origin', isOpen ? '*' : origin)
      res.setHeader('access-control-expose-headers', SHOWN)
    }
    if (req.method !== 'OPTIONS') return next()
    if (isAllowed) {
      res.setHeader('access-control-allow-methods', METHODS)
      res.setHeader('access-control-allow-headers', HEADERS)
      res.setHeader('access-control-max-age', 600)
    }
    res.status(204).end()
  }
}
