import { z } from 'zod'
import { isDigest, quote } from '../../../peer/protocol/ids.ts'
import { LIMITS } from '../../../peer/protocol/limits.ts'
import { HttpError } from '../errors.ts'
import { errorSchema, NOT_FOUND } from './fields.ts'
import type { ApiParts } from './parts.ts'
import { type Route, route } from './route.ts'

const path = z.object({ content: z.string().meta({ description: 'A content id: 64 hex digits' }) })

const manifestSchema = z
  .looseObject({
    contentId: z.string(),
    name: z.string(),
    totalBytes: z.int(),
    chunkBytes: z.int(),
    digests: z.array(z.string()).meta({ description: 'SHA-256 of each chunk, as hex digits' }),
  })
  .meta({ id: 'Manifest' })

const streamSchema = z
  .looseObject({
    contentId: z.string(),
    name: z.string(),
    chunkBytes: z.int(),
    rateBps: z.number().meta({ description: 'Bytes of chunks a second' }),
    publicKey: z.string().meta({ description: 'Ed25519 key that chunks are signed with, as hex digits' }),
  })
  .meta({ id: 'StreamManifest' })

/** Manifests: what a peer must know of a content before it can fetch and verify it. */
export function contentRoutes({ contents }: ApiParts): Route[] {
  return [
    route({
      ...{
        method: 'put',
        path: '/v1/contents/{content}',
        name: 'putManifest',
        tag: 'contents',
        cost: 'write',
      },
      summary: 'Register the manifest of a content or a live stream',
      params: path,
      home: ({ params }) => params.content,
      // The manifest's own parser checks it: it says what is wrong, and is what peers use.
      body: z.unknown().meta({ type: 'object', description: 'A manifest, see the reply of the GET' }),
      bodyBytes: LIMITS.manifestBytes,
      responses: {
        200: { description: 'It was known', body: z.object({ contentId: z.string() }) },
        201: { description: 'It is new', body: z.object({ contentId: z.string() }) },
        413: { description: 'It is too long', body: errorSchema },
        422: { description: 'It does not hash to the content id', body: errorSchema },
      },
      handle: ({ params, body, res }) => {
        const contentId = hashOf(params.content)
        const isNew = contents.put(contentId, body)
        res.status(isNew ? 201 : 200).json({ contentId })
      },
    }),
    route({
      ...{ method: 'get', path: '/v1/contents/{content}', name: 'manifest', tag: 'contents', cost: 'read' },
      summary: 'The manifest of a content or a live stream',
      params: path,
      home: ({ params }) => params.content,
      responses: {
        200: { description: 'The manifest', body: z.union([manifestSchema, streamSchema]) },
        404: NOT_FOUND,
      },
      handle: ({ params, res }) => {
        const contentId = hashOf(params.content)
        const manifest = contents.get(contentId)
        if (manifest === undefined)
          throw new HttpError(
            404,
            'E_UNKNOWN_CONTENT',
            `no content ${contentId} (a seed must register it first)`,
          )
        res.type('json').send(manifest)
      },
    }),
  ]
}

function hashOf(ref: string): string {
  if (isDigest(ref)) return ref
  throw new HttpError(400, 'E_HASH', `invalid hash: ${quote(ref)} (64 hex digits expected)`)
}
