/** A store can't be opened, or is given something that it doesn't take. */
export class InvalidStoreError extends Error {
  override readonly name = 'InvalidStoreError'
  readonly code = 'E_STORE'
}

/** Another process holds the store's folder for too long. */
export class StoreBusyError extends Error {
  override readonly name = 'StoreBusyError'
  readonly code = 'E_STORE_BUSY'
}

/** The database server of a store can't be reached. */
export class StoreDownError extends Error {
  override readonly name = 'StoreDownError'
  readonly code = 'E_STORE_DOWN'

  constructor(where: string, cause: Error) {
    super(`store ${where} can't be reached: ${cause.message} (is the server running?)`, { cause })
  }
}

/** A stored outcome is not one: it was changed, or another version wrote it. */
export class InvalidOutcomeError extends Error {
  override readonly name = 'InvalidOutcomeError'
  readonly code = 'E_STORED_OUTCOME'
}
