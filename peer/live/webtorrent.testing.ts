import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

const PROGRAM = `
import { createHash } from 'node:crypto'
import WebTorrent from 'webtorrent'
const [role, torrentFile, folder] = process.argv.slice(1)
const client = new WebTorrent({ dht: false, lsd: false, natUpnp: false, natPmp: false, utp: false, utPex: false,
  tracker: { rtcConfig: { iceServers: [] } } })
client.on('error', (error) => { console.error(error); process.exit(1) })
const torrent = client.add(torrentFile, { path: folder })
torrent.on('warning', (error) => console.error(String(error)))
torrent.on('ready', () => console.log('ready', torrent.progress))
torrent.on('wire', (wire) => console.log('wire', wire.type))
torrent.on('upload', () => { if (role === 'seed' && torrent.uploaded >= torrent.length) console.log('uploaded') })
torrent.on('done', async () => console.log('done', createHash('sha1').update(await torrent.files[0].arrayBuffer().then(Buffer.from)).digest('hex')))
`

/** A webtorrent client in a process of its own, which finds peers by its torrent's trackers only. */
export interface WebtorrentClient {
  /** The next line that begins with a word; its other words. Rejects where the client ends first. */
  next(word: string): Promise<string[]>
  stop(): Promise<void>
}

/** Starts an unmodified webtorrent on a .torrent file; what lies in `folder` already is checked and seeded. */
export function startWebtorrent(
  role: 'seed' | 'leech',
  torrentFile: string,
  folder: string,
): WebtorrentClient {
  const child = spawn(process.execPath, ['--input-type=module', '-e', PROGRAM, role, torrentFile, folder], {
    cwd: fileURLToPath(new URL('../..', import.meta.url)),
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const lines: string[][] = []
  let errors = ''
  let look = (): void => {}
  child.stderr.on('data', (data: Buffer) => (errors += data.toString().slice(0, 2000)))
  createInterface(child.stdout).on('line', (line) => {
    lines.push(line.split(' '))
    look()
  })
  const closed = once(child, 'close')
  const ended = closed.then(() => Promise.reject(new Error(`webtorrent ended: ${errors}`)))
  ended.catch(() => undefined)
  return {
    next: (word) =>
      Promise.race([
        ended,
        new Promise<string[]>((resolve) => {
          look = () => {
            const at = lines.findIndex(([first]) => first === word)
            if (at >= 0) resolve(lines.splice(at, 1)[0].slice(1))
          }
          look()
        }),
      ]),
    stop: async () => {
      child.kill('SIGKILL')
      await closed
    },
  }
}
