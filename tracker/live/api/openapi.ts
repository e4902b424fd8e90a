import { OpenAPIRegistry, OpenApiGeneratorV31, type ResponseConfig } from '@asteasolutions/zod-to-openapi'
import { errorSchema } from './fields.ts'
import type { ResponseSpec, Route } from './route.ts'

const TAGS = [
  { name: 'contents', description: 'Who holds which chunk, and chunks from the origin' },
  { name: 'peers', description: 'What peers tell the tracker' },
  { name: 'statistics', description: 'Swarms, health, metrics' },
  { name: 'admin', description: 'Models and policies; needs a token of the role `admin`' },
  { name: 'old names', description: 'For clients of an older tracker' },
]

const ABOUT = `Ranks the seeds that it tells peers of. Errors are \`{"error":{"code","message"}}\`. BitTorrent clients
announce at \`/announce\` and scrape at \`/scrape\` (BEP 3, 48), over UDP (BEP 15) and over WebSockets, which this document leaves out.`

/** The OpenAPI 3.1 document of the routes, from the very schemas that check requests. */
export function openApiDocument(routes: readonly Route[], version: string): object {
  const registry = new OpenAPIRegistry()
  registry.registerComponent('securitySchemes', 'token', {
    ...{ type: 'http', scheme: 'bearer', bearerFormat: 'JWT' },
    description: '`seedbed tracker token` mints one',
  })
  for (const route of routes)
    registry.registerPath({
      ...{ method: route.method, path: route.path, operationId: route.name, tags: [route.tag] },
      summary: route.summary,
      ...(route.description === undefined ? {} : { description: route.description }),
      ...(route.isDeprecated ? { deprecated: true } : {}),
      ...(route.role ? { security: [{ token: [] }] } : {}),
      request: requestOf(route),
      responses: responsesOf(route),
    })
  return new OpenApiGeneratorV31(registry.definitions).generateDocument({
    openapi: '3.1.0',
    info: { title: 'Seedbed tracker', version, description: ABOUT, license: { name: 'MIT' } },
    tags: TAGS,
    servers: [{ url: '/' }],
  })
}

const BYTES = { type: 'string', format: 'binary' } as const

function requestOf({ params, query, body, rawType, rawBody }: Route) {
  const type = rawType ?? 'application/json'
  const schema = rawType === undefined ? body : (rawBody ?? BYTES)
  return {
    ...(params ? { params } : {}),
    ...(query ? { query } : {}),
    ...(schema ? { body: { required: true, content: { [type]: { schema } } } } : {}),
  }
}

function responsesOf({ responses, role, cost }: Route): Record<string, ResponseConfig> {
  const all: Record<string, ResponseSpec> = { ...responses }
  const error = (description: string): ResponseSpec => ({ description, body: errorSchema })
  all['400'] ??= error('The request is not valid; the message says what is expected')
  if (role) {
    all['401'] = error('A token is needed, or this one does not do')
    all['403'] ??= error('The token is for something else')
  }
  if (cost !== 'free') all['429'] = error('Too many requests: Retry-After says when to go on')
  return Object.fromEntries(
    Object.entries(all).map(([status, { description, body, type = 'application/json' }]) => {
      const schema = body ?? (type === 'application/json' ? undefined : ({ type: 'string' } as const))
      return [status, { description, ...(schema ? { content: { [type]: { schema } } } : {}) }]
    }),
  )
}
