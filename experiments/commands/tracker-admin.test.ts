import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { formOf, modelFiles } from '../../tracker/live/api/stores.testing.ts'
import { mintToken } from '../../tracker/live/tokens.ts'
import { startCli } from '../cli.testing.ts'
import { openStore } from '../store/open-store.ts'

const secret = 'a secret that is long enough to sign tokens with'

let folder: string
let child: ChildProcess
let url: string
let token: string

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'seedbed-admin-'))
  writeFileSync(join(folder, 'secret'), secret)
  token = await mintToken(Buffer.from(secret), { subject: 'ops', role: 'admin' }, 600)
})
afterAll(() => {
  child.kill('SIGKILL')
  rmSync(folder, { recursive: true })
})

const start = async (): Promise<void> => {
  const keep = ['--store', join(folder, 'store'), '--auth-secret-file', join(folder, 'secret')]
  child = startCli(['tracker', '--port', '0', '--no-udp', '--json', '--log-level', 'silent', ...keep])
  const [line] = (await once(child.stdout!, 'data')) as [Buffer]
  url = (JSON.parse(line.toString()) as { url: string }).url
}

const end = async (signal: NodeJS.Signals): Promise<void> => {
  child.kill(signal)
  await once(child, 'close')
}

async function ask(method: string, path: string, body?: object): Promise<Record<string, unknown>> {
  const isForm = body instanceof FormData
  const response = await fetch(`${url}${path}`, {
    method,
    headers: {
      authorization: `Bearer ${token}`,
      ...(body && !isForm && { 'content-type': 'application/json' }),
    },
    ...(body && { body: isForm ? body : JSON.stringify(body) }),
  })
  expect([path, response.ok]).toEqual([path, true])
  return (await response.json()) as Record<string, unknown>
}

it(
  'models, switches and acknowledged outcomes outlive a tracker that is killed',
  { timeout: 60_000 },
  async () => {
    await start()
    const { label } = await ask('POST', '/admin/models', formOf(await modelFiles('small')))
    await ask('PUT', '/admin/policy', { policy: 'model', model: label })
    await ask('PUT', '/admin/policy/second', { policy: 'nearest', mode: 'shadow', share: 0.5 })
    const outcomes = [{ chunk: 1, seed: 'b', result: 'ok', bytes: 5, durationMs: 3 }]
    const report = { report: 'a-report-1', content: 'film', peer: 'a', outcomes }
    await ask('POST', '/v1/outcomes', report)
    await end('SIGKILL')

    await start()
    expect(await ask('GET', '/admin/policy')).toMatchObject({
      main: { policy: 'model', model: label },
      second: { policy: 'nearest', mode: 'shadow', share: 0.5 },
    })
    expect(await ask('GET', '/admin/models')).toMatchObject({ models: [{ label, isServing: true }] })
    await ask('POST', '/v1/outcomes', report)
    await ask('POST', '/v1/outcomes', { ...report, report: 'a-report-2' })
    await end('SIGTERM')

    const store = await openStore(join(folder, 'store'))
    const runs: string[] = []
    for await (const { runId, reporter } of store.outcomes.read())
      if (reporter === 'ops') runs.push(runId.split(':')[2])
    await store.close()
    expect(runs.sort()).toEqual(['a-report-1', 'a-report-2'])
  },
)
