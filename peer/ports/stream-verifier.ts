import type { ChunkBody } from './chunk-store.ts'

/** Tells a live stream's own chunks from others: by their signatures live, by a token in simulation. */
export interface StreamVerifier {
  /** Whether a body is the stream's chunk of that full number. Answers during the call or later. */
  verify(number: number, body: ChunkBody, done: (isGenuine: boolean) => void): void
}
