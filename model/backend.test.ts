import * as tf from '@tensorflow/tfjs'
import { expect, it } from 'vitest'
import { findSystem } from '../tools/testing/system.ts'
import type { BackendName } from './backend.ts'
import { useBackend } from './backend.ts'

it('computes on wasm unless told otherwise, without a word', async () => {
  const notices: string[] = []
  const say = (text: string) => notices.push(text)
  expect(await useBackend(undefined, say)).toBe('wasm')
  expect(tf.getBackend()).toBe('wasm')
  expect(tf.tidy(() => tf.tensor1d([1, 2]).sum().dataSync()[0])).toBe(3)
  expect(await useBackend('wasm', say)).toBe('wasm')
  expect(notices).toEqual([])
})

it('says aloud that cpu is slow', async () => {
  const notices: string[] = []
  expect(await useBackend('cpu', (text) => notices.push(text))).toBe('cpu')
  expect(tf.getBackend()).toBe('cpu')
  expect(notices).toEqual(['the cpu backend is many times slower than wasm (the default) and tensorflow'])
})

it('falls back to cpu, aloud, only where no backend was named', async () => {
  const factory = tf.findBackendFactory('wasm')
  tf.removeBackend('wasm')
  tf.registerBackend('wasm', async () => Promise.reject(new Error('no SIMD')))
  try {
    const notices: string[] = []
    expect(await useBackend(undefined, (text) => notices.push(text))).toBe('cpu')
    expect(notices[0]).toMatch(/^TensorFlow.js backend "wasm" did not start.*; using the cpu backend/)
    await expect(useBackend('wasm', () => {})).rejects.toThrow('TensorFlow.js backend "wasm" did not start')
  } finally {
    tf.removeBackend('wasm')
    tf.registerBackend('wasm', factory)
  }
})

it('names what is allowed', async () => {
  await expect(useBackend('webgpu' as BackendName, () => {})).rejects.toThrow(
    'invalid backend: "webgpu" (allowed wasm, tensorflow, cpu)',
  )
})

it('starts the native backend, or says how to get it', async () => {
  const started = useBackend('tensorflow', () => {})
  if (findSystem('tfjs-node') === undefined) await expect(started).rejects.toThrow('npm run setup:tfjs-node')
  else expect(await started).toBe('tensorflow')
})
