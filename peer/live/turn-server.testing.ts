import { spawn } from 'node:child_process'
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestContext } from 'vitest'
import { requireSystem } from '../../tools/testing/system.ts'
import type { TurnServer } from './rtc-options.ts'

export interface RunningTurnServer {
  readonly server: TurnServer
  /** Bytes that clients have sent to be passed on, as far as the server has reported them. */
  relayedBytes(): number
  stop(): Promise<void>
}

/** Starts Debian's coturn on loopback, for the users of one test. */
export async function startTurnServer(test: TestContext): Promise<RunningTurnServer> {
  const path = requireSystem('coturn', test)
  const folder = mkdtempSync(join(tmpdir(), 'seedbed-turn-'))
  const port = await freeUdpPort()
  const server = { hostname: '127.0.0.1', port, username: 'peer', password: 'secret' }
  const flags = {
    'listening-ip': server.hostname,
    // Another one than the peers have, as on a real network: nobody is let through to a relayed address but from one.
    'relay-ip': '127.0.0.2',
    'listening-port': String(port),
    user: `${server.username}:${server.password}`,
    realm: 'seedbed',
    'log-file': 'stdout',
    pidfile: join(folder, 'pid'),
    userdb: join(folder, 'users'),
  }
  const switches = [
    'no-tls',
    'no-dtls',
    'no-cli',
    'no-tcp',
    'allow-loopback-peers',
    'lt-cred-mech',
    'simple-log',
  ]
  const child = spawn(
    path,
    [
      ...['-n', '-v'],
      ...switches.map((name) => `--${name}`),
      ...Object.entries(flags).map(([name, value]) => `--${name}=${value}`),
    ],
    { stdio: ['ignore', 'pipe', 'ignore'] },
  )
  let log = ''
  let noticeListening = (): void => {}
  const listening = new Promise<void>((resolve) => (noticeListening = resolve))
  child.stdout.on('data', (data: Buffer) => {
    log += data.toString()
    if (log.includes('UDP listener opened')) noticeListening()
  })
  const closed = once(child, 'close')
  await Promise.race([listening, closed.then(() => Promise.reject(new Error(`coturn ended: ${log}`)))])
  return {
    server,
    relayedBytes: () =>
      [...log.matchAll(/ usage: .*? rb=(\d+)/g)].reduce((sum, [, bytes]) => sum + Number(bytes), 0),
    stop: async () => {
      child.kill('SIGKILL')
      await closed
      rmSync(folder, { recursive: true })
    },
  }
}

async function freeUdpPort(): Promise<number> {
  const socket = createSocket('udp4')
  socket.bind(0, '127.0.0.1')
  await once(socket, 'listening')
  const { port } = socket.address()
  await new Promise<void>((resolve) => socket.close(resolve))
  return port
}
