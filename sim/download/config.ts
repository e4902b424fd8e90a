/** Files, fetched whole. */
export interface DownloadConfig {
  readonly kind: 'download'
  /** Number of contents, each a swarm of its own; peers choose one with equal chances. */
  readonly contents: number
  readonly contentBytes: number
  readonly chunkBytes: number
}

export const DOWNLOAD_DEFAULTS: DownloadConfig = {
  kind: 'download',
  contents: 1,
  contentBytes: 50_000_000,
  chunkBytes: 1_000_000,
}
