/** A data file holds something that cannot be used, or cannot be read. */
export class DataFileError extends Error {
  override readonly name = 'DataFileError'
  readonly code = 'E_DATA_FILE'
  constructor(source: string, problem: string) {
    super(`invalid data file ${source}: ${problem}`)
  }
}
