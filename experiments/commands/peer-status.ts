import type { CommandModule } from 'yargs'
import { type ListedPeer, listPeers, statusFolder } from '../status-file.ts'
import { durationText, tableText } from '../text.ts'
import { type Output, PROCESS_OUTPUT } from './output.ts'
import { bytesText } from './peer-text.ts'

interface StatusArguments {
  json: boolean
}

/** `seedbed peer status` */
export const statusCommand: CommandModule<object, StatusArguments> = {
  command: 'status',
  describe: 'List the peers that run on this machine for this user, and how they are doing',
  builder: (yargs) =>
    yargs.option('json', { type: 'boolean', default: false, describe: 'Print one JSON object a peer' }),
  handler: ({ json }) => runStatus(json, PROCESS_OUTPUT),
}

/** `columns`: what fits in a line of a terminal; undefined where the output is none. */
export async function runStatus(
  json: boolean,
  output: Output,
  folder = statusFolder(),
  columns: number | undefined = process.stdout.columns,
): Promise<void> {
  const peers = await listPeers(folder)
  if (json) for (const peer of peers) output.out.write(`${JSON.stringify(peer)}\n`)
  else if (peers.length === 0)
    output.out.write('no peer is running (start one with: seedbed peer seed FILE)\n')
  else output.out.write(`${fittingTable(peers, columns)}\n`)
}

/** Leaves columns out, the least telling first, until the table fits. */
function fittingTable(peers: readonly ListedPeer[], width = Infinity): string {
  const rows = [HEADINGS, ...peers.map((peer) => row(peer, Date.now()))]
  let left: readonly string[] = HEADINGS
  for (const spare of ['', ...SPARE]) {
    left = left.filter((heading) => heading !== spare)
    const shown = left.map((heading) => HEADINGS.indexOf(heading))
    const table = tableText(rows.map((cells) => shown.map((at) => cells[at])))
    if (table.split('\n').every((line) => line.length <= width)) return table
  }
  return tableText(rows.map((cells) => cells.slice(0, 4)))
}

const HEADINGS = ['pid', 'role', 'what', 'done', 'down/s', 'up/s', 'peers', 'up for', 'address']
/** What is left out where room is short, in that order. */
const SPARE = ['up for', 'address', 'peers', 'up/s']
const MOST_NAME = 32

function row({ pid, state, startedMs, address, progress }: ListedPeer, nowMs: number): string[] {
  const { role, name = '', haveChunks, chunks, downloadBps, uploadBps, neighbours } = progress
  const done = haveChunks !== undefined && chunks ? `${Math.floor((100 * haveChunks) / chunks)} %` : '–'
  const rate = (bps: number | undefined): string => (bps === undefined ? '–' : bytesText(bps))
  return [
    ...[String(pid), state === 'silent' ? `${role} (silent)` : role, shortened(name), done],
    ...[rate(downloadBps), rate(uploadBps), neighbours === undefined ? '–' : String(neighbours)],
    ...[durationText((nowMs - startedMs) / 1000), address],
  ]
}

/** Names come from others: what would move the cursor is not printed. */
function shortened(name: string): string {
  // eslint-disable-next-line no-control-regex
  const plain = name.replace(/[\u0000-\u001f\u007f-\u009f]/g, '?')
  return plain.length > MOST_NAME ? `${plain.slice(0, MOST_NAME - 1)}…` : plain
}
