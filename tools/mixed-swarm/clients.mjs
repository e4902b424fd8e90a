// Unmodified BitTorrent clients as command lines: how each seeds or fetches one torrent, and tells when it has it whole.
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const PEER_PORT = 6881
const libtorrentScript = fileURLToPath(new URL('../testing/libtorrent-client.py', import.meta.url))

/** Writes a program that notes down that the content is there. */
function doneHook(home) {
  const hook = join(home, 'done.sh')
  writeFileSync(hook, `#!/bin/sh\ntouch '${join(home, 'done')}'\n`)
  chmodSync(hook, 0o755)
  return hook
}

function aria2c({ home, torrent }) {
  return [
    'aria2c',
    '--no-conf',
    '--enable-dht=false',
    '--enable-dht6=false',
    '--bt-enable-lpd=false',
    '--enable-peer-exchange=false',
    '--disable-ipv6=true',
    '--file-allocation=none',
    '--check-integrity=true',
    '--seed-ratio=0.0',
    '--seed-time=1000',
    '--summary-interval=0',
    `--listen-port=${PEER_PORT}`,
    `--on-bt-download-complete=${doneHook(home)}`,
    '-d',
    join(home, 'data'),
    torrent,
  ]
}

function libtorrent({ home, torrent }) {
  return [
    '/usr/bin/python3',
    libtorrentScript,
    torrent,
    join(home, 'data'),
    '0.0.0.0',
    `${PEER_PORT}`,
    join(home, 'done'),
  ]
}

function transmission({ home, torrent }) {
  const settings = {
    'dht-enabled': false,
    'download-dir': join(home, 'data'),
    'lpd-enabled': false,
    'peer-port': PEER_PORT,
    'pex-enabled': false,
    'port-forwarding-enabled': false,
    'rpc-enabled': false,
    'script-torrent-done-enabled': true,
    'script-torrent-done-filename': doneHook(home),
    'utp-enabled': false,
    'watch-dir': join(torrent, '..'),
    'watch-dir-enabled': true,
  }
  const config = join(home, 'config')
  mkdirSync(config)
  writeFileSync(join(config, 'settings.json'), JSON.stringify(settings))
  return ['transmission-daemon', '--foreground', '--config-dir', config]
}

/** By name: `{ home, torrent }` to a command line. The content, if there is any, lies in `home/data`. */
export const CLIENTS = { aria2c, libtorrent, transmission }
