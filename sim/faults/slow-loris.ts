import { NetworkFilter } from './network-filter.ts'

/** A seed that takes requests and sends no chunk, ever: its core believes that it is sending. */
export class SlowLoris extends NetworkFilter {
  override sendChunk(): void {}

  override abortChunk(): void {}
}
