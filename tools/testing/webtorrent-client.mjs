// Seeds or fetches one torrent with WebTorrent over TCP until it is killed: TORRENT FOLDER HOST PORT.
import WebTorrent from 'webtorrent'

const [torrent, path, , port] = process.argv.slice(2)
const client = new WebTorrent({
  ...{ dht: false, lsd: false, utPex: false, utp: false, natUpnp: false, natPmp: false },
  torrentPort: Number(port),
})
client.on('error', (error) => {
  process.stderr.write(`${error.message}\n`)
  process.exit(1)
})
client.add(torrent, { path })
