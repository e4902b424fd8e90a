import { z } from 'zod'
import { encode } from '../../../peer/protocol/codec.ts'
import { endpointOf } from '../../../peer/protocol/endpoint.ts'
import { decodeAll, joinFrames, MAX_BODY_BYTES } from '../../../peer/protocol/frames.ts'
import { LIMITS } from '../../../peer/protocol/limits.ts'
import type { ChunkHeader, Message } from '../../../peer/protocol/messages.ts'
import { contentKey } from '../content-key.ts'
import { HttpError } from '../errors.ts'
import { swarmsLeft } from '../holdings.ts'
import type { TrackerMetrics } from '../metrics.ts'
import { NOT_FOUND, chunkNumber, contentRef, errorSchema, peerRef, shortText } from './fields.ts'
import type { ApiParts } from './parts.ts'
import { type Route, route } from './route.ts'

const FRAMES = 'application/octet-stream'
const MOST_CHUNKS = 1024

const REFUSED = { description: 'A limit is reached, or the content has another size', body: errorSchema }
const NOT_YOURS = { description: 'The peer came from another address', body: errorSchema }

/** What peers tell the tracker. */
export function peerRoutes(parts: ApiParts, { announces: { seedbed: meter } }: TrackerMetrics): Route[] {
  const { network, neighbours, holdings, originContents, regionOf } = parts
  return [
    route({
      ...{ method: 'post', path: '/v1/messages', name: 'messages', tag: 'peers', cost: 'announce' },
      summary: 'Messages of a Seedbed peer: announces, reports, leaves',
      description: 'Length-prefixed binary frames; the answer holds the frames that answer them.',
      ...{ rawType: FRAMES, bodyBytes: MAX_BODY_BYTES },
      responses: { 200: { description: 'Frames', type: FRAMES }, 409: REFUSED },
      handle: async ({ req, res, host }) => {
        const startedMs = performance.now()
        const body: unknown = req.body
        if (!Buffer.isBuffer(body))
          throw new HttpError(415, 'E_CONTENT_TYPE', `invalid content-type: ${FRAMES} expected`)
        const messages = decodeAll(body).map((message) => fromOutside(message, host))
        if (messages.length === 0) throw new HttpError(400, 'E_EMPTY', 'invalid body: no message in it')
        const answers = await (neighbours ?? network).exchange(host, messages)
        if (!answers) meter.refused++
        if (!answers)
          throw new HttpError(
            409,
            'E_REFUSED',
            'the tracker refuses: a limit is reached, or the content has another size',
          )
        for (const { type } of answers) if (type === 'candidates') meter.answered(startedMs)
        res.type(FRAMES).send(Buffer.from(joinFrames(answers.map(encode))))
      },
    }),
    route({
      ...{ method: 'post', path: '/v1/contents/{content}/chunks', name: 'registerChunks', tag: 'peers' },
      ...{ cost: 'write', summary: 'Tell which chunks a peer holds, besides those it has told of' },
      description:
        'The peer counts as a member of the swarm until it has been silent for the expiry of announces. Its address is the one that the request came from.',
      params: z.object({ content: contentRef }),
      home: ({ params }) => contentKey(params.content).swarm,
      body: z.strictObject({
        peer: peerRef,
        port: z
          .int()
          .min(1)
          .max(65_535)
          .optional()
          .meta({ description: 'Where it takes connections; needed where the content is named by a hash' }),
        chunks: z.array(chunkNumber).min(1).max(MOST_CHUNKS),
        chunkCount: z
          .int()
          .min(1)
          .max(LIMITS.chunksPerContent)
          .optional()
          .meta({ description: 'Chunks of the whole content, where the tracker can not know' }),
        region: shortText.optional(),
      }),
      responses: {
        200: {
          description: 'Told',
          body: z.object({
            ...{ content: z.string(), peer: z.string(), held: z.int(), chunkCount: z.int() },
            expiresMs: z.int().meta({ description: 'the peer should tell of itself again within this time' }),
          }),
        },
        ...{ 403: NOT_YOURS, 404: NOT_FOUND, 409: REFUSED },
      },
      handle: async ({ params, body, host, role, res }) => {
        const content = contentKey(params.content)
        const { swarm, member } = holdings.register({
          ...{ content, peerId: body.peer, host, port: body.port, chunks: body.chunks },
          region: body.region ?? regionOf(host),
          chunkCount: await originContents.chunkCount(content, body.chunkCount),
          isTrusted: role === 'admin',
        })
        res.json({
          ...{ content: content.ref, peer: member.peerId, held: member.chunks.count },
          ...{ chunkCount: swarm.chunkCount, expiresMs: holdings.expiryMs },
        })
      },
    }),
    route({
      ...{ method: 'delete', path: '/v1/peers/{peer}', name: 'cleanUpPeer', tag: 'peers', cost: 'write' },
      summary: 'Let a peer go, from one swarm or from all',
      params: z.object({ peer: peerRef }),
      query: z.object({ content: contentRef.optional() }),
      responses: {
        200: { description: 'Gone', body: z.object({ peer: z.string(), swarms: z.int() }) },
        403: NOT_YOURS,
      },
      home: ({ query }) => query.content && contentKey(query.content).swarm,
      handle: async ({ params: { peer }, query, host, role, res }) => {
        const isTrusted = role === 'admin'
        const swarms =
          query.content === undefined
            ? await cleanUp(parts, peer, host, isTrusted)
            : swarmsLeft(peer, [holdings.letGo(peer, host, isTrusted, contentKey(query.content))])
        res.json({ peer, swarms })
      },
    }),
  ]
}

/** Lets a peer go from all swarms, wherever they are held; returns how many it was in. Rejects with HttpError. */
export async function cleanUp(
  { holdings, neighbours }: ApiParts,
  peer: string,
  host: string,
  isTrusted: boolean,
): Promise<number> {
  const theirs = (await neighbours?.letGo(peer, host, isTrusted)) ?? []
  return swarmsLeft(peer, [holdings.letGo(peer, host, isTrusted), ...theirs])
}

/** A message as the tracker may believe it: only those that peers send, with the address that the request came from. */
function fromOutside(message: Message, remoteHost: string): Exclude<Message, ChunkHeader> {
  switch (message.type) {
    case 'announce':
      return { ...message, address: endpointOf(remoteHost, message.address) }
    case 'report':
    case 'leave':
      return message
    default:
      throw new HttpError(400, 'E_MESSAGE', `invalid message: ${message.type} (announce, report or leave)`)
  }
}
