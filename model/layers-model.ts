import * as tf from '@tensorflow/tfjs'
import type { Mlp } from './mlp.ts'

/** The network as a TensorFlow.js layers model. The caller disposes it. */
export function toLayersModel({ sizes, kernels, biases }: Mlp): tf.Sequential {
  const layers = sizes.slice(1).map((units, i) => {
    const isLast = i + 2 === sizes.length
    return tf.layers.dense({
      name: isLast ? 'score' : `hidden_${i + 1}`,
      units,
      activation: isLast ? 'linear' : 'relu',
      ...(i === 0 ? { inputShape: [sizes[0]] } : {}),
    })
  })
  const model = tf.sequential({ name: 'ranker', layers })
  const weights = kernels.flatMap((kernel, i) => [
    tf.tensor2d(kernel, [sizes[i], sizes[i + 1]]),
    tf.tensor1d(biases[i]),
  ])
  model.setWeights(weights)
  tf.dispose(weights)
  return model
}

/**
 * The two files that `model.save('file://…')` of tfjs-node writes, so that any TensorFlow.js loads them. Weights are
 * float32, little-endian, layer by layer: kernel, then bias.
 */
export async function toLayersModelFiles(mlp: Mlp): Promise<{ modelJson: string; weights: Uint8Array }> {
  const model = toLayersModel(mlp)
  let modelJson = ''
  const handler = tf.io.withSaveHandler(async (artifacts) => {
    const { modelTopology, weightSpecs, format, generatedBy, convertedBy } = artifacts
    const weightsManifest = [{ paths: ['weights.bin'], weights: weightSpecs }]
    modelJson = JSON.stringify({ modelTopology, weightsManifest, format, generatedBy, convertedBy })
    return { modelArtifactsInfo: tf.io.getModelArtifactsInfoForJSON(artifacts) }
  })
  await model.save(handler)
  model.dispose()
  return { modelJson, weights: toWeightBytes(mlp) }
}

function toWeightBytes({ kernels, biases }: Mlp): Uint8Array {
  const parts = kernels.flatMap((kernel, i) => [kernel, biases[i]])
  return Buffer.concat(
    parts.map(({ buffer, byteOffset, byteLength }) => Buffer.from(buffer, byteOffset, byteLength)),
  )
}
