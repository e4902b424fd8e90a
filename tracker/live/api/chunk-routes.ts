import { z } from 'zod'
import { LIMITS } from '../../../peer/protocol/limits.ts'
import type { ChunkHolders } from '../../core/chunk-map.ts'
import type { Member } from '../../core/member.ts'
import { type ContentKey, contentKey } from '../content-key.ts'
import { HttpError } from '../errors.ts'
import { dialable } from '../holdings.ts'
import { sendRange } from '../send-range.ts'
import { contentRef, holderSchema, NOT_FOUND, orNull, peerRef, wholeNumber } from './fields.ts'
import type { ApiParts } from './parts.ts'
import { type Checked, type Route, route } from './route.ts'

const MOST_CHUNKS = 1024
const MOST_HOLDERS = 40

const content = z.object({ content: contentRef })
const chunkPath = content.extend({ chunk: wholeNumber(0, LIMITS.chunksPerContent - 1) })

const asked = {
  peer: peerRef.optional().meta({
    description: 'For whom holders are ranked; itself it is never named. Without it, for a stranger',
  }),
  holders: wholeNumber(1, MOST_HOLDERS).default(10).meta({
    type: 'integer',
    minimum: 1,
    maximum: MOST_HOLDERS,
    default: 10,
    description: 'Most holders a chunk',
  }),
}

const mapSchema = z
  .object({
    content: z.string(),
    chunkCount: z.int().meta({ description: 'chunks of the whole content; 0 where nobody is there' }),
    from: z.int(),
    policy: z.string().meta({ description: 'the policy that ranked' }),
    policyVersion: z.string(),
    peers: z.array(holderSchema).meta({ description: 'everybody named below' }),
    chunks: z.array(
      z.object({
        chunk: z.int(),
        holders: z.array(z.string()).meta({ description: 'peer ids, best first' }),
      }),
    ),
  })
  .meta({ id: 'ChunkMap' })

const chunkSchema = z
  .object({
    ...{ content: z.string(), chunk: z.int(), policy: z.string(), policyVersion: z.string() },
    holders: z.array(holderSchema).meta({ description: 'best first, origins last' }),
  })
  .meta({ id: 'ChunkHolders' })

const BYTES = { description: 'The bytes', type: 'application/octet-stream' }
const DOWNLOAD = {
  200: BYTES,
  206: { ...BYTES, description: 'The bytes that the Range header asks for' },
  404: NOT_FOUND,
  416: { ...NOT_FOUND, description: 'The range lies outside' },
  502: { ...NOT_FOUND, description: 'The origin does not answer as it should' },
  503: { ...NOT_FOUND, description: 'The origin is busy' },
}

/** Who holds which chunk, and chunks from the origin. */
export function chunkRoutes(parts: ApiParts): Route[] {
  const { tracker, originContents } = parts
  const holdersOf = (
    key: ContentKey,
    { host, query }: { host: string; query: { peer?: string | undefined; holders: number } },
    firstChunk: number,
    chunks: number,
  ): ChunkHolders[] => {
    const requester = { peerId: query.peer ?? '', region: parts.regionOf(host) }
    return tracker.chunkMap(key.swarm, requester, { firstChunk, chunks, holders: query.holders })
  }
  const policyOf = (key: ContentKey): { policy: string; policyVersion: string } => {
    const { name, version } = parts.policiesOf(key.swarm).ranker
    return { policy: name, policyVersion: version }
  }

  return [
    route({
      ...{
        method: 'get',
        path: '/v1/contents/{content}/chunks',
        name: 'chunkMap',
        tag: 'contents',
        cost: 'read',
      },
      summary: 'Who holds which chunk, best first for one requester',
      params: content,
      home: ({ params }) => contentKey(params.content).swarm,
      query: z.object({
        ...asked,
        from: wholeNumber(0, LIMITS.chunksPerContent - 1).default(0),
        count: wholeNumber(1, MOST_CHUNKS).default(256),
      }),
      responses: { 200: { description: 'Chunks that nobody holds are left out', body: mapSchema } },
      handle: (request) => {
        const { params, query, res } = request
        const key = contentKey(params.content)
        const map = holdersOf(key, request, query.from, query.count)
        const peers = new Map(map.flatMap(({ holders }) => holders.map((member) => [member.peerId, member])))
        res.json({
          ...{ content: key.ref, chunkCount: tracker.swarm(key.swarm)?.chunkCount ?? 0, from: query.from },
          ...policyOf(key),
          peers: [...peers.values()].map(describeHolder),
          chunks: map.map(({ chunk, holders }) => ({ chunk, holders: holders.map(({ peerId }) => peerId) })),
        } satisfies z.input<typeof mapSchema>)
      },
    }),
    route({
      ...{ method: 'get', path: '/v1/contents/{content}/chunks/{chunk}', name: 'chunkHolders', cost: 'read' },
      ...{ tag: 'contents', summary: 'Who holds one chunk, best first for one requester' },
      params: chunkPath,
      home: ({ params }) => contentKey(params.content).swarm,
      query: z.object(asked),
      responses: { 200: { description: 'Empty where nobody holds it', body: chunkSchema } },
      handle: (request) => {
        const { chunk } = request.params
        const key = contentKey(request.params.content)
        const [found] = holdersOf(key, request, chunk, 1)
        request.res.json({
          ...{ content: key.ref, chunk },
          ...policyOf(key),
          holders: (found?.holders ?? []).map(describeHolder),
        } satisfies z.input<typeof chunkSchema>)
      },
    }),
    route({
      ...{ method: 'get', path: '/v1/contents/{content}/chunks/{chunk}/data', name: 'downloadChunk' },
      ...{ tag: 'contents', cost: 'read', summary: 'A chunk, or a part of it, from the origin' },
      params: chunkPath,
      home: ({ params }) => manifestHome(params.content),
      responses: DOWNLOAD,
      handle: (request) => sendChunk(parts, request, request.params.content, request.params.chunk),
    }),
    route({
      ...{ method: 'get', path: '/v1/contents/{content}/data', name: 'downloadContent', tag: 'contents' },
      ...{ cost: 'read', summary: 'A whole content, or a part of it, from the origin: good as a web seed' },
      params: content,
      home: ({ params }) => manifestHome(params.content),
      responses: DOWNLOAD,
      handle: async ({ params, req, res }) => {
        const { file } = await originContents.open(contentKey(params.content))
        await sendRange(req, res, file, 0, file.bytes)
      },
    }),
  ]
}

/** Who knows how a content is cut; what goes by its name at the origin is cut alike by all. */
export function manifestHome(ref: string): string | undefined {
  const { kind, swarm } = contentKey(ref)
  return kind === 'name' ? undefined : swarm
}

/** Answers with a chunk from the origin. Rejects with HttpError where it has none. */
export async function sendChunk(
  { originContents }: ApiParts,
  { req, res }: Pick<Checked<undefined, undefined, undefined>, 'req' | 'res'>,
  ref: string,
  chunk: number,
): Promise<void> {
  const { file, shape } = await originContents.open(contentKey(ref))
  if (chunk >= shape.chunks) {
    await file.close()
    throw new HttpError(404, 'E_CHUNK', `invalid chunk: ${chunk} (0 to ${shape.chunks - 1})`)
  }
  const first = chunk * shape.chunkBytes
  await sendRange(req, res, file, first, Math.min(shape.chunkBytes, shape.totalBytes - first))
}

const describeHolder = (member: Member): z.input<typeof holderSchema> => ({
  peer: member.peerId,
  address: dialable(member),
  region: member.region === '' ? null : member.region,
  isOrigin: member.isOrigin,
  completeness: orNull(member.completeness),
  uploadSlots: orNull(member.uploadSlots),
  activeUploads: orNull(member.active),
  queuedUploads: orNull(member.queued),
  uploadBps: orNull(member.uploadBps),
  goodputBps: orNull(member.goodputBps),
  successShare: orNull(member.successShare),
})
