import { randomBytes } from 'node:crypto'
import { lstatSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir, userInfo } from 'node:os'
import { join } from 'node:path'
import { z } from 'zod'

/** Peers that are listed; further files are not looked at. */
export const MAX_PEERS = 256
const MAX_FILE_BYTES = 64 * 1024
/** A running peer writes every second: one that has not for so long hangs, or is stopped. */
const SILENT_MS = 10_000
const NAME = /^\d+-[0-9a-f]{8}\.json$/

const progressSchema = z.looseObject({
  role: z.enum(['seed', 'get', 'serve', 'source', 'watch']),
  name: z.string().max(1000).optional(),
  chunks: z.number().optional(),
  haveChunks: z.number().optional(),
  downloadBps: z.number().optional(),
  uploadBps: z.number().optional(),
  neighbours: z.number().optional(),
})

const statusSchema = z.object({
  pid: z.int().min(1),
  /** Milliseconds since 1970. */
  startedMs: z.number(),
  updatedMs: z.number(),
  address: z.string().max(300),
  progress: progressSchema,
})

/** What a peer tells of itself; times are milliseconds since 1970. */
export type PeerStatus = z.infer<typeof statusSchema>

/** `silent`: the process is there, but has not told anything for a while. */
export type ListedPeer = PeerStatus & { readonly state: 'running' | 'silent' }

/** The folder of this user's running peers: below XDG_RUNTIME_DIR, or below the system's folder for temporary files. */
export function statusFolder(environment: NodeJS.ProcessEnv = process.env): string {
  const runtime = environment['XDG_RUNTIME_DIR']
  return runtime ? join(runtime, 'seedbed') : join(tmpdir(), `seedbed-${userInfo().uid}`)
}

/** Where one running peer tells how it is doing, for `seedbed peer status`. */
export class StatusFile {
  readonly #path: string
  readonly #address: string
  readonly #startedMs = Date.now()
  readonly #failed: (error: Error) => void
  #isGone = false

  /** `failed` is called once where the file can't be written: the peer runs on without it. */
  constructor(address: string, failed: (error: Error) => void, folder = statusFolder()) {
    this.#path = join(folder, `${process.pid}-${randomBytes(4).toString('hex')}.json`)
    this.#address = address
    this.#failed = failed
    this.#try(() => makeOwn(folder))
  }

  write(progress: object): void {
    const { pid } = process
    const status = {
      pid,
      startedMs: this.#startedMs,
      updatedMs: Date.now(),
      address: this.#address,
      progress,
    }
    this.#try(() => {
      // Readers never see half of it.
      writeFileSync(`${this.#path}.new`, JSON.stringify(status), { mode: 0o600 })
      renameSync(`${this.#path}.new`, this.#path)
    })
  }

  remove(): void {
    this.#isGone = true
    rmSync(this.#path, { force: true })
    rmSync(`${this.#path}.new`, { force: true })
  }

  #try(action: () => void): void {
    if (this.#isGone) return
    try {
      action()
    } catch (error) {
      this.#isGone = true
      this.#failed(error as Error)
    }
  }
}

/** Makes the folder for this user alone; refuses one that somebody else has laid there. */
function makeOwn(folder: string): void {
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const { uid } = userInfo()
  const stats = lstatSync(folder)
  const isOwn = stats.isDirectory() && (uid < 0 || (stats.uid === uid && (stats.mode & 0o077) === 0))
  if (!isOwn)
    throw new Error(`${folder} is not a folder of this user alone (remove it, or set XDG_RUNTIME_DIR)`)
}

/** The running peers of this user, the oldest first. Files of processes that are gone are removed. */
export async function listPeers(folder = statusFolder(), nowMs = Date.now()): Promise<ListedPeer[]> {
  const names = await readdir(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return []
    throw error
  })
  const peers: ListedPeer[] = []
  for (const name of names.filter((one) => NAME.test(one)).slice(0, MAX_PEERS)) {
    const path = join(folder, name)
    const status = await readStatus(path)
    if (!status || !isRunning(status.pid)) await rm(path, { force: true })
    else peers.push({ ...status, state: nowMs - status.updatedMs > SILENT_MS ? 'silent' : 'running' })
  }
  return peers.toSorted((a, b) => a.startedMs - b.startedMs)
}

async function readStatus(path: string): Promise<PeerStatus | undefined> {
  try {
    const text = await readFile(path, 'utf8')
    if (text.length > MAX_FILE_BYTES) return undefined
    return statusSchema.safeParse(JSON.parse(text)).data
  } catch {
    return undefined
  }
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}
