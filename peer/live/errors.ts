/** Base of the errors that a live peer's user can do something about. */
export class LiveError extends Error {
  override readonly name: string = 'LiveError'
  readonly code: string

  constructor(code: string, message: string, cause?: unknown) {
    super(message, { cause })
    this.code = code
  }
}

/** A port can't be listened on. */
export class ListenError extends LiveError {
  override readonly name = 'ListenError'

  constructor(host: string, port: number, cause: NodeJS.ErrnoException) {
    const inUse = cause.code === 'EADDRINUSE'
    const way = inUse
      ? 'in use: choose another port, or 0 for a free one'
      : `${cause.message}: choose another`
    super(inUse ? 'E_PORT_IN_USE' : 'E_LISTEN', `invalid listen address: ${host}:${port} (${way})`, cause)
  }
}

/** The tracker does not answer, or not as a tracker does. */
export class TrackerError extends LiveError {
  override readonly name = 'TrackerError'
}

/** A file can't be read, written or resumed. */
export class FileError extends LiveError {
  override readonly name = 'FileError'
}

/** A .torrent file or magnet link can't be read, or describes what can't be shared. */
export class TorrentError extends LiveError {
  override readonly name = 'TorrentError'
}

/** A WebRTC connection can't be set up, or has failed. */
export class RtcError extends LiveError {
  override readonly name = 'RtcError'
}

/** The error of a failed file operation, with the way out; errors of other kinds stay as they are. */
export function fileError(action: string, path: string, cause: unknown): Error {
  const { code, message, syscall } = cause as NodeJS.ErrnoException
  if (syscall === undefined && cause instanceof Error) return cause
  const [name, why] = reasonOf(code, message)
  return new FileError(name, `can't ${action} ${path}: ${why}`, cause)
}

function reasonOf(code: string | undefined, message: string): [code: string, why: string] {
  switch (code) {
    case 'ENOSPC':
    case 'EDQUOT':
      return ['E_DISK_FULL', 'disk full (free some space and start again: what is verified is kept)']
    case 'ENOENT':
      return ['E_NO_FILE', 'no such file or folder']
    case 'EACCES':
    case 'EPERM':
    case 'EROFS':
      return ['E_FORBIDDEN', 'not permitted (choose another place, or mend its permissions)']
    default:
      return ['E_FILE', message]
  }
}
