import { type Address, quote } from '../protocol/ids.ts'
import { TrackerError } from './errors.ts'
import { readBounded } from './http-body.ts'

const TIMEOUT_MS = 15_000

export interface TrackerAnswer {
  readonly status: number
  readonly text: string
}

/** Asks a tracker over HTTP and takes at most `limitBytes` of its answer. Rejects with TrackerError where none comes. */
export async function callTracker(
  tracker: Address,
  path: string,
  init: RequestInit,
  limitBytes: number,
): Promise<TrackerAnswer> {
  try {
    const response = await fetch(`${tracker}${path}`, {
      ...init,
      redirect: 'error',
      signal: AbortSignal.timeout(TIMEOUT_MS),
    })
    const text = Buffer.from(await readBounded(response, limitBytes)).toString()
    return { status: response.status, text }
  } catch (error) {
    const cause = (error as { cause?: unknown }).cause ?? error
    throw new TrackerError(
      'E_TRACKER_UNREACHABLE',
      `tracker ${tracker} can't be reached: ${messageOf(cause)} (is it running? start one with: seedbed tracker)`,
      error,
    )
  }
}

/** What a tracker does not want to do. */
export const refusedBy = (tracker: Address, { status, text }: TrackerAnswer): TrackerError =>
  new TrackerError('E_TRACKER_REFUSED', `tracker ${tracker} answered ${status}: ${saidBy(text)}`)

export function messageOf(error: unknown): string {
  const { message, code } = error as { message?: string; code?: string }
  return message !== undefined && message !== '' ? message : (code ?? String(error))
}

function saidBy(text: string): string {
  try {
    const { error } = JSON.parse(text) as { error?: { message?: unknown } }
    if (typeof error?.message === 'string') return error.message.slice(0, 200)
  } catch {
    // Not a tracker's answer: shown as it came.
  }
  return quote(text.slice(0, 200))
}
