import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { MongoClient } from 'mongodb'
import { afterAll, describe, expect, it, type TestContext } from 'vitest'
import {
  modelStoreContract,
  outcome,
  outcomeStoreContract,
  readAll,
  revocationStoreContract,
} from '../../peer/ports/outcome-store.contract.ts'
import { type MongoServer, startMongo } from '../../tools/testing/mongo.ts'
import { type ExportableStore, openStore } from './open-store.ts'

const folder = mkdtempSync(join(tmpdir(), 'seedbed-stores-'))
const opened: ExportableStore[] = []
let server: Promise<MongoServer> | undefined
afterAll(async () => {
  for (const store of opened) await store.close()
  await (await server)?.stop()
  rmSync(folder, { recursive: true })
})

const openFolder = (): Promise<ExportableStore> => open(mkdtempSync(join(folder, 'store-')))

async function openMongo(context: TestContext, retentionMs?: number): Promise<ExportableStore> {
  server ??= startMongo(context)
  return open((await server).freshDatabase(), retentionMs)
}

async function open(given: string, retentionMs?: number): Promise<ExportableStore> {
  const store = await openStore(given, retentionMs)
  opened.push(store)
  return store
}

outcomeStoreContract('a folder', async () => (await openFolder()).outcomes)
modelStoreContract('a folder', async () => (await openFolder()).models)
outcomeStoreContract('MongoDB', async (context) => (await openMongo(context)).outcomes)
modelStoreContract('MongoDB', async (context) => (await openMongo(context)).models)
revocationStoreContract('a folder', async () => (await openFolder()).revocations)
revocationStoreContract('MongoDB', async (context) => (await openMongo(context)).revocations)

describe('a folder', () => {
  it('merges small files, and reads nothing twice when a crash leaves the parts', async () => {
    const path = mkdtempSync(join(folder, 'store-'))
    const { outcomes } = await open(path)
    const given = Array.from({ length: 16 }, (_, decision) => outcome(decision))
    for (const one of given.slice(0, 15)) await outcomes.insert([one])
    const parts = readdirSync(join(path, 'outcomes')).filter((name) => name.endsWith('.parquet'))
    expect(parts).toHaveLength(15)
    const kept = parts.map((name) => [name, readFileSync(join(path, 'outcomes', name))] as const)
    await outcomes.insert([given[15]])
    const merged = ['00000001-00000016.parquet', 'lock']
    expect(readdirSync(join(path, 'outcomes'))).toEqual(merged)
    for (const [name, content] of kept) writeFileSync(join(path, 'outcomes', name), content)
    writeFileSync(join(path, 'outcomes', '00000017-00000017.parquet.draft'), 'half a fi')
    expect(await readAll(outcomes)).toEqual(given)
    expect(readdirSync(join(path, 'outcomes'))).toEqual(merged)
    expect(await outcomes.insert([given[3], outcome(99)])).toBe(1)
  })

  it('has models where --model finds them', async () => {
    const path = mkdtempSync(join(folder, 'store-'))
    const { models } = await open(path)
    const files = new Map([['card.json', Buffer.from('{}')]])
    await models.putModel({ label: 'fast@1', savedMs: Date.now(), files })
    expect(readFileSync(join(path, 'models', 'fast@1', 'card.json'), 'utf8')).toBe('{}')
  })

  it.each(['/dev/null/store', 'redis://localhost', ''])('can not be at %j', async (path) => {
    await expect(openStore(path)).rejects.toMatchObject({
      code: 'E_STORE',
      message: expect.stringContaining(`invalid store: ${JSON.stringify(path)}`),
    })
  })
})

describe('MongoDB', () => {
  it('forgets by itself where the server can, else by the job', async (context) => {
    const { outcomes, where } = await openMongo(context, 3_600_000)
    await outcomes.insert([outcome(1)])
    await outcomes.expire(Date.now())
    const client = new MongoClient(where)
    try {
      const indexes = await client.db().collection('outcomes').indexes()
      const found = indexes.find(({ name }) => name === 'received_at_1')
      if (found?.expireAfterSeconds === undefined) expect(await readAll(outcomes)).toEqual([])
      else expect(found.expireAfterSeconds).toBe(3600)
    } finally {
      await client.close()
    }
  })

  it('names documents and their fields so that others can query them', async (context) => {
    const { outcomes, where } = await openMongo(context)
    await outcomes.insert([outcome(7)])
    const client = new MongoClient(where)
    try {
      const document = await client.db().collection<{ _id: string }>('outcomes').findOne({ _id: 'a/7' })
      expect(document).toMatchObject({ run_id: 'a', decision: 7, policy: 'random', result: 'ok', chosen: 1 })
      expect(document).toMatchObject({ received_at: new Date(1_700_000_000_007), connect_ms: null })
    } finally {
      await client.close()
    }
  })

  it('tells what is wrong with a URI, without the password', async () => {
    await expect(openStore('mongodb://me:secret@:x/')).rejects.toMatchObject({
      code: 'E_STORE',
      message: expect.not.stringContaining('secret'),
    })
  })

  it('rejects while there is no server, and opens all the same', async () => {
    const { outcomes } = await open('mongodb://127.0.0.1:1/x?serverSelectionTimeoutMS=50')
    await expect(outcomes.insert([outcome(1)])).rejects.toThrow(
      "store mongodb://127.0.0.1:1/x can't be reached: connect ECONNREFUSED",
    )
  })
})
