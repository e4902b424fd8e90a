import { FileChunkStore } from './file-chunk-store.ts'

/** Makes all file stores below a folder hand out their chunks at a rate, one after the other; returns what ends that. */
export function limitReads(folder: string, rateBps: number): () => void {
  const { read } = FileChunkStore.prototype
  let freeMs = 0
  FileChunkStore.prototype.read = function (chunk, done) {
    if (!this.path.startsWith(folder)) return read.call(this, chunk, done)
    read.call(this, chunk, (body) => {
      const nowMs = performance.now()
      freeMs = Math.max(freeMs, nowMs) + (1000 * (body?.bytes ?? 0)) / rateBps
      setTimeout(() => done(body), freeMs - nowMs)
    })
  }
  return () => void (FileChunkStore.prototype.read = read)
}
