import { execFileSync, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { Agent, request } from 'node:https'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { connect } from 'node:net'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { WebSocket } from 'ws'
import { parse } from 'yaml'
import yargs from 'yargs'
import { requireSystem } from '../../tools/testing/system.ts'
import { createVerifier } from '../../tracker/live/tokens.ts'
import { runCli, startCli } from '../cli.testing.ts'
import { trackerCommand } from './tracker.ts'
import { ENV_PREFIX, type TrackerArguments } from './tracker-options.ts'
import { resolveTracker } from './tracker-settings.ts'
import { describeSettings, settingsText } from './tracker-summary.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))
const secret = 'a secret that is long enough to sign tokens with'

let folder: string
const file = (name: string, text = ''): string => {
  const path = join(folder, name)
  writeFileSync(path, text)
  return path
}

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'seedbed-tracker-'))
})
afterAll(() => rmSync(folder, { recursive: true }))
afterEach(() => {
  for (const name of Object.keys(process.env)) if (name.startsWith(ENV_PREFIX)) delete process.env[name]
})

/** What words, environment and file come to. */
async function settle(words: readonly string[]): Promise<TrackerArguments> {
  let settled: TrackerArguments | undefined
  await yargs(['tracker', ...words])
    .command({ ...trackerCommand, handler: (given) => void (settled = given as unknown as TrackerArguments) })
    .strict()
    .exitProcess(false)
    .fail((message: string | null, error: Error | undefined) => {
      throw error ?? new Error(message ?? '')
    })
    .parseAsync()
  return settled!
}

describe('the options of the tracker', () => {
  it('come from the command line, then the environment, then the file, then the defaults', async () => {
    const config = file(
      'all.yaml',
      'port: 1\nudp-port: 1\napi-limit: 1\norigin: [https://a.test]\nudp: false\n',
    )
    process.env['SEEDBED_TRACKER_PORT'] = '2'
    process.env['SEEDBED_TRACKER_UDP_PORT'] = '2'
    const given = await settle(['--config', config, '--port', '3'])
    const { port, udpPort, apiLimit, origin, udp, tokenLimit } = given
    expect({ port, udpPort, apiLimit, origin, udp, tokenLimit }).toEqual({
      ...{ port: 3, udpPort: 2, apiLimit: 1, origin: ['https://a.test'], udp: false, tokenLimit: 6000 },
    })
    process.env['SEEDBED_TRACKER_CONFIG'] = config
    expect((await settle([])).apiLimit).toBe(1)
  })

  it('that nobody knows are told, wherever they come from, with what was meant', async () => {
    await expect(settle(['--config', file('odd.yaml', 'prot: 1')])).rejects.toThrow(
      /odd.yaml: unknown option prot \(did you mean port\?\)/,
    )
    await expect(settle(['--config', file('list.yaml', '- 1')])).rejects.toThrow(/options by name expected/)
    await expect(settle(['--config', join(folder, 'none.yaml')])).rejects.toThrow(/none.yaml: can't be read/)
    await expect(settle(['--prot', '1'])).rejects.toThrow(/Unknown argument: prot/)
    process.env['SEEDBED_TRACKER_PROT'] = '1'
    await expect(settle([])).rejects.toThrow(
      /unknown option SEEDBED_TRACKER_PROT \(did you mean SEEDBED_TRACKER_PORT\?\)/,
    )
  })

  it('are refused where they can not be', async () => {
    const wrong: [string[], RegExp][] = [
      [['--port', '70000'], /invalid --port: 70000 \(0 to 65535\)/],
      [['--port', 'x'], /invalid --port: NaN/],
      [['--cluster', '0'], /invalid --cluster: 0 \(1 to 64\)/],
      [['--cluster', 'two'], /invalid --cluster: NaN/],
      [['--tls-cert', 'x'], /--tls-cert and --tls-key go together/],
      [['--origin', 'example.org'], /invalid --origin: "example.org"/],
      [['--origin', 'https://a.test/page'], /invalid --origin/],
      [['--origin-folder', 'a', '--origin-url', 'b'], /exclude each other/],
      [['--auth-key-file', 'a', '--auth-jwks-file', 'b'], /exclude each other/],
      [['--announce-interval', '0'], /invalid --announce-interval: 0/],
    ]
    for (const [words, message] of wrong) await expect(settle(words)).rejects.toThrow(message)
    const resolved: [string[], RegExp][] = [
      [['--origin-url', 'file:///etc'], /invalid --origin-url: "file:\/\/\/etc" \(http or https/],
      [['--origin-url', 'http://me:pw@h/'], /it holds a password/],
      [['--origin-folder', join(folder, 'none')], /no such folder/],
      [['--auth-secret-file', join(folder, 'none')], /invalid --auth-secret-file/],
      [['--auth-secret-file', file('short', 'abc')], /3 bytes \(at least 32/],
      [
        ['--tls-cert', file('c.pem', 'x'), '--tls-key', file('k.pem', 'x')],
        /invalid --tls-cert or --tls-key/,
      ],
      [['--model', folder], /is not a model folder/],
    ]
    for (const [words, message] of resolved) {
      const given = await settle(words)
      expect(() => resolveTracker(given)).toThrow(message)
    }
  })

  it('are printed by a dry run, without what is secret', async () => {
    const given = await settle([
      '--auth-secret-file',
      file('secret', secret),
      '--store',
      'mongodb://me:hunter2@h/db',
    ])
    const text = settingsText(describeSettings(given, resolveTracker(given)))
    expect(text).not.toContain('hunter2')
    expect(text).not.toContain(secret)
    expect(parse(text)).toMatchObject({
      ...{
        store: 'mongodb://me:***@h/db',
        port: 8080,
        policy: 'random',
        'auth-secret-file': join(folder, 'secret'),
      },
    })
  })
})

describe('seedbed tracker', () => {
  it('--dry-run opens nothing, and mints tokens that the tracker takes', { timeout: 60_000 }, async () => {
    const secretFile = file('mint', `${secret}\n`)
    const before = readdirSync(folder)
    const dry = await runCli([
      'tracker',
      '--dry-run',
      '--json',
      '--store',
      join(folder, 'store'),
      '--port',
      '1',
    ])
    expect([dry.status, dry.stderr]).toEqual([0, ''])
    expect(JSON.parse(dry.stdout)).toMatchObject({ port: 1, policy: 'random' })
    expect(readdirSync(folder)).toEqual(before)
    const words = [
      'tracker',
      'token',
      '--role',
      'report',
      '--subject',
      'app',
      '--auth-secret-file',
      secretFile,
    ]
    const { status, stdout } = await runCli([...words, '--expires', '12h'])
    expect(status).toBe(0)
    const verifier = createVerifier({ kind: 'secret', secret: Buffer.from(secret) })
    expect(await verifier.verify(stdout.trim())).toMatchObject({ subject: 'app', role: 'report' })
    const wrong = await runCli([...words, '--expires', 'never'])
    expect([wrong.status, wrong.stderr]).toEqual([2, expect.stringMatching(/invalid --expires: "never"/)])
  })

  it('speaks TLS, logs JSON, and stops when it is told to', { timeout: 60_000 }, async (context) => {
    const openssl = requireSystem('openssl', context)
    const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')]
    const make = [
      'req',
      '-x509',
      '-newkey',
      'ec',
      '-pkeyopt',
      'ec_paramgen_curve:P-256',
      '-nodes',
      '-days',
      '2',
    ]
    execFileSync(openssl, [...make, '-subj', '/CN=localhost', '-keyout', key, '-out', cert], {
      stdio: 'ignore',
    })
    const words = ['--port', '0', '--no-udp', '--json', '--tls-cert', cert, '--tls-key', key]
    const child: ChildProcess = startCli(['tracker', ...words, '--store', join(folder, 'store')])
    let log = ''
    child.stderr!.on('data', (data: Buffer) => (log += data.toString()))
    const [line] = (await once(child.stdout!, 'data')) as [Buffer]
    const { url } = JSON.parse(line.toString()) as { url: string }
    expect(url).toMatch(/^https:/)
    const health = await new Promise((resolve, reject) => {
      request(`${url}/health`, { ca: readFileSync(cert), servername: 'localhost' }, (response) => {
        response
          .resume()
          .on('end', () => resolve([response.statusCode, response.headers['strict-transport-security']]))
      })
        .on('error', reject)
        .end()
    })
    expect(health).toEqual([200, 'max-age=15552000'])
    const agent = new Agent({ ca: readFileSync(cert), servername: 'localhost' })
    const socket = new WebSocket(url.replace('https', 'wss'), { agent })
    await once(socket, 'open')
    socket.terminate()
    const plain = await new Promise<string>((resolve) => {
      const socket = connect(Number(new URL(url).port), '127.0.0.1', () =>
        socket.write('GET / HTTP/1.1\r\n\r\n'),
      )
      let text = ''
      socket.on('data', (data) => (text += data.toString('latin1'))).on('error', () => undefined)
      socket.on('close', () => resolve(text))
    })
    expect(plain).not.toContain('HTTP/1.1 200')
    child.kill('SIGTERM')
    const [status] = (await once(child, 'close')) as [number]
    expect(status).toBe(0)
    const messages = log
      .split('\n')
      .flatMap((text) => (text === '' ? [] : [(JSON.parse(text) as { msg: string }).msg]))
    expect(messages).toEqual(['tracker is up', 'tracker has stopped'])
  })
})

describe('deploy/', () => {
  const read = (name: string): string => readFileSync(join(root, 'deploy', name), 'utf8')
  const wordsOf = (line: string): string[] => {
    const words = line.trim().split(/\s+/)
    return words.slice(words.indexOf('tracker') + 1)
  }

  it('has a unit that systemd takes', (context) => {
    execFileSync(
      requireSystem('systemd', context),
      ['verify', join(root, 'deploy', 'seedbed-tracker.service')],
      {
        stdio: 'pipe',
      },
    )
  })

  it('names options that there are, in the unit, the file and the container', async () => {
    const lines = read('seedbed-tracker.service').split('\n')
    const config = join(root, 'deploy', 'tracker.yaml')
    const commands = lines.filter((line) => /^Exec/.test(line))
    expect(commands).toHaveLength(2)
    for (const line of commands) await settle(wordsOf(line.replace('/etc/seedbed/tracker.yaml', config)))
    const everything = read('tracker.yaml').replaceAll(/^# ([a-z-]+:.*)$/gm, '$1')
    expect(Object.keys(parse(everything) as object).length).toBeGreaterThan(7)
    await settle(['--config', file('everything.yaml', everything)])
    const variables = [...read('Containerfile').matchAll(/\b(SEEDBED_TRACKER_[A-Z_]+)=(\S+)/g)]
    for (const [, name, value] of variables) process.env[name] = value
    expect(await settle([])).toMatchObject({ host: '0.0.0.0', port: 8080, store: '/var/lib/seedbed' })
    expect(lines.join('\n')).toContain('Environment=SEEDBED_TRACKER_AUTH_SECRET_FILE=%d/auth-secret')
  })

  it('builds the container from what there is', () => {
    const steps = read('Containerfile')
      .replaceAll(/\\\n/g, ' ')
      .split('\n')
      .filter((line) => line !== '' && !line.startsWith('#'))
    const allowed = /^(FROM|WORKDIR|COPY|RUN|USER|VOLUME|ENV|EXPOSE|STOPSIGNAL|HEALTHCHECK|ENTRYPOINT) /
    expect(steps.filter((step) => !allowed.test(step))).toEqual([])
    const stages = steps.flatMap((step) => /^FROM \S+ AS (\S+)/.exec(step)?.[1] ?? [])
    for (const [, stage, path] of steps.join('\n').matchAll(/^COPY --from=(\S+) \/build\/(\S+)/gm)) {
      expect(stages).toContain(stage)
      const isThere = existsSync(join(root, path)) || ['dist', 'node_modules'].includes(path)
      expect([path, isThere]).toEqual([path, true])
    }
    const scripts = (JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { scripts: object })
      .scripts
    for (const [, name] of steps.join('\n').matchAll(/npm run ([a-z:]+)/g))
      expect(scripts).toHaveProperty([name])
    expect(JSON.parse(steps.at(-1)!.replace('ENTRYPOINT ', ''))).toEqual([
      'node',
      '/opt/seedbed/bin/seedbed.js',
      'tracker',
    ])
  })
})
