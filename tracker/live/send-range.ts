import { pipeline } from 'node:stream/promises'
import type { Request, Response } from 'express'
import { HttpError } from './errors.ts'
import type { OriginFile } from './origin.ts'

/**
 * Answers with bytes `first` to `first + bytes - 1` of a file, or with the one part of them that a Range header asks for
 * (RFC 9110). Several ranges at once are answered with all bytes. Closes the file.
 */
export async function sendRange(
  req: Request,
  res: Response,
  file: OriginFile,
  first: number,
  bytes: number,
): Promise<void> {
  try {
    const part = partOf(req.headers.range, bytes)
    if (part === 'none') {
      res.setHeader('content-range', `bytes */${bytes}`)
      throw new HttpError(416, 'E_RANGE', `invalid range: ${bytes} bytes are there`)
    }
    const { start, end } = part ?? { start: 0, end: bytes - 1 }
    const isEmpty = req.method === 'HEAD' || bytes === 0
    const body = isEmpty ? undefined : await file.read(first + start, first + end)
    // Nobody's page is to run what lies at the origin.
    res.setHeader('content-type', 'application/octet-stream')
    res.setHeader('content-disposition', 'attachment')
    res.setHeader('accept-ranges', 'bytes')
    if (part) res.status(206).setHeader('content-range', `bytes ${start}-${end}/${bytes}`)
    res.setHeader('content-length', end - start + 1)
    if (!body) return void res.end()
    // A stream that fails cuts the connection: only that tells the client that bytes are missing.
    await pipeline(body, res).catch(() => res.destroy())
  } finally {
    await file.close()
  }
}

interface Part {
  readonly start: number
  readonly end: number
}

/** The part that a Range header names; undefined where all is to be sent, `none` where it lies outside. */
export function partOf(header: string | undefined, bytes: number): Part | 'none' | undefined {
  const [, from = '', to = ''] = /^bytes=(\d{0,15})-(\d{0,15})$/.exec(header ?? '') ?? []
  if (from === '' && to === '') return undefined
  if (from === '')
    return Number(to) === 0 || bytes === 0
      ? 'none'
      : { start: Math.max(0, bytes - Number(to)), end: bytes - 1 }
  const start = Number(from)
  const end = to === '' ? bytes - 1 : Math.min(Number(to), bytes - 1)
  if (to !== '' && Number(to) < start) return undefined
  return start < bytes ? { start, end } : 'none'
}
