import { z } from 'zod'
import { modelReportSchema } from './report.ts'
import { DEPLOYMENTS } from '../peer/protocol/features.ts'

const transform = z.enum(['identity', 'log1p'])

const inputSchema = z.discriminatedUnion('kind', [
  z.object({
    feature: z.string(),
    kind: z.literal('value'),
    transform,
    mean: z.number(),
    std: z.number().positive(),
  }),
  z.object({ feature: z.string(), kind: z.literal('missing') }),
])

const featureSchema = z.object({
  name: z.string(),
  unit: z.string(),
  observableTo: z.array(z.enum(DEPLOYMENTS)).readonly(),
  transform,
  meaning: z.string(),
})

const dataSchema = z.object({
  sources: z.array(z.string()).describe('Parquet files of outcomes'),
  rows: z.int().describe('fetches in groups'),
  policies: z.record(z.string(), z.int()).describe('fetches read, by the policy that chose the seed'),
  results: z.record(z.string(), z.int()).describe('fetches read, by how they ended'),
  sampledShare: z.number().describe('share of the requesters that were read'),
  splitBy: z.enum(['seed', 'seed and swarm']).describe('what is kept whole by the split'),
  units: z
    .object({ train: z.int(), validation: z.int(), test: z.int() })
    .describe('how many of them in each split'),
})

/** `card.json` of a model folder. */
export const modelCardSchema = z.object({
  schemaVersion: z.literal(2),
  name: z.string(),
  version: z.string().describe('content hash of the inputs and weights'),
  createdAt: z.string().describe('ISO 8601'),
  versions: z.object({ node: z.string(), tensorflowjs: z.string() }),
  data: dataSchema,
  observable: z
    .enum(DEPLOYMENTS)
    .describe('the deployment that the model is for: it uses no feature that this one does not see'),
  features: z.array(featureSchema).describe('the features as they were defined at training time'),
  inputs: z.array(inputSchema).min(1).describe('network inputs in order, with their normalisation'),
  options: z.record(z.string(), z.unknown()).describe('training options'),
  report: modelReportSchema,
})

export type ModelCard = z.infer<typeof modelCardSchema>
export type DataSummary = ModelCard['data']
