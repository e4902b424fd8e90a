import { StoreUnavailableError } from '../../peer/ports/outcome-store.ts'

const BUSY_RETRY_MS = 5_000
const DOWN_RETRY_MS = 10_000

/** A store can't be opened, or is given something that it doesn't take. */
export class InvalidStoreError extends Error {
  override readonly name = 'InvalidStoreError'
  readonly code = 'E_STORE'
}

/** Another process holds the store's folder for too long. */
export class StoreBusyError extends StoreUnavailableError {
  override readonly name = 'StoreBusyError'

  constructor(message: string) {
    super('E_STORE_BUSY', message, BUSY_RETRY_MS)
  }
}

/** The database server of a store can't be reached, or does not do what it is asked. */
export class StoreDownError extends StoreUnavailableError {
  override readonly name = 'StoreDownError'

  constructor(where: string, cause: Error) {
    super(
      'E_STORE_DOWN',
      `store ${where} can't be reached: ${cause.message} (is the server running?)`,
      DOWN_RETRY_MS,
      { cause },
    )
  }
}

/** The disk of a store takes nothing more, or gives nothing. */
export class StoreDiskError extends StoreUnavailableError {
  override readonly name = 'StoreDiskError'

  constructor(where: string, cause: Error) {
    super(
      'E_STORE_DISK',
      `store ${where} can't be used: ${cause.message} (is its disk full, or its folder not this user's?)`,
      DOWN_RETRY_MS,
      { cause },
    )
  }
}

/** A stored outcome is not one: it was changed, or another version wrote it. */
export class InvalidOutcomeError extends Error {
  override readonly name = 'InvalidOutcomeError'
  readonly code = 'E_STORED_OUTCOME'
}
