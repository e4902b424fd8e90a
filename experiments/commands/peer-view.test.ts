import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { PeerView } from './peer-view.ts'

const face = {
  lines: (width: number, isColoured: boolean) => [
    'x'.repeat(width),
    isColoured ? '\u001b[32mcolour\u001b[0m' : 'plain',
  ],
  summary: () => 'all in one line',
  progress: () => ({ role: 'get', haveChunks: 3 }),
}

class Stream {
  text = ''
  readonly isTTY: boolean
  readonly columns = 11
  readonly #hasColors: boolean

  constructor(isTTY: boolean, hasColors = false) {
    this.isTTY = isTTY
    this.#hasColors = hasColors
  }

  hasColors(): boolean {
    return this.#hasColors
  }

  write(text: string): boolean {
    this.text += text
    return true
  }
}

describe('a view of a peer', () => {
  let folder: string
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'seedbed-view-'))
    vi.stubEnv('XDG_RUNTIME_DIR', folder)
  })
  afterEach(() => {
    vi.unstubAllEnvs()
    rmSync(folder, { recursive: true })
  })

  it('draws over what it drew at a terminal, and keeps notes', () => {
    const stream = new Stream(true)
    const view = new PeerView({ stream })
    view.show(face, '127.0.0.1:1')
    expect(stream.text).toBe('xxxxxxxxxx\nplain\n')
    stream.text = ''
    view.refresh()
    expect(stream.text).toBe('\u001b[1G\u001b[2A\u001b[0Jxxxxxxxxxx\nplain\n')
    stream.text = ''
    view.note('something')
    expect(stream.text).toBe('\u001b[1G\u001b[2A\u001b[0Jnote: something\n')
    view.close()
  })

  it('uses colours where the terminal has them', () => {
    const stream = new Stream(true, true)
    const view = new PeerView({ stream })
    view.show(face, '127.0.0.1:1')
    expect(stream.text).toContain('\u001b[32mcolour')
    view.close()
    const piped = new Stream(false, true)
    const line = new PeerView({ stream: piped })
    line.show(face, '127.0.0.1:1')
    line.refresh()
    expect(piped.text).toBe('all in one line\n')
    line.close()
  })

  it('writes one JSON object a line for programs, and nothing for people', () => {
    const stream = new Stream(true)
    const events = new Stream(false)
    const view = new PeerView({ stream, events })
    view.event('ready', { address: '127.0.0.1:1' })
    view.show(face, '127.0.0.1:1')
    view.refresh()
    view.note('something')
    view.close()
    const lines = events.text
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>)
    expect(lines).toMatchObject([
      { event: 'ready', address: '127.0.0.1:1' },
      { event: 'progress', role: 'get', haveChunks: 3 },
      { event: 'note', text: 'something' },
    ])
    for (const { time } of lines) expect(new Date(String(time)).toISOString()).toBe(time)
    expect(stream.text).toBe('')
  })

  it('is listed while it is shown', () => {
    const view = new PeerView({ stream: new Stream(false) })
    view.show(face, '127.0.0.1:1')
    const [name] = readdirSync(join(folder, 'seedbed'))
    expect(JSON.parse(readFileSync(join(folder, 'seedbed', name), 'utf8'))).toMatchObject({
      ...{ pid: process.pid, address: '127.0.0.1:1', progress: { role: 'get', haveChunks: 3 } },
    })
    view.close()
    expect(readdirSync(join(folder, 'seedbed'))).toEqual([])
  })
})
