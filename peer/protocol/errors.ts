/** Something that came from outside (a frame, an identifier, a manifest) is not valid. */
export class ProtocolError extends Error {
  override readonly name = 'ProtocolError'
  readonly code = 'E_PROTOCOL'
}
