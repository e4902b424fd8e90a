import { createHash } from 'node:crypto'
import type { ContentId } from '../protocol/ids.ts'
import { canonicalManifest, type Manifest } from '../protocol/manifest.ts'

/** The content id that a manifest must have. */
export const contentIdOf = (manifest: Omit<Manifest, 'contentId'>): ContentId =>
  createHash('sha256').update(canonicalManifest(manifest)).digest('hex')
