import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createHash } from 'node:crypto'
import { closeSync, mkdirSync, openSync, readFileSync, writeFileSync } from 'node:fs'
import { readFile, stat } from 'node:fs/promises'
import { type AddressInfo, createServer } from 'node:net'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import type { SystemComponent } from './system.ts'

/** Clients other than Seedbed, as they are installed on a system. */
export const CLIENTS = ['aria2c', 'libtorrent', 'qbittorrent', 'webtorrent', 'transmission'] as const
export type ClientName = (typeof CLIENTS)[number]

/** What a client needs of the system; WebTorrent comes with the project. */
export const COMPONENT_OF: Readonly<Record<ClientName, SystemComponent | undefined>> = {
  aria2c: 'aria2',
  libtorrent: 'libtorrent',
  transmission: 'transmission',
  qbittorrent: 'qbittorrent',
  webtorrent: undefined,
}

export interface ClientStart {
  /** An empty folder of its own; what it fetches comes into its folder `files`. */
  readonly home: string
  /** Path of the `.torrent` file. */
  readonly torrent: string
  /** What it is to seed, by its name in the torrent; it fetches where this is left out. */
  readonly content?: { readonly name: string; readonly data: Uint8Array }
  readonly host?: string
}

/** A client at work on one torrent. DHT, local discovery and peer exchange are off: it knows peers from trackers only. */
export interface RunningClient {
  readonly process: ChildProcess
  /** Where it accepts connections. */
  readonly address: string
  /** Folder of its files. */
  readonly folder: string
  /** What it has said. */
  log(): string
  /** Kills it; resolves when it is gone. */
  stop(): Promise<void>
}

const script = (name: string): string => fileURLToPath(new URL(name, import.meta.url))

/** A port that was free a moment ago. */
export async function freePort(host = '127.0.0.1'): Promise<number> {
  const server = createServer().listen(0, host)
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}

/** Starts a client, of which `program` is the path where it is a program of the system. */
export async function startClient(
  name: ClientName,
  program: string | undefined,
  { home, torrent, content, host = '127.0.0.1' }: ClientStart,
): Promise<RunningClient> {
  const folder = join(home, 'files')
  mkdirSync(folder, { recursive: true })
  if (content) writeFileSync(join(folder, content.name), content.data)
  const port = await freePort(host)
  const given = { home, folder, torrent, host, port, isSeed: content !== undefined }
  const [command, words] = await commandOf(name, program ?? process.execPath, given)
  const logPath = join(home, 'log')
  const log = openSync(logPath, 'w')
  const env = { ...process.env, HOME: home, XDG_CONFIG_HOME: home, XDG_DATA_HOME: home }
  const child = spawn(command, words, { stdio: ['ignore', log, log], env })
  closeSync(log)
  return {
    ...{ process: child, folder, address: `${host}:${port}` },
    log: () => readFileSync(logPath, 'utf8'),
    stop: async () => {
      if (child.exitCode !== null || child.signalCode !== null) return
      child.kill('SIGKILL')
      await once(child, 'close')
    },
  }
}

interface Given {
  readonly home: string
  readonly folder: string
  readonly torrent: string
  readonly host: string
  readonly port: number
  readonly isSeed: boolean
}

async function commandOf(name: ClientName, program: string, given: Given): Promise<[string, string[]]> {
  const { folder, torrent, host, port } = given
  const plain = [torrent, folder, host, String(port)]
  switch (name) {
    case 'aria2c':
      return [program, await aria2Words(given)]
    case 'libtorrent':
      // The module belongs to the system's own Python.
      return ['/usr/bin/python3', [script('libtorrent-client.py'), ...plain]]
    case 'transmission':
      return [program, transmissionWords(given)]
    case 'qbittorrent':
      return [program, await qbittorrentWords(given)]
    case 'webtorrent':
      return [program, [script('webtorrent-client.mjs'), ...plain]]
  }
}

async function aria2Words({ home, folder, torrent, port, isSeed }: Given): Promise<string[]> {
  // Without its DHT it can't speak to UDP trackers.
  const dht = [`--dht-listen-port=${await freePort()}`, `--dht-file-path=${join(home, 'dht')}`]
  return [
    ...['--no-conf', '--enable-dht=true', ...dht, '--enable-dht6=false', '--disable-ipv6=true'],
    ...['--bt-enable-lpd=false', '--enable-peer-exchange=false', '--file-allocation=none'],
    ...['--check-integrity=true', '--seed-ratio=0.0', '--summary-interval=0', '-d', folder],
    ...[`--listen-port=${port}`, isSeed ? '--seed-time=60' : '--seed-time=0', '--bt-tracker-interval=2'],
    torrent,
  ]
}

function transmissionWords({ home, folder, torrent, host, port }: Given): string[] {
  const settings = {
    ...{ 'bind-address-ipv4': host, 'dht-enabled': false, 'lpd-enabled': false, 'pex-enabled': false },
    ...{ 'utp-enabled': false, 'port-forwarding-enabled': false, encryption: 0 },
  }
  writeFileSync(join(home, 'settings.json'), JSON.stringify(settings))
  return ['-g', home, '-w', folder, '-p', String(port), '-M', '-ep', torrent]
}

async function qbittorrentWords({ home, folder, torrent, host, port }: Given): Promise<string[]> {
  const config = join(home, 'qBittorrent/config')
  mkdirSync(config, { recursive: true })
  const session = {
    ...{ DHTEnabled: false, LSDEnabled: false, PeXEnabled: false, MultiConnectionsPerIp: true, Port: port },
    ...{
      InterfaceAddress: host,
      DefaultSavePath: folder,
      BTProtocol: 'TCP',
      ReannounceWhenAddressChanged: false,
    },
  }
  writeFileSync(
    join(config, 'qBittorrent.conf'),
    [
      '[LegalNotice]\nAccepted=true',
      `[BitTorrent]\n${Object.entries(session)
        .map(([key, value]) => `Session\\${key}=${String(value)}`)
        .join('\n')}`,
      '[Preferences]\nWebUI\\LocalHostAuth=false\nWebUI\\Address=127.0.0.1\nConnection\\UPnP=false',
    ].join('\n'),
  )
  const web = `--webui-port=${await freePort()}`
  return [`--profile=${home}`, web, `--save-path=${folder}`, '--skip-dialog=true', torrent]
}

/** Resolves when a file has that SHA-1. Rejects when the signal says so, with what the client has said. */
export async function untilWhole(
  client: RunningClient,
  name: string,
  sha1: string,
  signal: AbortSignal,
): Promise<void> {
  const path = join(client.folder, name)
  for (let seen = ''; ;) {
    if (signal.aborted) throw new Error(`${name} did not come to be whole:\n${client.log().slice(-2000)}`)
    const now = await stat(path).then(
      ({ size, mtimeMs }) => `${size} ${mtimeMs}`,
      () => '',
    )
    // A file is read only when it has changed.
    if (
      now !== seen &&
      createHash('sha1')
        .update(await readFile(path))
        .digest('hex') === sha1
    )
      return
    seen = now
    await sleep(100, undefined, { signal }).catch(() => undefined)
  }
}
