import { parseEndpoint } from '../../peer/protocol/endpoint.ts'
import { type GetResult, type LivePeerOptions, startGet, startSeed } from '../../peer/live/compose.ts'
import { durationText } from '../text.ts'
import { bytesText, GetProgress, sourcesText } from './get-progress.ts'
import { type LiveParts, openLiveParts } from './live-options.ts'
import type { Output } from './output.ts'
import type { PeerArguments } from './peer-options.ts'
import { aborted, InterruptedError } from './stop-signal.ts'

export interface SeedArguments extends PeerArguments {
  files: string[]
  origin: boolean
  chunkBytes: number
}

export interface GetArguments extends PeerArguments {
  hash: string
  out: string
  stay: boolean
  giveUpAfter: number | undefined
}

/** Seeds files until it is told to stop. */
export async function runSeed(given: SeedArguments, output: Output, stop: AbortSignal): Promise<void> {
  await withParts(given, output, stop, async (options) => {
    const handle = await startSeed({
      ...options,
      files: given.files,
      chunkBytes: given.chunkBytes,
      isOrigin: given.origin,
    })
    const { address, contents } = handle
    if (given.json)
      output.out.write(
        `${JSON.stringify({
          address,
          contents: contents.map(({ file, manifest: { contentId, name, totalBytes, digests } }) => ({
            ...{ file, contentId, name, totalBytes, chunks: digests.length },
          })),
        })}\n`,
      )
    else
      for (const { manifest } of contents)
        output.out.write(
          `${manifest.name} (${bytesText(manifest.totalBytes)}) is shared from ${address}; get it with:\n` +
            `  npx seedbed peer get ${manifest.contentId} ${given.tracker.map((url) => `--tracker ${url}`).join(' ')} -o DIR\n`,
        )
    await aborted(stop)
    await handle.leave()
    const uploadedBytes = contents.reduce((sum, { peer }) => sum + peer.stats.uploadedBytes, 0)
    output.err.write(`left; ${bytesText(uploadedBytes)} uploaded\n`)
  })
}

/** Fetches a file. Rejects with InterruptedError where it is told to stop before that. */
export async function runGet(given: GetArguments, output: Output, stop: AbortSignal): Promise<void> {
  await withParts(given, output, stop, async (options) => {
    const { giveUpAfter, hash: contentId, out: outDir } = given
    const settings = {
      ...options.settings,
      ...(giveUpAfter !== undefined && { giveUpMs: 1000 * giveUpAfter }),
    }
    const handle = await startGet({ ...options, settings, contentId, outDir })
    const { manifest, resumedChunks, peer } = handle
    if (resumedChunks > 0 && !peer.isComplete)
      output.err.write(
        `${resumedChunks} of ${manifest.digests.length} chunks are there from an earlier try\n`,
      )
    const progress = new GetProgress(output.err, manifest, peer)
    try {
      const result = await Promise.race([handle.done, aborted(stop)])
      if (!result)
        throw new InterruptedError(
          `${manifest.name} is not whole (what is verified is kept: get it again to go on)`,
        )
      progress.close()
      output.out.write(`${given.json ? resultJson(result) : resultText(result)}\n`)
      if (given.stay) await aborted(stop)
    } finally {
      progress.close()
      await handle.leave()
    }
  })
}

function resultJson({ path, manifest, resumedChunks, durationMs, stats }: GetResult): string {
  const { contentId, totalBytes } = manifest
  return JSON.stringify({ path, contentId, bytes: totalBytes, resumedChunks, durationMs, stats })
}

function resultText({ path, manifest, durationMs, stats }: GetResult): string {
  const what = `${path} (${bytesText(manifest.totalBytes)})`
  if (stats.downloadedBytes === 0) return `${what} was whole already`
  return `${what} in ${durationText(durationMs / 1000)}, ${sourcesText(stats)}`
}

/** Runs a peer with what its command line asks for, and writes its last outcome rows. */
export async function withParts(
  given: PeerArguments,
  output: Output,
  stop: AbortSignal,
  run: (options: LivePeerOptions) => Promise<void>,
): Promise<void> {
  const warn = (text: string): void => void output.err.write(`note: ${text}\n`)
  const parts: LiveParts = await openLiveParts('peer', given, warn)
  const { tracker: trackers, region, uploadSlots, seed } = given
  try {
    await run({
      trackers,
      region,
      seed,
      listen: parseEndpoint(given.listen),
      policy: parts.policy,
      model: parts.model,
      recorder: parts.outcomes?.recorder,
      signal: stop,
      ...(uploadSlots !== undefined && { settings: { uploadSlots } }),
      warning: (error) => warn(error.message),
    })
  } finally {
    await parts.close()
  }
}
