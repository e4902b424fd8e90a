import { z } from 'zod'
import { DEPLOYMENTS } from '../peer/protocol/features.ts'
import { TrainingError } from './errors.ts'

/** How outcomes become lists to learn from. */
const datasetOptions = {
  groupSize: z.int().min(2).max(64).default(16).describe('most fetches in one group'),
  windowMs: z
    .number()
    .positive()
    .default(60_000)
    .describe('longest time between the first and last decision of a group'),
  maxRows: z
    .int()
    .min(100)
    .max(5_000_000)
    .default(200_000)
    .describe('most fetches read; requesters are sampled above it'),
  weightClip: z.number().min(1).default(20).describe('upper limit of the inverse propensity weight'),
  testShare: z.number().gt(0).lt(0.5).default(0.15).describe('share of the swarms held out for the test'),
  validationShare: z
    .number()
    .gt(0)
    .lt(0.5)
    .default(0.15)
    .describe('share of the swarms that early stopping watches'),
}

const networkOptions = {
  observable: z
    .enum(DEPLOYMENTS)
    .default('peer')
    .describe(
      'the deployment that the model is for; it uses what that one observes: a peer, a tracker whose peers report, or a tracker of unmodified clients',
    ),
  hidden: z.array(z.int().min(1).max(512)).max(4).default([32, 16]).describe('widths of the hidden layers'),
  trackerShare: z
    .number()
    .min(0)
    .max(0.9)
    .default(0.15)
    .describe(
      'share of the training groups that hide what only a peer observes, so that the model also serves trackers',
    ),
}

const fittingOptions = {
  temperature: z
    .number()
    .positive()
    .default(1)
    .describe('of the target distribution, in units of ln(byte/s)'),
  learningRate: z.number().positive().default(0.003).describe('step size of Adam'),
  batchGroups: z.int().min(1).max(4096).default(64).describe('groups in one gradient step'),
  maxEpochs: z.int().min(1).max(1000).default(30),
  patience: z
    .int()
    .min(1)
    .default(4)
    .describe('epochs without a better validation loss after which training stops'),
}

export const trainingOptionsSchema = z.strictObject({
  ...datasetOptions,
  ...networkOptions,
  ...fittingOptions,
})

export type TrainingOptions = z.output<typeof trainingOptionsSchema>
export type TrainingOptionsInput = z.input<typeof trainingOptionsSchema>

/** Fills in defaults. Throws TrainingError that names each option that is not valid and what is allowed. */
export function resolveTrainingOptions(input: TrainingOptionsInput): TrainingOptions {
  const result = trainingOptionsSchema.safeParse(input)
  if (result.success) return result.data
  throw new TrainingError(`invalid training options:\n${z.prettifyError(result.error)}`)
}
