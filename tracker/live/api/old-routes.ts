import { z } from 'zod'
import { LIMITS } from '../../../peer/protocol/limits.ts'
import { contentKey } from '../content-key.ts'
import { manifestHome, sendChunk } from './chunk-routes.ts'
import { chunkNumber, contentRef, errorSchema, NOT_FOUND, peerRef, wholeNumber } from './fields.ts'
import type { ApiParts } from './parts.ts'
import { cleanUp } from './peer-routes.ts'
import { type Route, route } from './route.ts'

const MOST_HOLDERS = 40

const told = z.looseObject({ message: z.string() })

/** The names that clients of an older tracker use; their answers have the old shape. */
export function oldRoutes(parts: ApiParts): Route[] {
  const { tracker, holdings, originContents, regionOf } = parts
  const old = { tag: 'old names', isDeprecated: true } as const
  return [
    route({
      ...{ method: 'get', path: '/get_chunk_map', name: 'oldChunkMap', cost: 'read', ...old },
      summary: 'Who holds which chunk: `GET /v1/contents/{content}/chunks`',
      query: z.object({ movie: contentRef, peerId: peerRef.optional() }),
      home: ({ query }) => contentKey(query.movie).swarm,
      responses: {
        200: {
          description: 'Peer ids by chunk, best first',
          body: z.record(z.string(), z.array(z.string())),
        },
      },
      handle: ({ query, host, res }) => {
        const { swarm } = contentKey(query.movie)
        const map = tracker.chunkMap(
          swarm,
          { peerId: query.peerId ?? '', region: regionOf(host) },
          { firstChunk: 0, chunks: LIMITS.chunksPerContent, holders: MOST_HOLDERS },
        )
        res.json(
          Object.fromEntries(map.map(({ chunk, holders }) => [chunk, holders.map(({ peerId }) => peerId)])),
        )
      },
    }),
    route({
      ...{ method: 'post', path: '/register_chunk', name: 'oldRegisterChunk', cost: 'write', ...old },
      summary: 'A peer holds a chunk: `POST /v1/contents/{content}/chunks`',
      body: z.object({
        movie: contentRef,
        chunkIndex: z.union([chunkNumber, wholeNumber(0, LIMITS.chunksPerContent - 1)]),
        peerId: peerRef,
        port: z.int().min(1).max(65_535).optional(),
      }),
      home: ({ body }) => contentKey(body.movie).swarm,
      responses: {
        200: { description: 'Told', body: told },
        403: { description: 'The peer came from another address', body: errorSchema },
      },
      handle: async ({ body, host, role, res }) => {
        const content = contentKey(body.movie)
        holdings.register({
          ...{ content, peerId: body.peerId, host, port: body.port, chunks: [body.chunkIndex] },
          region: regionOf(host),
          chunkCount: await originContents.chunkCount(content, undefined),
          isTrusted: role === 'admin',
        })
        res.json({ message: `chunk ${body.chunkIndex} of ${body.movie} registered for peer ${body.peerId}` })
      },
    }),
    route({
      ...{ method: 'get', path: '/download_chunk', name: 'oldDownloadChunk', cost: 'read', ...old },
      summary: 'A chunk from the origin: `GET /v1/contents/{content}/chunks/{chunk}/data`',
      query: z.object({ movie: contentRef, chunkIndex: wholeNumber(0, LIMITS.chunksPerContent - 1) }),
      home: ({ query }) => manifestHome(query.movie),
      responses: { 200: { description: 'The bytes', type: 'application/octet-stream' }, 404: NOT_FOUND },
      handle: (request) => sendChunk(parts, request, request.query.movie, request.query.chunkIndex),
    }),
    route({
      ...{ method: 'post', path: '/cleanup_peer', name: 'oldCleanUpPeer', cost: 'write', ...old },
      summary: 'A peer has gone: `DELETE /v1/peers/{peer}`',
      body: z.object({ peerId: peerRef }),
      responses: {
        200: { description: 'Gone', body: told },
        403: { description: 'The peer came from another address', body: errorSchema },
      },
      handle: async ({ body, host, role, res }) => {
        const swarms = await cleanUp(parts, body.peerId, host, role === 'admin')
        res.json({ success: true, message: `peer ${body.peerId} has left ${swarms} swarms` })
      },
    }),
  ]
}
