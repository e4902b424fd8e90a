import type { ModelStore } from '../../peer/ports/outcome-store.ts'
import { quote } from '../../peer/protocol/ids.ts'
import type { Ranker } from '../../peer/ports/ranker.ts'
import { HttpError } from './errors.ts'
import {
  type PolicyChoice,
  type ReadyPolicy,
  SECOND_MODES,
  type SecondMode,
  type SecondPolicy,
  type Serving,
} from './serving.ts'

/** A model that was checked. */
export interface CheckedModel {
  /** `NAME@VERSION`. */
  readonly label: string
  /** What people are told of it. */
  readonly summary: ModelSummary
}

export interface ModelSummary {
  readonly createdAt: string
  /** Whose features it needs. */
  readonly observable: string
  readonly architecture: string
  readonly parameters: number
}

/** Reads models and makes rankers; the composition root knows how. */
export interface PolicyMaker {
  /** Names of the policies that there are. */
  readonly names: readonly string[]
  /** Throws an error with the code E_MODEL where these are not the files of a model that can serve. */
  check(files: ReadonlyMap<string, Uint8Array>, where: string): CheckedModel
  /** Throws errors with the codes E_MODEL and E_POLICY. */
  make(policy: string, files: ReadonlyMap<string, Uint8Array> | undefined): Ranker
}

/** A policy that is to be tried beside the main one. */
export interface TriedPolicy extends PolicyChoice {
  readonly mode: SecondMode
  /** Share of the swarms, 0 to 1. */
  readonly share: number
}

/** What ranks, and what is tried beside it. */
export interface Ranks {
  readonly main: PolicyChoice
  readonly second?: TriedPolicy | undefined
}

/** A switch that was made. */
export interface Switch extends PolicyChoice {
  readonly atMs: number
  readonly slot: string
}

export interface ModelShelfParts {
  readonly store: ModelStore
  readonly maker: PolicyMaker
  readonly serving: Serving
  readonly nowMs: () => number
}

const MOST_SWITCHES = 100
const MOST_RECENT = 8
const SETTLE_MS = 10_000
const MAIN = 'main'
const UNFIT = ['E_MODEL', 'E_POLICY', 'E_TRAINING']

/** Models that the tracker has, and switches between policies. Switches come one after the other. */
export class ModelShelf {
  readonly #parts: ModelShelfParts
  /** Policies that have ranked, the last ones: going back to one needs no reading, and a model from a folder is in no store. */
  readonly #recent: ReadyPolicy[] = []
  /** Switches that the store has not acknowledged: they were not made, though it may have noted them. */
  #doubtful: Switch[] = []
  #isUnsure = false
  #timer: NodeJS.Timeout | undefined
  #last: Promise<unknown> = Promise.resolve()
  /** What the tracker was started with: other processes of a cluster may go back to it at any time. */
  readonly #first: ReadyPolicy
  /** Told of a switch before whoever asked for it. */
  whenSwitched: () => Promise<void> = () => Promise.resolve()

  constructor(parts: ModelShelfParts) {
    this.#parts = parts
    this.#first = parts.serving.main
  }

  get ranks(): Ranks {
    const { main, second } = this.#parts.serving
    return {
      main: choiceOf(main),
      second: second && { ...choiceOf(second), mode: second.mode, share: second.share },
    }
  }

  /** Lets rank what another process has switched to, which has noted it. Rejects with HttpError. */
  take({ main, second }: Ranks): Promise<void> {
    return this.#inTurn(async () => {
      const { serving } = this.#parts
      const before = this.ranks
      const ready = isSameChoice(before.main, main) ? undefined : await this.#ready(main)
      const tried = second && (await this.#tried(second))
      if (ready) {
        this.#remember(serving.main)
        serving.serve(ready)
      }
      if (JSON.stringify(before.second) !== JSON.stringify(second)) serving.trySecond(tried)
    })
  }

  get policies(): readonly string[] {
    return this.#parts.maker.names
  }

  /** Keeps a model that can serve. Rejects with HttpError. */
  async add(files: ReadonlyMap<string, Uint8Array>): Promise<CheckedModel> {
    const { maker, store, nowMs } = this.#parts
    const model = refusing(() => maker.check(files, 'upload'))
    await store.putModel({ label: model.label, savedMs: nowMs(), files })
    return model
  }

  models(): Promise<readonly { label: string; savedMs: number }[]> {
    return this.#parts.store.models()
  }

  /** Forgets a model. Rejects with HttpError where it serves, or is not there. */
  remove(label: string): Promise<void> {
    return this.#inTurn(async () => {
      const { serving, store } = this.#parts
      if (serving.main.model === label || serving.second?.model === label)
        throw new HttpError(409, 'E_SERVING', `model ${quote(label)} is serving: switch to another first`)
      if (!(await store.removeModel(label))) throw unknownModel(label)
    })
  }

  async switches(): Promise<readonly Switch[]> {
    const noted = await this.#parts.store.activations(MOST_SWITCHES)
    return noted.filter((one) => !this.#doubtful.some((other) => isSame(one, other)))
  }

  /** Lets another policy rank. Rejects with HttpError. */
  serve(choice: PolicyChoice): Promise<void> {
    return this.#inTurn(() => this.#serve(choice))
  }

  /** Goes back to the policy that ranked before the one that does. Rejects with HttpError where there was none. */
  rollBack(): Promise<void> {
    return this.#inTurn(async () => {
      const { main } = this.#parts.serving
      const before = (await this.switches()).find(
        ({ slot, policy, model }) => slot === MAIN && (policy !== main.policy || model !== main.model),
      )
      if (!before) throw new HttpError(409, 'E_NO_SWITCH', 'no other policy has ranked before')
      await this.#serve(before)
    })
  }

  /** Tries a second policy on a share of the swarms, or none any more. Rejects with HttpError. */
  trySecond(second: TriedPolicy | undefined): Promise<void> {
    return this.#inTurn(async () => {
      const { serving } = this.#parts
      const tried = second ?? serving.second
      if (!tried) return
      const ready = second && (await this.#tried(second))
      await this.#note(slotOf(tried), second ?? NONE)
      serving.trySecond(ready)
      await this.whenSwitched()
    })
  }

  /** Notes what ranks from the start on, so that a switch can be undone. */
  begin(): Promise<void> {
    return this.#inTurn(async () => {
      const { main } = this.#parts.serving
      const [last] = (await this.switches()).filter(({ slot }) => slot === MAIN)
      if (last?.policy !== main.policy || last.model !== main.model) await this.#note(MAIN, main)
    })
  }

  /**
   * Lets rank what ranked last, before this process, and the second policy that was tried, as far as that was since `sinceMs`;
   * returns whether there was something. Rejects with HttpError.
   */
  resume(sinceMs = 0): Promise<boolean> {
    return this.#inTurn(async () => {
      const { serving } = this.#parts
      const switches = (await this.switches()).filter(({ atMs }) => atMs >= sinceMs)
      const last = switches.find(({ slot }) => slot === MAIN)
      if (last) serving.serve(await this.#ready(last))
      const second = triedOf(switches.find(({ slot }) => slot !== MAIN))
      if (second) serving.trySecond(await this.#tried(second))
      return last !== undefined
    })
  }

  async #tried(second: TriedPolicy): Promise<SecondPolicy> {
    return { ...second, ...(await this.#ready(second)) }
  }

  async #serve(choice: PolicyChoice): Promise<void> {
    const ready = await this.#ready(choice)
    this.#remember(this.#parts.serving.main)
    await this.#note(MAIN, choice)
    this.#parts.serving.serve(ready)
    await this.whenSwitched()
  }

  async #ready({ policy, model }: PolicyChoice): Promise<ReadyPolicy> {
    const { store, maker } = this.#parts
    const recent = [this.#first, ...this.#recent].find((one) => isSameChoice(one, { policy, model }))
    if (recent) return recent
    const stored = model === '' ? undefined : await store.model(model)
    if (model !== '' && !stored) throw unknownModel(model)
    return { policy, model, ranker: refusing(() => maker.make(policy, stored?.files)) }
  }

  #remember(policy: ReadyPolicy): void {
    if (!this.#recent.includes(policy)) this.#recent.unshift(policy)
    this.#recent.length = Math.min(this.#recent.length, MOST_RECENT)
  }

  /** Notes a switch that is about to be made. Where that fails it is not made, whatever the store has come to hold. */
  async #note(slot: string, choice: PolicyChoice): Promise<void> {
    await this.#settle()
    const noted = this.#switchTo(slot, choice)
    try {
      await this.#parts.store.activated(noted)
    } catch (error) {
      this.#isUnsure = true
      this.#settleLater()
      this.#doubtful = [noted, ...this.#doubtful].slice(0, MOST_SWITCHES)
      throw error
    }
  }

  /** After a failure: what ranks in truth is noted last, so that it goes on after a restart. */
  async #settle(): Promise<void> {
    if (!this.#isUnsure) return
    const { serving, store } = this.#parts
    await store.activated(this.#switchTo(MAIN, serving.main))
    await store.activated(
      serving.second
        ? this.#switchTo(slotOf(serving.second), serving.second)
        : this.#switchTo(NO_SECOND, NONE),
    )
    this.#isUnsure = false
  }

  #settleLater(): void {
    const again = (): void => void this.#inTurn(() => this.#settle()).catch(() => this.#settleLater())
    clearTimeout(this.#timer)
    this.#timer = setTimeout(again, SETTLE_MS).unref()
  }

  #switchTo(slot: string, { policy, model }: PolicyChoice): Switch {
    return { atMs: this.#parts.nowMs(), slot, policy, model }
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#last.then(work)
    this.#last = done.catch(() => undefined)
    return done
  }
}

const choiceOf = ({ policy, model }: PolicyChoice): PolicyChoice => ({ policy, model })

const isSameChoice = (a: PolicyChoice, b: PolicyChoice): boolean =>
  a.policy === b.policy && a.model === b.model

const NONE: PolicyChoice = { policy: '', model: '' }
const NO_SECOND = 'none'

const isSame = (a: Switch, b: Switch): boolean =>
  a.atMs === b.atMs && a.slot === b.slot && a.policy === b.policy && a.model === b.model

/** The slot of a second policy says what it does and where: `canary:0.1`. */
const slotOf = ({ mode, share }: Pick<TriedPolicy, 'mode' | 'share'>): string => `${mode}:${share}`

function triedOf(noted: Switch | undefined): TriedPolicy | undefined {
  if (!noted || noted.policy === '') return undefined
  const [name, share] = noted.slot.split(':')
  const mode = SECOND_MODES.find((one) => one === name)
  return mode && { mode, share: Number(share), policy: noted.policy, model: noted.model }
}

const unknownModel = (label: string): HttpError =>
  new HttpError(404, 'E_UNKNOWN_MODEL', `no model ${quote(label)} (GET /admin/models lists them)`)

/** What is wrong with a model or a policy is wrong with the request. */
function refusing<T>(work: () => T): T {
  try {
    return work()
  } catch (error) {
    const { code, message } = error as { code?: string; message: string }
    if (code !== undefined && UNFIT.includes(code)) throw new HttpError(422, code, message)
    throw error
  }
}
