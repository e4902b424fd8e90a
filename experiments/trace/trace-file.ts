import { createReadStream } from 'node:fs'
import { open } from 'node:fs/promises'
import { createInterface } from 'node:readline'
import { createGunzip } from 'node:zlib'
import { PassThrough } from 'node:stream'
import { quote } from '../../peer/protocol/ids.ts'
import { TraceFileError } from './errors.ts'
import {
  isMark,
  isTail,
  TRACE_FORMAT,
  type TraceHead,
  type TraceMark,
  type TraceTail,
} from './trace-format.ts'

/** The lines of a trace file, without its head. Throws TraceFileError where the file is no trace, or damaged. */
export async function* readLines(path: string): AsyncGenerator<string> {
  const lines = textLines(path)
  try {
    const first = await lines.next()
    parseHead(path, first.done === true ? '' : first.value)
    yield* lines
  } finally {
    await lines.return(undefined)
  }
}

/** What a trace file is of. Throws TraceFileError where it is no trace. */
export async function readHead(path: string): Promise<TraceHead> {
  const lines = textLines(path)
  const first = await lines.next()
  await lines.return(undefined)
  return parseHead(path, first.done === true ? '' : first.value)
}

/** Where a trace stands at the end of each second, then its tail; undefined where the file was cut off. */
export async function* readMarks(path: string): AsyncGenerator<TraceMark, TraceTail | undefined> {
  for await (const line of readLines(path)) {
    if (isTail(line)) return parse<TraceTail>(path, line)
    if (isMark(line)) yield parse<TraceMark>(path, line)
  }
  return undefined
}

function parseHead(path: string, line: string): TraceHead {
  let head: Partial<TraceHead> | null = null
  try {
    head = JSON.parse(line) as Partial<TraceHead> | null
  } catch {
    // Told below, like any other first line that is no head.
  }
  if (head?.format !== TRACE_FORMAT)
    throw new TraceFileError(`invalid trace: ${quote(path)} (seedbed replay RUN --out FILE records one)`)
  if (head.formatVersion !== 1)
    throw new TraceFileError(
      `invalid trace: ${quote(path)} has format version ${head.formatVersion} (allowed 1; record it again)`,
    )
  return head as TraceHead
}

/** Throws TraceFileError. */
export function parse<T>(path: string, line: string): T {
  try {
    return JSON.parse(line) as T
  } catch (cause) {
    throw new TraceFileError(
      `invalid trace: ${quote(path)} holds a damaged line: ${quote(line.slice(0, 60))}`,
      {
        cause,
      },
    )
  }
}

async function* textLines(path: string): AsyncGenerator<string> {
  const isZipped = await startsAsGzip(path)
  const file = createReadStream(path)
  const text = new PassThrough()
  let failure: Error | undefined
  // The lines before the failure still come, and then an end.
  const fail = (error: Error): void => {
    failure ??= error
    text.end()
  }
  file.on('error', fail)
  if (isZipped) file.pipe(createGunzip().on('error', fail)).pipe(text)
  else file.pipe(text)
  try {
    yield* createInterface({ input: text, crlfDelay: Infinity })
    if (failure !== undefined && !isCutOff(failure))
      throw new TraceFileError(`invalid trace: ${quote(path)}: ${failure.message}`, { cause: failure })
  } finally {
    file.destroy()
    text.destroy()
  }
}

/** A trace that was cut off while it was recorded still shows what came before. */
const isCutOff = (error: unknown): boolean => (error as NodeJS.ErrnoException).code === 'Z_BUF_ERROR'

/** Throws TraceFileError where the file cannot be read. */
async function startsAsGzip(path: string): Promise<boolean> {
  try {
    const file = await open(path)
    try {
      const { bytesRead, buffer } = await file.read(Buffer.alloc(2), 0, 2, 0)
      return bytesRead === 2 && buffer[0] === 0x1f && buffer[1] === 0x8b
    } finally {
      await file.close()
    }
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException
    const why = code === 'ENOENT' ? 'no such file' : code === 'EISDIR' ? 'a folder' : message
    throw new TraceFileError(`invalid trace: ${quote(path)} (${why})`, { cause })
  }
}
