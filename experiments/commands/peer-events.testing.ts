import { z } from 'zod'

// The events that docs/playing.md describes, and nothing beside them.

const bytes = z.int().min(0)
const count = z.int().min(0)
const rate = z.number().min(0)
const base = { time: z.iso.datetime() }

const stats = z.strictObject({
  ...{ downloadedBytes: bytes, uploadedBytes: bytes, wastedBytes: bytes },
  ...{ fromOriginBytes: bytes, fromSeedBytes: bytes, fromPeerBytes: bytes },
  ...{ announces: count, answeredAnnounces: count, failedAnnounces: count },
})
const stream = z.strictObject({
  ...{ contentId: z.string(), name: z.string(), chunkBytes: count, rateBps: rate, publicKey: z.string() },
})
const content = { contentId: z.string(), name: z.string(), totalBytes: bytes, chunks: count }
const sourceFigures = {
  ...{ chunks: count, mediaBytes: bytes, uploadedBytes: bytes, neighbours: count },
  ...{ isEmitting: z.boolean(), isInputWaiting: z.boolean() },
}
const watchFigures = {
  ...{ playedChunks: count, skippedChunks: count, continuity: z.number().min(0).max(1).nullable() },
  ...{ playedBytes: bytes, droppedBytes: bytes, neighbours: count, isPlaying: z.boolean(), stats },
}
const role = <T extends string>(...roles: [T, ...T[]]) => z.enum(roles)

const ready = { ...base, event: z.literal('ready'), address: z.string() }
const progress = { ...base, event: z.literal('progress') }
const done = { ...base, event: z.literal('done') }
const download = {
  ...{ haveChunks: count, fetchingChunks: count, downloadBps: rate, uploadBps: rate },
  ...{ etaS: count.nullable(), neighbours: count, stats },
}
const whole = {
  ...{ path: z.string(), contentId: z.string(), bytes, resumedChunks: count },
  ...{ durationMs: rate, stats },
}
const sharedFile = z.strictObject({ file: z.string(), ...content })
const sharedTorrent = z.strictObject({
  ...{ path: z.string(), infoHash: z.string(), magnet: z.string(), name: z.string() },
  ...{ totalBytes: bytes, chunks: count, files: count },
})

/** What `--json` prints, a line. */
export const peerEvent = z.union([
  z.strictObject({ ...ready, role: role('seed'), contents: z.array(z.union([sharedFile, sharedTorrent])) }),
  z.strictObject({ ...ready, role: role('get'), ...content, resumedChunks: count }),
  z.strictObject({
    ...{ ...ready, role: role('serve'), ...content, resumedChunks: count },
    ...{ page: z.url(), url: z.url(), playlistUrl: z.url() },
  }),
  z.strictObject({ ...ready, role: role('source', 'watch'), stream }),
  z.strictObject({ ...progress, role: role('get', 'serve'), ...content, ...download }),
  z.strictObject({
    ...{ ...progress, role: role('seed'), name: z.string().optional() },
    ...{ contents: count, neighbours: count, uploadedBytes: bytes, uploadBps: rate },
  }),
  z.strictObject({ ...progress, role: role('source'), name: z.string(), ...sourceFigures, uploadBps: rate }),
  z.strictObject({ ...progress, role: role('watch'), name: z.string(), ...watchFigures, downloadBps: rate }),
  z.strictObject({ ...base, event: z.literal('note'), text: z.string() }),
  z.strictObject({ ...done, role: role('get', 'serve'), ...whole }),
  z.strictObject({ ...done, role: role('seed'), uploadedBytes: bytes }),
  z.strictObject({ ...done, role: role('source'), ...sourceFigures }),
  z.strictObject({
    ...{ ...done, role: role('watch'), end: role('end-of-stream', 'nobody-reads', 'interrupted') },
    ...watchFigures,
  }),
])
