import { chromium } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { requireSystem } from '../../../tools/testing/system.ts'
import { ApiHarness } from './api.testing.ts'
import { MemoryModels } from './stores.testing.ts'

let api: ApiHarness

beforeAll(async () => {
  api = await ApiHarness.start({ models: new MemoryModels() })
})
afterAll(() => api.stop())

describe('the OpenAPI document', () => {
  it('describes what the schemas check', async () => {
    const { json } = await api.ask('/openapi.json')
    expect(json.openapi).toBe('3.1.0')
    const chunkMap = json.paths['/v1/contents/{content}/chunks'].get
    const count = chunkMap.parameters.find(({ name }: { name: string }) => name === 'count')
    expect(count).toMatchObject({ in: 'query', required: false, schema: { type: 'integer', maximum: 1024 } })
    const body = json.paths['/register_chunk'].post.requestBody.content['application/json'].schema
    expect(body.required).toEqual(['movie', 'chunkIndex', 'peerId'])
    expect(json.components.schemas.Holder.properties.goodputBps.type).toEqual(['number', 'null'])
  })

  it('names routes that answer, each with a name of its own, and every reference leads somewhere', async () => {
    const { json } = await api.ask('/openapi.json')
    const names: string[] = []
    for (const [path, methods] of Object.entries<object>(json.paths))
      for (const [method, operation] of Object.entries<{ operationId: string }>(methods as never)) {
        names.push(operation.operationId)
        const { status, json: answer } = await api.ask(path.replaceAll(/[{}]/g, ''), {
          method: method.toUpperCase(),
        })
        expect([path, status === 404 && answer?.error.code === 'E_NOT_FOUND']).toEqual([path, false])
      }
    expect(new Set(names).size).toBe(names.length)
    for (const [, pointer] of JSON.stringify(json).matchAll(/"\$ref":"#\/([^"]+)"/g))
      expect(pointer.split('/').reduce((at, key) => at?.[key], json)).toBeDefined()
  })
})

describe('the documentation', () => {
  it(
    'can be browsed, offline and under its own content security policy',
    { timeout: 60_000 },
    async (context) => {
      const browser = await chromium.launch({
        executablePath: requireSystem('chromium', context),
        args: [
          '--no-sandbox',
          '--disable-gpu',
          '--disable-background-networking',
          '--disable-component-update',
        ],
      })
      try {
        const page = await browser.newPage({ viewport: { width: 1280, height: 900 } })
        const troubles: string[] = []
        page.on('console', (message) => {
          if (['error', 'warning'].includes(message.type())) troubles.push(message.text())
        })
        page.on('pageerror', (error) => troubles.push(error.message))
        page.on('request', (request) => {
          const url = request.url()
          if (!url.startsWith(api.server.url) && !url.startsWith('data:')) troubles.push(`request: ${url}`)
        })
        await page.goto(`${api.server.url}/docs`)
        await page.locator('#operations-statistics-health').click()
        await page.getByRole('button', { name: 'Try it out' }).click()
        await page.getByRole('button', { name: 'Execute' }).click()
        await page.locator('.live-responses-table .response-col_status', { hasText: '200' }).first().waitFor()
        expect(await page.locator('.opblock').count()).toBeGreaterThan(15)
        expect(troubles).toEqual([])
      } finally {
        await browser.close()
      }
    },
  )
})
