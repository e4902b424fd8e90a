import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { MongoClient } from 'mongodb'
import type { TestContext } from 'vitest'
import { requireSystem } from './system.ts'

/** A server of MongoDB's protocol. */
export interface MongoServer {
  /** The URI of a database that is still empty. */
  freshDatabase(): string
  stop(): Promise<void>
}

/**
 * A server for tests: the one of SEEDBED_MONGODB_URI, or one of tools/mongo-server's on a free port, with files in a
 * folder that goes with it. Skips the test, or fails it, where there is none.
 */
export async function startMongo(context: TestContext): Promise<MongoServer> {
  const given = process.env['SEEDBED_MONGODB_URI']
  if (given !== undefined) return givenServer(given)
  const program = requireSystem('mongo-server', context)
  const folder = await mkdtemp(join(tmpdir(), 'seedbed-mongo-'))
  const { uri, stop } = await startMongoProcess(program, folder)
  return {
    freshDatabase: () => withDatabase(uri),
    stop: async () => {
      await stop()
      await rm(folder, { recursive: true })
    },
  }
}

/** A server that goes on; what tests made in it goes. */
function givenServer(uri: string): MongoServer {
  const databases: string[] = []
  return {
    freshDatabase: () => {
      databases.push(withDatabase(uri))
      return databases[databases.length - 1]
    },
    stop: async () => {
      for (const database of databases) {
        const client = new MongoClient(database)
        await client.db().dropDatabase()
        await client.close()
      }
    },
  }
}

/** A server that a test may freeze: its connections stay open and nothing is answered. */
export interface MongoProcess {
  readonly uri: string
  freeze(): void
  thaw(): void
  stop(): Promise<void>
}

/** Starts tools/mongo-server's program on the files of a folder; on a free port where none is given. */
export async function startMongoProcess(program: string, folder: string, port = 0): Promise<MongoProcess> {
  const child = spawn(program, [folder, String(port)], { stdio: ['pipe', 'pipe', 'ignore'] })
  const exited = once(child, 'exit')
  const [line] = (await Promise.race([
    once(child.stdout, 'data'),
    exited.then(([status]) => {
      throw new Error(`${program} ended with status ${String(status)}`)
    }),
  ])) as [Buffer]
  return {
    uri: line.toString().trim(),
    freeze: () => void child.kill('SIGSTOP'),
    thaw: () => void child.kill('SIGCONT'),
    stop: async () => {
      child.stdin.end()
      await exited
    },
  }
}

function withDatabase(uri: string): string {
  const url = new URL(uri)
  url.pathname = `/seedbed-test-${randomBytes(6).toString('hex')}`
  return url.href
}
