import { z } from 'zod'

const split = z.object({ train: z.int(), validation: z.int(), test: z.int() })

/** What is told of a training: the `model` part of a result. */
export const modelReportSchema = z.object({
  name: z.string(),
  /** Content hash of the model. */
  version: z.string(),
  backend: z.string(),
  seed: z.string(),
  groups: split,
  rows: split,
  architecture: z.string(),
  parameters: z.int(),
  trainSeconds: z.number(),
  curve: z.array(z.object({ epoch: z.int(), trainLoss: z.number(), validationLoss: z.number() })),
  bestEpoch: z.int(),
  testMetrics: z.array(
    z.object({
      name: z.string(),
      value: z.number(),
      baseline: z.number().nullable(),
      description: z.string(),
    }),
  ),
  importance: z.array(
    z.object({
      feature: z.string(),
      lossIncrease: z.number(),
      ci95: z.tuple([z.number(), z.number()]).nullable(),
    }),
  ),
})

export type ModelReport = z.infer<typeof modelReportSchema>
export type TestMetric = ModelReport['testMetrics'][number]
export type FeatureImportance = ModelReport['importance'][number]
