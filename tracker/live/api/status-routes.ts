import { AggregatorRegistry } from 'prom-client'
import { z } from 'zod'
import { contentKey } from '../content-key.ts'
import { HttpError } from '../errors.ts'
import type { TrackerMetrics } from '../metrics.ts'
import { addStats, describeSwarm, swarmStats } from '../swarm-stats.ts'
import { contentRef, NOT_FOUND } from './fields.ts'
import type { ApiParts } from './parts.ts'
import { type Route, route } from './route.ts'

const swarmSchema = z
  .object({
    ...{ contentId: z.string(), chunks: z.int(), origins: z.int(), seeds: z.int(), leechers: z.int() },
    completions: z.int().meta({ description: 'downloads completed while the tracker has known the swarm' }),
  })
  .meta({ id: 'Swarm' })

const swarmsSchema = z
  .object({
    ...{ swarms: z.int(), peers: z.int(), announces: z.int(), contents: z.int() },
    ...{ policy: z.string(), policyVersion: z.string() },
    largest: z.array(swarmSchema).meta({ description: 'the largest first, at most 1,000' }),
  })
  .meta({ id: 'Swarms' })

const statusSchema = z.object({
  status: z.string(),
  shards: z
    .object({ up: z.int(), all: z.int() })
    .optional()
    .meta({ description: 'processes that answer, where there are several' }),
})

/** Swarm statistics and how the tracker does. */
export function statusRoutes(parts: ApiParts, { registry }: TrackerMetrics): Route[] {
  const { tracker, contents, neighbours } = parts
  const shards = () => neighbours && { shards: neighbours.shards }
  const free = { tag: 'statistics', cost: 'free' } as const
  return [
    route({
      ...{ method: 'get', path: '/v1/swarms', name: 'swarms', tag: 'statistics', cost: 'read' },
      summary: 'The tracker and its largest swarms',
      responses: { 200: { description: 'Statistics', body: swarmsSchema } },
      handle: async ({ res }) => {
        const own = swarmStats(tracker, contents, parts.mainRanker())
        res.json(neighbours ? addStats([own, ...(await neighbours.stats())]) : own)
      },
    }),
    route({
      ...{ method: 'get', path: '/v1/swarms/{content}', name: 'swarm', tag: 'statistics', cost: 'read' },
      summary: 'One swarm',
      params: z.object({ content: contentRef }),
      home: ({ params }) => contentKey(params.content).swarm,
      responses: { 200: { description: 'Statistics', body: swarmSchema }, 404: NOT_FOUND },
      handle: ({ params, res }) => {
        const { ref, swarm: id } = contentKey(params.content)
        const swarm = tracker.swarm(id)
        if (!swarm)
          throw new HttpError(404, 'E_UNKNOWN_SWARM', `nobody is in the swarm of ${JSON.stringify(ref)}`)
        res.json(describeSwarm(swarm))
      },
    }),
    route({
      ...{ method: 'get', path: '/metrics', name: 'metrics', tag: 'statistics', cost: 'read' },
      summary: 'Figures for Prometheus',
      responses: { 200: { description: 'Text of the exposition format', type: 'text/plain' } },
      handle: async ({ res }) => {
        res.setHeader('content-type', registry.contentType)
        // Of a process that is starting again nothing is in the sums.
        const whole = neighbours ? AggregatorRegistry.aggregate([...(await neighbours.metrics())]) : registry
        res.send(await whole.metrics())
      },
    }),
    route({
      ...{ method: 'get', path: '/health', name: 'health', ...free },
      summary: 'Whether the process answers',
      responses: { 200: { description: 'It does', body: statusSchema } },
      handle: ({ res }) => void res.json({ status: 'ok', ...shards() }),
    }),
    route({
      ...{ method: 'get', path: '/ready', name: 'ready', ...free },
      summary: 'Whether it takes requests',
      responses: {
        200: { description: 'It does', body: statusSchema },
        503: { description: 'It starts or stops, or a part of it does', body: statusSchema },
      },
      handle: ({ res }) => {
        const isWhole = neighbours === undefined || neighbours.shards.up === neighbours.shards.all
        const isReady = parts.isReady() && isWhole
        const status = isReady ? 'ready' : isWhole ? 'stopping' : 'partial'
        res.status(isReady ? 200 : 503).json({ status, ...shards() })
      },
    }),
  ]
}
