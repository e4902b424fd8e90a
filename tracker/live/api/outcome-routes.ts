import { z } from 'zod'
import { LIMITS } from '../../../peer/protocol/limits.ts'
import { contentKey, checkPeerId } from '../content-key.ts'
import type { TrackerMetrics } from '../metrics.ts'
import type { OutcomeDesk } from '../outcome-desk.ts'
import { contentRef, errorSchema, peerRef, shortText } from './fields.ts'
import { outcomeSchema, rowOf } from './outcome-fields.ts'
import type { ApiParts } from './parts.ts'
import { type Route, route } from './route.ts'

const MOST_REPORT_BYTES = 1024 * 1024

const reportSchema = z.strictObject({
  report: z
    .string()
    .regex(/^[A-Za-z0-9._-]{8,64}$/, '8 to 64 letters, digits, dots, hyphens and underscores expected')
    .meta({
      description: 'A name that no other report has: one that comes again under its name counts once',
      example: '3f0c1f3e-6d0e-4c8e-9f5a-0b1d2c3e4f50',
    }),
  content: contentRef,
  peer: peerRef.meta({ description: 'who fetched' }),
  region: shortText.optional(),
  outcomes: z.array(outcomeSchema).min(1).max(LIMITS.reportsPerMessage),
})

/** How fetches went, as peers tell it. */
export function outcomeRoutes(
  { holdings, network, regionOf }: ApiParts,
  desk: OutcomeDesk,
  metrics: TrackerMetrics,
): Route[] {
  return [
    route({
      ...{ method: 'post', path: '/v1/outcomes', name: 'reportOutcomes', tag: 'peers', cost: 'write' },
      summary: 'Report how fetches went',
      description:
        'Answered when the report can not be lost any more. Send it again under its name until it is answered.',
      role: 'report',
      body: reportSchema,
      bodyBytes: MOST_REPORT_BYTES,
      home: ({ body }) => contentKey(body.content).swarm,
      responses: {
        200: {
          description: 'Taken',
          body: z.object({
            report: z.string(),
            outcomes: z.int(),
            isNew: z.boolean().meta({ description: 'false where it had come before' }),
            isKept: z
              .boolean()
              .meta({ description: 'false where this tracker has no store: it only counts in the ranking' }),
          }),
        },
        403: { description: 'The peer came from another address', body: errorSchema },
        413: { description: 'It is too long', body: errorSchema },
        503: { description: 'It can not be taken now: Retry-After says when', body: errorSchema },
      },
      handle: async ({ body, host, subject, role, res }) => {
        const content = contentKey(body.content)
        checkPeerId(content, body.peer)
        if (role !== 'admin') holdings.checkSpeaker(content, body.peer, host)
        const requester = {
          contentId: content.swarm,
          peerId: body.peer,
          region: body.region ?? regionOf(host),
        }
        const nowMs = Date.now()
        const rows = body.outcomes.map((outcome) => rowOf(outcome, requester, nowMs))
        const isNew = await desk.take({ reportId: body.report, subject, rows })
        if (isNew) {
          const reports = body.outcomes.map(({ seed, result, bytes, durationMs }) => {
            metrics.reports.inc({ result })
            return { seedId: seed, result, bytes, durationMs }
          })
          const from = role === 'admin' ? (holdings.hostOf(content, body.peer) ?? host) : host
          network.exchange(from, [{ type: 'report', contentId: content.swarm, peerId: body.peer, reports }])
        }
        res.json({ report: body.report, outcomes: rows.length, isNew, isKept: desk.isKeeping })
      },
    }),
  ]
}
