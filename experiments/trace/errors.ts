/** A file is not a trace, or not one that can be used for what was asked. */
export class TraceFileError extends Error {
  override readonly name = 'TraceFileError'
  readonly code = 'E_TRACE'
}
