import { FEATURES } from '../peer/protocol/features.ts'
import type { InputDefinition } from './inputs.ts'
import type { Mlp } from './mlp.ts'
import type { ModelCard } from './model-card.ts'
import { modelVersion } from './model-version.ts'

/** The card of a network that nobody has trained. */
export function cardOf(name: string, inputs: InputDefinition[], mlp: Mlp): ModelCard {
  const version = modelVersion(inputs, mlp)
  const three = { train: 3, validation: 1, test: 1 }
  return {
    ...{ schemaVersion: 2, name, version, createdAt: '2024-01-01T00:00:00.000Z' },
    versions: { node: '20.0.0', tensorflowjs: '4.22.0' },
    data: {
      ...{ sources: ['outcomes.parquet'], rows: 5, policies: { random: 5 }, results: { ok: 5 } },
      ...{ sampledShare: 1, splitBy: 'seed', units: three },
    },
    observable: 'peer',
    features: FEATURES.map((feature) => ({ ...feature })),
    ...{ inputs, options: {} },
    report: {
      ...{ name, version, backend: 'wasm', seed: 's', groups: three, rows: three },
      ...{
        architecture: '32-8-1',
        parameters: 273,
        trainSeconds: 1,
        curve: [],
        bestEpoch: 0,
        importance: [],
      },
      testMetrics: [{ name: 'loss', value: 1.23456, baseline: null, description: 'of the test split' }],
    },
  }
}
