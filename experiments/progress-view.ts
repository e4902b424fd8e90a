import type { WorldProgress } from '../sim/world.ts'
import type { ExperimentEvent } from './experiment-events.ts'
import { type ProgressStream, StatusBlock } from './status-block.ts'
import { durationText } from './text.ts'

const REDRAW_MS = 100
const BAR_WIDTH = 24
/** Piped output gets a line at least this far apart. */
const LINE_EVERY_MS = 5_000

/** Shows how far an experiment is: a live display at a terminal, now and then a line otherwise. */
export class ProgressView {
  readonly #block: StatusBlock
  readonly #nowMs: () => number
  readonly #startMs: number
  readonly #active = new Map<string, WorldProgress>()
  #total = 0
  #done = 0
  #training = ''
  #step = ''
  #shownMs = -Infinity

  constructor(stream: ProgressStream, nowMs: () => number = () => performance.now()) {
    this.#block = new StatusBlock(stream)
    this.#nowMs = nowMs
    this.#startMs = nowMs()
  }

  readonly show = (event: ExperimentEvent): void => {
    switch (event.kind) {
      case 'planned':
        this.#total = event.collect + event.evaluate
        return this.#block.note(
          event.trains
            ? `${event.collect} simulations to train on, then ${event.evaluate} to evaluate`
            : `${event.evaluate} simulation${event.evaluate === 1 ? '' : 's'}`,
        )
      case 'run-progress':
        this.#active.set(event.runId, event.progress)
        break
      case 'run-done':
        this.#active.delete(event.runId)
        this.#done++
        break
      case 'training': {
        const { epoch, maxEpochs, validationLoss } = event.progress
        this.#training = `training epoch ${epoch} of at most ${maxEpochs}, validation loss ${validationLoss.toFixed(4)}`
        break
      }
      case 'trained':
        this.#training = ''
        return this.#block.note(`trained model ${event.version} in ${durationText(event.seconds)}`)
      case 'step':
        this.#step = event.text
        break
      case 'notice':
        return this.#block.note(`note: ${event.text}`)
    }
    this.#refresh()
  }

  /** Takes the live display away. */
  close(): void {
    this.#block.erase()
  }

  #refresh(): void {
    const nowMs = this.#nowMs()
    const { isTerminal } = this.#block
    if (nowMs - this.#shownMs < (isTerminal ? REDRAW_MS : LINE_EVERY_MS)) return
    this.#shownMs = nowMs
    if (isTerminal) this.#draw()
    else
      this.#block.draw([
        [this.#summary(), this.#training, this.#step].filter((part) => part !== '').join('; '),
      ])
  }

  /** Share of all simulating that is done, 0 to 1. */
  #share(): number {
    let runs = this.#done
    for (const { finished, peers } of this.#active.values()) runs += finished / peers
    return this.#total === 0 ? 0 : runs / this.#total
  }

  #summary(): string {
    const elapsed = (this.#nowMs() - this.#startMs) / 1000
    const share = this.#share()
    const left =
      share > 0.02 && share < 1 ? `, about ${durationText((elapsed * (1 - share)) / share)} left` : ''
    return `simulated ${this.#done} of ${this.#total} runs in ${durationText(elapsed)}${left}`
  }

  #draw(): void {
    const filled = Math.round(this.#share() * BAR_WIDTH)
    const lines = [`${'█'.repeat(filled)}${'░'.repeat(BAR_WIDTH - filled)} ${this.#summary()}`]
    for (const [runId, { simulatedMs, finished, peers }] of this.#active)
      lines.push(
        `  ${runId}: ${durationText(simulatedMs / 1000)} simulated, ${finished} of ${peers} peers done`,
      )
    for (const text of [this.#training, this.#step]) if (text !== '') lines.push(`  ${text}`)
    this.#block.draw(lines)
  }
}
