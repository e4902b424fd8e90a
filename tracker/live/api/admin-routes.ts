import { z } from 'zod'
import { HttpError } from '../errors.ts'
import type { ModelShelf } from '../model-shelf.ts'
import { SECOND_MODES, type Serving } from '../serving.ts'
import { ADMIN_HOME } from './admin-home.ts'
import { errorSchema, NOT_FOUND } from './fields.ts'
import { type Route, route } from './route.ts'

/** All files of a model together, bytes. */
const MOST_MODEL_BYTES = 12 * 1024 * 1024
const MODEL_FILES = ['card.json', 'model.json', 'weights.bin', 'README.md']

const label = z
  .string()
  .max(64)
  .meta({ description: 'NAME@VERSION of a model', example: 'flash@0123456789ab' })

const file = z.string().meta({ format: 'binary' })

const choice = z.strictObject({
  policy: z.string().max(32).meta({ example: 'model' }),
  model: label.default('').meta({ description: 'Label of the model, for the policy `model`', default: '' }),
})

const named = { policy: z.string(), version: z.string(), model: z.string() }

const policySchema = z
  .object({
    main: z.object(named),
    second: z.object({ ...named, mode: z.enum(SECOND_MODES), share: z.number() }).nullable(),
    policies: z.array(z.string()).meta({ description: 'the policies that there are' }),
  })
  .meta({ id: 'Policies' })

const modelSchema = z
  .object({
    label: z.string(),
    savedMs: z.int().meta({ description: 'milliseconds since 1970' }),
    isServing: z.boolean(),
  })
  .meta({ id: 'Model' })

const switchesSchema = z.object({
  switches: z.array(z.object({ atMs: z.int(), slot: z.string(), policy: z.string(), model: z.string() })),
})

const UNSTORED = {
  description: 'The store can not be reached: nothing has changed; Retry-After says when to come again',
  body: errorSchema,
}
const UNFIT = { description: 'The model or the policy does not do; the message says why', body: errorSchema }

/** Models and policies, for the operator. */
export function adminRoutes(shelf: ModelShelf, serving: Serving): Route[] {
  // One process switches for all.
  const admin = { tag: 'admin', cost: 'write', role: 'admin', home: () => ADMIN_HOME } as const
  const policies = (): z.input<typeof policySchema> => {
    const { main, second } = serving
    return {
      main: { policy: main.policy, version: main.ranker.version, model: main.model },
      second: second
        ? {
            ...{ policy: second.policy, version: second.ranker.version, model: second.model },
            ...{ mode: second.mode, share: second.share },
          }
        : null,
      policies: [...shelf.policies],
    }
  }
  const done = {
    200: { description: 'What ranks now', body: policySchema },
    404: NOT_FOUND,
    422: UNFIT,
    503: UNSTORED,
  }

  return [
    route({
      ...{
        method: 'get',
        path: '/admin/models',
        name: 'models',
        summary: 'The models that there are',
        ...admin,
      },
      responses: {
        200: { description: 'The last one first', body: z.object({ models: z.array(modelSchema) }) },
        503: UNSTORED,
      },
      handle: async ({ res }) => {
        const { main, second } = serving
        const models = (await shelf.models()).map((model) => ({
          ...model,
          isServing: model.label === main.model || model.label === second?.model,
        }))
        res.json({ models })
      },
    }),
    route({
      ...{ method: 'post', path: '/admin/models', name: 'uploadModel', summary: 'Add a model', ...admin },
      description: `Files of a model folder, each a part of the form by its name, ${MOST_MODEL_BYTES} bytes at most: \`curl -F card.json=@… -F model.json=@… -F weights.bin=@…\`. It is checked as it will serve: shapes, content hash, features, scores of the kernel.`,
      rawType: 'multipart/form-data',
      rawBody: z.object({
        'card.json': file,
        'model.json': file,
        'weights.bin': file,
      }),
      bodyBytes: MOST_MODEL_BYTES,
      responses: {
        201: {
          description: 'It is there; nothing is switched',
          body: z.object({
            ...{ label: z.string(), createdAt: z.string(), observable: z.string() },
            ...{ architecture: z.string(), parameters: z.int() },
          }),
        },
        413: { description: 'It is too large', body: errorSchema },
        422: UNFIT,
        503: UNSTORED,
      },
      handle: async ({ req, res }) => {
        const files = await filesOf(req.body, req.headers['content-type'] ?? '')
        const { label, summary } = await shelf.add(files)
        res.status(201).json({ label, ...summary })
      },
    }),
    route({
      ...{ method: 'delete', path: '/admin/models/{label}', name: 'removeModel', summary: 'Remove a model' },
      ...admin,
      params: z.object({ label }),
      responses: {
        200: { description: 'It is gone', body: z.object({ label: z.string() }) },
        404: NOT_FOUND,
        409: { description: 'It is serving', body: errorSchema },
        503: UNSTORED,
      },
      handle: async ({ params, res }) => {
        await shelf.remove(params.label)
        res.json({ label: params.label })
      },
    }),
    route({
      ...{ method: 'get', path: '/admin/policy', name: 'policy', summary: 'What ranks now', ...admin },
      responses: { 200: { description: 'The policies', body: policySchema } },
      handle: ({ res }) => void res.json(policies()),
    }),
    route({
      ...{
        method: 'put',
        path: '/admin/policy',
        name: 'switchPolicy',
        summary: 'Let another policy rank',
        ...admin,
      },
      description: 'From the next decision on; decisions under way end as they began.',
      body: choice,
      responses: done,
      handle: async ({ body, res }) => {
        await shelf.serve(body)
        res.json(policies())
      },
    }),
    route({
      ...{ method: 'post', path: '/admin/policy/rollback', name: 'rollBack', ...admin },
      summary: 'Go back to the policy that ranked before',
      responses: { ...done, 409: { description: 'No other has ranked before', body: errorSchema } },
      handle: async ({ res }) => {
        await shelf.rollBack()
        res.json(policies())
      },
    }),
    route({
      ...{ method: 'put', path: '/admin/policy/second', name: 'trySecondPolicy', ...admin },
      summary: 'Try a second policy on a share of the swarms',
      description:
        '`canary`: it serves these swarms; `shadow`: it is only asked. Either way the decisions of both are recorded. Which swarms these are depends on their hash alone.',
      body: choice.extend({ mode: z.enum(SECOND_MODES), share: z.number().min(0).max(1) }),
      responses: done,
      handle: async ({ body, res }) => {
        await shelf.trySecond(body)
        res.json(policies())
      },
    }),
    route({
      ...{ method: 'delete', path: '/admin/policy/second', name: 'endSecondPolicy', ...admin },
      summary: 'Try no second policy any more',
      responses: { 200: { description: 'What ranks now', body: policySchema }, 503: UNSTORED },
      handle: async ({ res }) => {
        await shelf.trySecond(undefined)
        res.json(policies())
      },
    }),
    route({
      ...{
        method: 'get',
        path: '/admin/switches',
        name: 'switches',
        summary: 'When which policy began to rank',
      },
      ...admin,
      responses: { 200: { description: 'The last one first', body: switchesSchema }, 503: UNSTORED },
      handle: async ({ res }) => void res.json({ switches: await shelf.switches() }),
    }),
  ]
}

/** The files of a form. Rejects with HttpError. */
async function filesOf(body: unknown, type: string): Promise<Map<string, Uint8Array>> {
  if (!Buffer.isBuffer(body))
    throw new HttpError(415, 'E_CONTENT_TYPE', 'invalid content-type: multipart/form-data expected')
  const form = await new Response(new Uint8Array(body), { headers: { 'content-type': type } })
    .formData()
    .catch(() => {
      throw new HttpError(400, 'E_FORM', 'invalid form: files expected, each a part by its name')
    })
  const files = new Map<string, Uint8Array>()
  for (const [name, value] of form) {
    if (!MODEL_FILES.includes(name) || typeof value === 'string')
      throw new HttpError(
        400,
        'E_FORM',
        `invalid part: ${JSON.stringify(name)} (files ${MODEL_FILES.join(', ')})`,
      )
    files.set(name, new Uint8Array(await value.arrayBuffer()))
  }
  return files
}
