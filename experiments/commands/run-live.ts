import { generateKeyPairSync, type KeyObject } from 'node:crypto'
import { createReadStream, createWriteStream } from 'node:fs'
import { open, readFile, stat, writeFile } from 'node:fs/promises'
import { basename } from 'node:path'
import type { Readable, Writable } from 'node:stream'
import { LIVE_DEFAULTS, type LiveSettings } from '../../peer/core/live-options.ts'
import type { LivePeerOptions } from '../../peer/live/compose.ts'
import { fileError } from '../../peer/live/errors.ts'
import { readStreamKey } from '../../peer/live/stream-signature.ts'
import { describeStream, startSource } from '../../peer/live/stream-source.ts'
import { startWatch } from '../../peer/live/stream-watch.ts'
import type { StreamManifest } from '../../peer/protocol/stream.ts'
import { UsageError } from '../errors.ts'
import { bytesText, sourcesText } from './peer-text.ts'
import { nodeOptions } from './node-options.ts'
import type { Output } from './output.ts'
import type { PeerArguments } from './peer-options.ts'
import type { PeerView } from './peer-view.ts'
import { withPeer } from './run-peer.ts'
import { aborted } from './stop-signal.ts'
import { continuityText, SourceFace, streamFields, WatchFace } from './stream-views.ts'

export interface SourceArguments extends PeerArguments {
  media: string
  /** Bytes a second. */
  rate: number
  chunkBytes: number | undefined
  name: string | undefined
  key: string | undefined
  standby: boolean
  /** Milliseconds since 1970. */
  begins: number | undefined
}

export interface WatchArguments extends PeerArguments {
  hash: string
  out: string
  /** Milliseconds. */
  buffer: number
  giveUpAfter: number | undefined
}

/** Streams a file or standard input until it ends, or until it is told to stop. */
export async function runSource(
  given: SourceArguments,
  stdin: Readable,
  output: Output,
  stop: AbortSignal,
): Promise<void> {
  await withPeer(given, output, stop, async (options, view) => {
    const isFile = given.media !== '-'
    const key = await keyOf(given.key)
    const name = given.name ?? (isFile ? basename(given.media) : 'live')
    const manifest = describeStream({ name, rateBps: given.rate, chunkBytes: given.chunkBytes }, key)
    const input = isFile ? await openMedia(given.media) : stdin
    const source = await startSource({
      ...nodeOptions(options),
      ...{ manifest, key, input, isExact: isFile, isStandby: given.standby },
      beginsMs: given.begins ?? Date.now(),
      tookOver: () => view.note('took over: the first source is silent'),
    })
    try {
      view.event('ready', { role: 'source', address: source.address, stream: streamFields(manifest) })
      if (!given.json) output.out.write(invitation(given, manifest, source.address))
      view.show(new SourceFace(source, !isFile), source.address)
      await Promise.race([source.done, aborted(stop)])
      if (stop.aborted) {
        source.finish()
        view.note('the stream ends; its last seconds are still handed out (interrupt again to leave at once)')
        await source.done
      }
      view.close()
      view.event('done', { role: 'source', ...source.figures })
      const { mediaBytes, uploadedBytes } = source.figures
      if (!given.json)
        output.err.write(`${bytesText(mediaBytes)} streamed, ${bytesText(uploadedBytes)} uploaded\n`)
    } finally {
      view.close()
      await source.leave()
    }
  })
}

const invitation = (
  { tracker }: SourceArguments,
  { name, contentId }: StreamManifest,
  address: string,
): string =>
  `${name} is streamed from ${address}; watch it with:\n` +
  `  npx seedbed peer live watch ${contentId} ${tracker.map((url) => `--tracker ${url}`).join(' ')} | mpv -\n`

/** Plays a stream until it ends, nobody reads it, or it is told to stop. */
export async function runWatch(
  given: WatchArguments,
  stdout: Writable & { readonly isTTY?: boolean },
  output: Output,
  stop: AbortSignal,
): Promise<void> {
  if (given.out === '-' && stdout.isTTY === true)
    throw new UsageError('the stream would be written to the terminal: add | mpv - or --out FILE')
  const play = async (options: LivePeerOptions, view: PeerView): Promise<void> => {
    const file = given.out === '-' ? undefined : await createMedia(given.out)
    const { giveUpAfter, hash: contentId } = given
    const watch = await startWatch({
      ...nodeOptions(options),
      contentId,
      output: file ?? stdout,
      live: bufferSettings(given.buffer),
      ...(giveUpAfter !== undefined && { giveUpMs: 1000 * giveUpAfter }),
    })
    try {
      const { address, manifest } = watch
      view.event('ready', { role: 'watch', address, stream: streamFields(manifest) })
      view.show(new WatchFace(watch), address)
      const end = (await Promise.race([watch.done, aborted(stop)])) ?? 'interrupted'
      view.close()
      const { figures } = watch
      view.event('done', { role: 'watch', end, ...figures })
      if (!given.json)
        output.err.write(
          `${bytesText(figures.playedBytes)} played, ${continuityText(figures)}${figures.stats.downloadedBytes > 0 ? `, ${sourcesText(figures.stats)}` : ''}\n`,
        )
    } finally {
      view.close()
      await watch.leave()
      if (file) await new Promise<void>((resolve) => file.end(resolve))
    }
  }
  // Standard output carries the stream: programs read events where people read the display.
  await withPeer(given, output, stop, play, output.err)
}

/** A longer buffer needs a longer window around it, and more patience. */
function bufferSettings(startBufferMs: number): Partial<LiveSettings> {
  const { windowMs, keepPlayedMs, startPatienceMs } = LIVE_DEFAULTS
  return {
    startBufferMs,
    windowMs: Math.max(windowMs, 2 * (startBufferMs + keepPlayedMs)),
    startPatienceMs: Math.max(startPatienceMs, 2 * startBufferMs),
  }
}

/** Reads the key of a file, which is made where there is none; a fresh one without a file. */
async function keyOf(path: string | undefined): Promise<KeyObject> {
  const fresh = (): KeyObject => generateKeyPairSync('ed25519').privateKey
  if (path === undefined) return fresh()
  try {
    return readStreamKey(await readFile(path, 'utf8'))
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT')
      throw new UsageError(`invalid --key: ${path} (${(error as Error).message})`)
  }
  const key = fresh()
  await writeFile(path, key.export({ format: 'pem', type: 'pkcs8' }), { mode: 0o600 }).catch((error) => {
    throw fileError('write', path, error)
  })
  return key
}

async function openMedia(path: string): Promise<Readable> {
  try {
    if (!(await stat(path)).isFile()) throw new UsageError(`invalid media: ${path} (a file, or - expected)`)
    return createReadStream(path)
  } catch (error) {
    throw fileError('read', path, error)
  }
}

async function createMedia(path: string): Promise<Writable> {
  try {
    const file = await open(path, 'w')
    return createWriteStream(path, { fd: file, autoClose: true })
  } catch (error) {
    throw fileError('write', path, error)
  }
}
