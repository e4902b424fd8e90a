import type { Outcome } from './outcome-sink.ts'
import { TryLaterError } from './try-later-error.ts'

/** The store can't do what it is asked now: it can't be reached, others hold it, or it takes no more. Nothing of it is lost. */
export class StoreUnavailableError extends TryLaterError<'E_STORE_DOWN' | 'E_STORE_BUSY' | 'E_STORE_DISK'> {
  override readonly name: string = 'StoreUnavailableError'
}

/** Where outcomes go in the end. */
export interface OutcomeIntake {
  /**
   * Keeps the outcomes that it hasn't got yet; returns how many those were. Durable when it resolves; where it rejects,
   * the caller tries again.
   */
  insert(outcomes: readonly Outcome[]): Promise<number>
}

/** Where outcomes are kept. Methods reject with StoreUnavailableError where the store can't be reached. */
export interface OutcomeStore extends OutcomeIntake {
  /** Every outcome of a recording, or all, in no particular order. */
  read(runId?: string): AsyncIterable<Outcome>
  /** Forgets what was received before that time; a store that does so by itself may do it later. */
  expire(beforeMs: number): Promise<void>
}

/** A model as it is kept: the files of a model folder. */
export interface StoredModel {
  /** `NAME@VERSION`, as rows and messages name it. */
  readonly label: string
  readonly savedMs: number
  /** By name, as `seedbed train` writes them. */
  readonly files: ReadonlyMap<string, Uint8Array>
}

/** From when on a policy ranked, in some part of the tracker. */
export interface Activation {
  readonly atMs: number
  /** What was switched, e.g. `main` or `canary`. */
  readonly slot: string
  readonly policy: string
  /** Label of the model; empty where the policy needs none. */
  readonly model: string
}

/**
 * Keeps models, and which of them ranked when. Methods reject with StoreUnavailableError within half a minute where the
 * store does not answer; a write that was under way may yet have happened then.
 */
export interface ModelStore {
  /** Keeps a model; one of that label is replaced. Rejects with InvalidStoreError where label, names or size don't do. */
  putModel(model: StoredModel): Promise<void>
  model(label: string): Promise<StoredModel | undefined>
  /** All models without their files, the one saved last first. */
  models(): Promise<readonly Omit<StoredModel, 'files'>[]>
  /** Returns whether there was one. */
  removeModel(label: string): Promise<boolean>
  /** Notes a switch. */
  activated(activation: Activation): Promise<void>
  /** The last switches, at most `limit`, the newest first. */
  activations(limit: number): Promise<readonly Activation[]>
}

/** Tokens that don't do any more: one, or all that a subject was given until then. */
export interface Revocation {
  readonly kind: 'jti' | 'subject'
  /** The token's id, or the subject's name. */
  readonly name: string
  readonly revokedMs: number
  /** When the last of these tokens has expired by itself, and this can be forgotten; null where nobody knows. */
  readonly expiresMs: number | null
}

/** Keeps revocations. Methods reject with StoreUnavailableError where the store can't be reached. */
export interface RevocationStore {
  /** Keeps a revocation; one of that kind and name is replaced. Forgets those that expired before `beforeMs`. */
  revoke(revocation: Revocation, beforeMs: number): Promise<void>
  /** Returns whether there was one. */
  lift(kind: Revocation['kind'], name: string): Promise<boolean>
  revocations(): Promise<readonly Revocation[]>
}

/** One place for all of it, embedded or a database server. */
export interface Store {
  /** Where it is, without a password: for messages. */
  readonly where: string
  readonly outcomes: OutcomeStore
  readonly models: ModelStore
  readonly revocations: RevocationStore
  close(): Promise<void>
}
