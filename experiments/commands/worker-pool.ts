import cluster, { type Worker } from 'node:cluster'
import type { Logger } from 'pino'

/** What a worker process says. */
export type WorkerSays<Up> =
  | { readonly type: 'ready' | 'alive' | 'drained' }
  | { readonly type: 'up'; readonly up: Up }
  | { readonly type: 'failed'; readonly message: string; readonly code: string }

/** What it is told; after `begin` with all that it needs. */
export type WorkerHears<Begin> =
  { readonly type: 'begin'; readonly begin: Begin } | { readonly type: 'drain' | 'end' }

export interface PoolOptions<Begin> {
  readonly count: number
  /** The program that workers run. */
  readonly program: string
  readonly log: Logger
  /** What the worker with that index begins with; `isReplacement`: it takes the place of one that has died. */
  readonly beginOf: (index: number, isReplacement: boolean, isAlone: boolean) => Begin
}

const FIRST_PAUSE_MS = 100
const MOST_PAUSE_MS = 10_000
/** Who lives so long did not die of how it was started. */
const STEADY_MS = 30_000
/** A worker that says nothing at so many looks is stuck. */
const LOOK_MS = 5_000
const MOST_SILENT = 4
/** Workers that are told to stop get so long to answer what is under way, and so long to store what waits. */
const DRAIN_MS = 8_000
const END_MS = 16_000

/** A worker could not be started. */
export class WorkerStartError extends Error {
  override readonly name = 'WorkerStartError'
  readonly code: string

  constructor(message: string, code: string) {
    super(message)
    this.code = code
  }
}

interface Place<Up> {
  readonly index: number
  worker: Worker | undefined
  up: Up | undefined
  startedMs: number
  pauseMs: number
  silent: number
  isDrained: boolean
  restart: NodeJS.Timeout | undefined
}

/** Keeps a number of worker processes running: one that dies, or is stuck, is replaced, after a longer pause each time. */
export class WorkerPool<Begin, Up> {
  readonly #options: PoolOptions<Begin>
  readonly #places: Place<Up>[]
  #look: NodeJS.Timeout | undefined
  #isStopping = false
  #isRunning = false
  #settle: (error?: Error) => void = () => undefined
  #changed: () => void = () => undefined

  constructor(options: PoolOptions<Begin>) {
    this.#options = options
    this.#places = Array.from({ length: options.count }, (_, index) => ({
      ...{ index, worker: undefined, up: undefined, startedMs: 0, pauseMs: 0 },
      ...{ silent: 0, isDrained: false, restart: undefined },
    }))
  }

  /** Starts all; resolves to what each says of itself when it is up. Rejects with WorkerStartError. */
  async start(): Promise<Up[]> {
    const { program } = this.#options
    // Workers take connections themselves: what a primary hands to one that has just died is lost, and its client waits for ever.
    cluster.schedulingPolicy = cluster.SCHED_NONE
    cluster.setupPrimary({
      ...{ exec: program, args: [], serialization: 'advanced' },
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    })
    const started = new Promise<void>((resolve, reject) => {
      this.#settle = (error) => (error ? reject(error) : resolve())
    })
    for (const place of this.#places) this.#fork(place, false)
    try {
      await started
    } catch (error) {
      this.#isStopping = true
      this.#kill()
      throw error
    }
    this.#isRunning = true
    this.#look = setInterval(() => this.#lookAtAll(), LOOK_MS)
    return this.#places.map(({ up }) => up!)
  }

  /** Lets all answer what is under way, then ends them. */
  async stop(): Promise<void> {
    this.#isStopping = true
    clearInterval(this.#look)
    for (const { restart } of this.#places) clearTimeout(restart)
    // Those that are done go on answering the others until nobody asks any more.
    await this.#bring('drain', ({ worker, isDrained }) => !worker || isDrained, DRAIN_MS)
    await this.#bring('end', ({ worker }) => !worker, END_MS)
  }

  /** Tells all to do something; those that have not done it in time are killed. */
  async #bring(type: 'drain' | 'end', isDone: (place: Place<Up>) => boolean, limitMs: number): Promise<void> {
    for (const { worker } of this.#places) tell<Begin>(worker, { type })
    const overdue = setTimeout(() => this.#kill((place) => !isDone(place)), limitMs)
    while (!this.#places.every(isDone)) await new Promise<void>((resolve) => (this.#changed = resolve))
    clearTimeout(overdue)
  }

  #kill(which: (place: Place<Up>) => boolean = () => true): void {
    for (const place of this.#places) if (which(place)) place.worker?.process.kill('SIGKILL')
  }

  #fork(place: Place<Up>, isReplacement: boolean): void {
    const isAlone = this.#places.every(({ worker }) => !worker)
    const worker = cluster.fork()
    place.worker = worker
    place.startedMs = performance.now()
    place.silent = 0
    worker.on('message', (message: WorkerSays<Up>) => {
      if (message.type === 'ready') {
        const begin = this.#options.beginOf(place.index, isReplacement, isAlone)
        tell(worker, { type: 'begin', begin })
      } else this.#hear(place, message)
    })
    // One that could not even be started has no exit.
    worker.on('error', ({ message }) => {
      if (worker.process.pid === undefined) this.#ended(place, message)
    })
    worker.on('exit', (code, signal) => this.#ended(place, signal ?? `status ${code}`))
  }

  #hear(place: Place<Up>, message: WorkerSays<Up>): void {
    place.silent = 0
    if (message.type === 'up') {
      place.up = message.up
      if (this.#isRunning) this.#options.log.info({ worker: place.index }, 'worker is back')
      if (this.#places.every(({ up }) => up)) this.#settle()
    }
    if (message.type === 'failed') {
      const { message: why, code } = message
      if (this.#isRunning) this.#options.log.error({ worker: place.index, code }, why)
      this.#settle(new WorkerStartError(why, code))
    }
    if (message.type === 'drained') place.isDrained = true
    this.#changed()
  }

  #ended(place: Place<Up>, how: string): void {
    place.worker = undefined
    this.#changed()
    if (this.#isStopping) return
    const { index } = place
    if (!this.#isRunning)
      return this.#settle(new WorkerStartError(`worker ${index} ended before it was up: ${how}`, 'E_WORKER'))
    const isSteady = performance.now() - place.startedMs > STEADY_MS
    place.pauseMs = isSteady ? FIRST_PAUSE_MS : Math.min(MOST_PAUSE_MS, 2 * place.pauseMs || FIRST_PAUSE_MS)
    this.#options.log.error(
      { worker: index, how, pauseMs: place.pauseMs },
      'worker has died, and starts again',
    )
    place.restart = setTimeout(() => this.#fork(place, true), place.pauseMs)
  }

  #lookAtAll(): void {
    for (const place of this.#places) {
      if (!place.worker || ++place.silent < MOST_SILENT) continue
      this.#options.log.error({ worker: place.index }, 'worker is stuck, and is killed')
      place.worker.process.kill('SIGKILL')
    }
  }
}

function tell<Begin>(worker: Worker | undefined, message: WorkerHears<Begin>): void {
  // One that has just died hears nothing.
  if (worker?.isConnected()) worker.send(message, () => undefined)
}
