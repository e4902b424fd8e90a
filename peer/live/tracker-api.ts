import { type Address, type ContentId, quote } from '../protocol/ids.ts'
import { LIMITS } from '../protocol/limits.ts'
import { type Manifest, parseManifest } from '../protocol/manifest.ts'
import { parseStream, type StreamManifest } from '../protocol/stream.ts'
import { TrackerError } from './errors.ts'
import { contentIdOf } from './sha256.ts'
import { streamIdOf } from './stream-signature.ts'
import { callTracker, messageOf, refusedBy } from './tracker-call.ts'

/** Checks a tracker's address and returns it without what it doesn't need. Throws TrackerError. */
export function parseTrackerUrl(text: string): Address {
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (!url || !/^https?:$/.test(url.protocol) || url.username !== '' || url.search !== '' || url.hash !== '')
    throw new TrackerError(
      'E_TRACKER_URL',
      `invalid tracker: ${quote(text)} (an address like http://127.0.0.1:8080 expected)`,
    )
  return `${url.origin}${url.pathname.replace(/\/+$/, '')}`
}

/** Tells the tracker of a content, so that peers that know its hash can fetch the manifest. Rejects with TrackerError. */
export async function putManifest(tracker: Address, manifest: Manifest | StreamManifest): Promise<void> {
  await call(tracker, manifest.contentId, {
    method: 'PUT',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(manifest),
  })
}

/** Checks trackers' addresses. Throws TrackerError. */
export function parseTrackerUrls(texts: readonly string[]): Address[] {
  if (texts.length === 0)
    throw new TrackerError('E_TRACKER_URL', 'invalid trackers: none (one address or more expected)')
  return [...new Set(texts.map(parseTrackerUrl))]
}

/** Tells all trackers of a content; it is enough that one can be told. Rejects with the first one's TrackerError. */
export async function putManifestSomewhere(
  trackers: readonly Address[],
  manifest: Manifest | StreamManifest,
  warning: (error: Error) => void,
): Promise<void> {
  const told = await Promise.allSettled(trackers.map((tracker) => putManifest(tracker, manifest)))
  const errors = told.filter((one) => one.status === 'rejected').map(({ reason }) => reason as Error)
  if (errors.length === trackers.length) throw errors[0]
  for (const error of errors) warning(error)
}

/** Fetches a content's manifest from the first tracker that has it. Rejects with the first one's TrackerError. */
export const fetchManifestSomewhere = (
  trackers: readonly Address[],
  contentId: ContentId,
): Promise<Manifest> => firstOf(trackers, (tracker) => fetchManifest(tracker, contentId))

/** Fetches a live stream's manifest from the first tracker that has it. Rejects with the first one's TrackerError. */
export const fetchStreamSomewhere = (
  trackers: readonly Address[],
  contentId: ContentId,
): Promise<StreamManifest> => firstOf(trackers, (tracker) => fetchStream(tracker, contentId))

async function firstOf<T>(trackers: readonly Address[], ask: (tracker: Address) => Promise<T>): Promise<T> {
  let first: unknown
  for (const tracker of trackers)
    try {
      return await ask(tracker)
    } catch (error) {
      first ??= error
    }
  throw first
}

/** Registers a manifest again where the tracker has forgotten it. Rejects with TrackerError. */
export async function refreshManifest(tracker: Address, manifest: Manifest | StreamManifest): Promise<void> {
  try {
    await call(tracker, manifest.contentId, { method: 'HEAD' })
  } catch (error) {
    if (!(error instanceof TrackerError) || error.code !== 'E_UNKNOWN_CONTENT') throw error
    await putManifest(tracker, manifest)
  }
}

/** Fetches a content's manifest and checks it against the hash. Rejects with TrackerError. */
export const fetchManifest = (tracker: Address, contentId: ContentId): Promise<Manifest> =>
  fetchDescription(tracker, contentId, (value) => {
    if (isStream(value)) throw new TypeError('it is a live stream (see it with: seedbed peer live watch)')
    const manifest = parseManifest(value)
    return contentIdOf(manifest) === manifest.contentId ? manifest : undefined
  })

/** Fetches a live stream's manifest and checks it against the hash. Rejects with TrackerError. */
export const fetchStream = (tracker: Address, contentId: ContentId): Promise<StreamManifest> =>
  fetchDescription(tracker, contentId, (value) => {
    if (!isStream(value)) throw new TypeError('it is no live stream (fetch it with: seedbed peer get)')
    const stream = parseStream(value)
    return streamIdOf(stream) === stream.contentId ? stream : undefined
  })

const isStream = (value: unknown): boolean =>
  typeof value === 'object' && value !== null && 'publicKey' in value

/** `parse` throws where the value has not the form, and returns undefined where its hash is another. */
async function fetchDescription<T extends { readonly contentId: ContentId }>(
  tracker: Address,
  contentId: ContentId,
  parse: (value: unknown) => T | undefined,
): Promise<T> {
  const text = await call(tracker, contentId, { method: 'GET' })
  try {
    const manifest = parse(JSON.parse(text))
    if (manifest?.contentId === contentId) return manifest
  } catch (error) {
    throw new TrackerError(
      'E_MANIFEST',
      `${tracker} sent no valid manifest for ${contentId}: ${messageOf(error)}`,
      error,
    )
  }
  throw new TrackerError(
    'E_MANIFEST',
    `${tracker} sent a manifest that does not fit ${contentId} (don't trust it)`,
  )
}

async function call(tracker: Address, contentId: ContentId, init: RequestInit): Promise<string> {
  const answer = await callTracker(tracker, `/v1/contents/${contentId}`, init, LIMITS.manifestBytes)
  if (answer.status >= 200 && answer.status < 300) return answer.text
  if (answer.status === 404)
    throw new TrackerError(
      'E_UNKNOWN_CONTENT',
      `${tracker} knows no content ${contentId} (check the hash; someone must be running: seedbed peer seed FILE)`,
    )
  throw refusedBy(tracker, answer)
}
