/** A request that is answered with an error: a status, a code for programs and a message for people. */
export class HttpError extends Error {
  override readonly name = 'HttpError'
  readonly status: number
  readonly code: string
  /** When to try again; NaN where that would not help. */
  readonly retryAfterSeconds: number

  constructor(status: number, code: string, message: string, retryAfterSeconds = NaN) {
    super(message)
    this.status = status
    this.code = code
    this.retryAfterSeconds = retryAfterSeconds
  }
}

/** The tracker can't listen where it was told to. */
export class ListenError extends Error {
  override readonly name = 'ListenError'
  readonly code: string

  constructor(host: string, port: number, cause: NodeJS.ErrnoException, option = '--port') {
    const inUse = cause.code === 'EADDRINUSE'
    const way = inUse ? `in use: choose another with ${option}, 0 for a free one` : cause.message
    super(`invalid port: ${port} on ${host} (${way})`, { cause })
    this.code = inUse ? 'E_PORT_IN_USE' : 'E_LISTEN'
  }
}

/** A BitTorrent client's request can't be answered; the message is for its user. */
export class ClientError extends Error {
  override readonly name = 'ClientError'
  readonly code = 'E_CLIENT'
}

/** The tracker can't be started with what it was told. */
export class SettingError extends Error {
  override readonly name = 'SettingError'
  readonly code = 'E_SETTING'
}
