import type { Tracker } from '../core/tracker.ts'
import type { ContentKey } from './content-key.ts'
import { type Contents, type ContentShape, shapeOf } from './contents.ts'
import { HttpError } from './errors.ts'
import type { Origin, OriginFile } from './origin.ts'

/** Chunks assumed of a content whose size nobody has told. */
const UNKNOWN_CHUNKS = 4096

export interface OriginContentsParts {
  readonly tracker: Tracker
  readonly contents: Contents
  readonly origin: Origin | undefined
  /** Size of the chunks of what is known by name alone. */
  readonly chunkBytes: number
}

/** How contents are cut into chunks, and where the origin has them. */
export class OriginContents {
  readonly #parts: OriginContentsParts

  constructor(parts: OriginContentsParts) {
    this.#parts = parts
  }

  /** How many chunks a content has; `told` is what the caller says. Rejects with HttpError where nobody knows. */
  async chunkCount({ kind, ref, swarm }: ContentKey, told: number | undefined): Promise<number> {
    const { tracker, contents } = this.#parts
    const known = tracker.swarm(swarm)?.chunkCount ?? contents.shape(ref)?.chunks
    if (known !== undefined) return known
    // A tracker sees no pieces of a torrent: a member has all of it or not.
    if (kind === 'torrent') return 1
    if (kind === 'name') return (await this.#shapeByName(ref))?.chunks ?? told ?? UNKNOWN_CHUNKS
    if (told !== undefined) return told
    throw unknown(ref, 'register its manifest first, or give chunkCount')
  }

  /** A content's file at the origin, to be closed, and how it is cut. Rejects with HttpError where it has none. */
  async open({ kind, ref }: ContentKey): Promise<{ file: OriginFile; shape: ContentShape }> {
    const { origin, contents, chunkBytes } = this.#parts
    if (!origin)
      throw new HttpError(
        404,
        'E_NO_ORIGIN',
        'this tracker has no origin (start it with --origin-folder or --origin-url)',
      )
    const manifest = contents.shape(ref)
    if (kind !== 'name' && !manifest) throw unknown(ref, 'the origin knows contents by manifest or by name')
    const file = await origin.open(manifest?.name ?? ref)
    if (!file) throw unknown(ref, 'the origin has no such file')
    if (manifest && manifest.totalBytes !== file.bytes) {
      await file.close()
      throw unknown(ref, 'the file at the origin has another size')
    }
    return { file, shape: manifest ?? shapeOf(ref, file.bytes, chunkBytes) }
  }

  async #shapeByName(name: string): Promise<ContentShape | undefined> {
    const file = await this.#parts.origin?.open(name)
    await file?.close()
    return file && shapeOf(name, file.bytes, this.#parts.chunkBytes)
  }
}

const unknown = (ref: string, why: string): HttpError =>
  new HttpError(404, 'E_UNKNOWN_CONTENT', `no content ${JSON.stringify(ref)}: ${why}`)
