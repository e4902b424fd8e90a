import { expect, it } from 'vitest'
import type { WorldProgress } from '../sim/world.ts'
import { ProgressView } from './progress-view.ts'

function recorded(isTTY: boolean) {
  const written: string[] = []
  let nowMs = 0
  const stream = { isTTY, columns: 60, write: (text: string) => written.push(text) > 0 }
  const view = new ProgressView(stream as never, () => nowMs)
  return { view, written, pass: (ms: number) => (nowMs += ms) }
}

const progress = (finished: number): WorldProgress => ({
  simulatedMs: 90_000,
  limitMs: 1e6,
  peers: 10,
  arrived: 10,
  finished,
  events: 1,
})

it('writes sparse lines where it is piped', () => {
  const { view, written, pass } = recorded(false)
  view.show({ kind: 'planned', collect: 0, evaluate: 4, trains: false })
  for (let run = 0; run < 3; run++) {
    pass(2000)
    view.show({ kind: 'run-progress', runId: `random/${run}`, progress: progress(5) })
    view.show({ kind: 'run-done', runId: `random/${run}`, phase: 'evaluate' })
  }
  pass(10_000)
  view.show({ kind: 'run-done', runId: 'random/3', phase: 'evaluate' })
  view.show({ kind: 'trained', version: 'abc', seconds: 4 })
  view.close()
  expect(written).toEqual([
    '4 simulations\n',
    'simulated 0 of 4 runs in 2 s, about 14 s left\n',
    'simulated 4 of 4 runs in 16 s\n',
    'trained model abc in 4 s\n',
  ])
})

it('redraws at a terminal, within its width, and takes the display away', () => {
  const { view, written, pass } = recorded(true)
  view.show({ kind: 'planned', collect: 1, evaluate: 1, trains: true })
  pass(1000)
  view.show({ kind: 'run-progress', runId: 'random/0', progress: progress(10) })
  expect(written.at(-1)).toBe(
    '████████████░░░░░░░░░░░░ simulated 0 of 2 runs in 1 s, abou\n' +
      '  random/0: 1 min 30 s simulated, 10 of 10 peers done\n',
  )
  view.close()
  expect(written.slice(-2)).toEqual(['\u001b[2A', '\u001b[0J'])
  pass(1000)
  view.show({ kind: 'notice', text: 'the cpu backend is slow' })
  expect(written.at(-1)).toBe('note: the cpu backend is slow\n')
})

it('tells of training beside simulating', () => {
  const { view, written, pass } = recorded(false)
  view.show({ kind: 'planned', collect: 1, evaluate: 1, trains: true })
  pass(6000)
  const epoch = { epoch: 3, maxEpochs: 30, trainLoss: 1, validationLoss: 1.23456, rowsPerSecond: 1 }
  view.show({ kind: 'training', progress: epoch })
  expect(written.at(-1)).toBe(
    'simulated 0 of 2 runs in 6 s; training epoch 3 of at most 30, validation loss 1.2346\n',
  )
})
