import type { FileHandle } from 'node:fs/promises'
import { FileError } from './errors.ts'

/** Reads `bytes` bytes from a position. Rejects where the file ends before. */
export async function readExactly(file: FileHandle, position: number, bytes: number): Promise<Buffer> {
  const data = Buffer.allocUnsafeSlow(bytes)
  for (let filled = 0; filled < bytes;) {
    const { bytesRead } = await file.read(data, filled, bytes - filled, position + filled)
    if (bytesRead === 0)
      throw new FileError(
        'E_SHORT',
        `file ends at ${position + filled}, ${bytes - filled} bytes early (was it changed?)`,
      )
    filled += bytesRead
  }
  return data
}

/** Writes all of `data` at a position. */
export async function writeFully(file: FileHandle, data: Uint8Array, position: number): Promise<void> {
  for (let written = 0; written < data.length;) {
    const { bytesWritten } = await file.write(data, written, data.length - written, position + written)
    written += bytesWritten
  }
}
