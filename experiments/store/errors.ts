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

/** A stored outcome is not one: it was changed, or another version wrote it. */
export class InvalidOutcomeError extends Error {
  override readonly name = 'InvalidOutcomeError'
  readonly code = 'E_STORED_OUTCOME'
}
