import bencode from 'bencode'
import { createHash } from 'node:crypto'
import { quote } from '../protocol/ids.ts'
import { LIMITS } from '../protocol/limits.ts'
import { chunkCountOf, type Manifest } from '../protocol/manifest.ts'
import { entrySpan } from './bencoded-span.ts'
import type { FileSpan } from './content-files.ts'
import { TorrentError } from './errors.ts'

const SHA1_BYTES = 20
const MOST_FILES = 50_000
const MOST_URLS = 200
const LONGEST_URL = 2_048
/** Longest .torrent file taken, bytes: the digests of the largest content, names of many files, and a little more. */
export const MAX_TORRENT_BYTES = 16 * 1024 * 1024

/** What a `.torrent` file tells (BEP 3). */
export interface Torrent {
  /** 40 lower-case hex digits. */
  readonly infoHash: string
  /** The bencoded info dictionary, of which the info hash is the SHA-1. */
  readonly info: Uint8Array
  /** Pieces are chunks; digests are SHA-1. */
  readonly manifest: Manifest
  /** Paths are relative to the content's folder and lead nowhere else; the name where the content is one file. */
  readonly files: readonly FileSpan[]
  /** Whether the content is a folder of files. */
  readonly isFolder: boolean
  /** Announce URLs, best first. */
  readonly trackers: readonly string[]
  /** HTTP servers that have the content (BEP 19). */
  readonly webSeeds: readonly string[]
  /** Peers come from its trackers only (BEP 27). */
  readonly isPrivate: boolean
}

/** Reads a `.torrent` file. Throws TorrentError. */
export function parseTorrent(bytes: Uint8Array): Torrent {
  const root = dictionary(decode(bytes), 'the file')
  const info = dictionary(root['info'], 'info')
  return torrentOf(info, entrySpan(bytes, 'info') ?? bencode.encode(info), {
    trackers: urlsOf([root['announce'], root['announce-list']]),
    webSeeds: urlsOf([root['url-list']]),
  })
}

/** Reads an info dictionary as it comes from other peers (BEP 9). Throws TorrentError. */
export function parseInfo(bytes: Uint8Array, from: TorrentSources): Torrent {
  return torrentOf(dictionary(decode(bytes), 'info'), bytes, from)
}

/** Writes a `.torrent` file. */
export function encodeTorrent({ info, trackers, webSeeds }: Torrent): Uint8Array {
  return bencode.encode({
    ...(trackers.length > 0 && { announce: trackers[0] }),
    ...(trackers.length > 1 && { 'announce-list': trackers.map((url) => [url]) }),
    info: bencode.decode(info),
    ...(webSeeds.length > 0 && { 'url-list': webSeeds }),
  })
}

/** What a torrent tells besides its info dictionary. */
export interface TorrentSources {
  readonly trackers: readonly string[]
  readonly webSeeds: readonly string[]
}

function torrentOf(info: Record<string, unknown>, encoded: Uint8Array, from: TorrentSources): Torrent {
  const infoHash = createHash('sha1').update(encoded).digest('hex')
  const name = plainName(text(info['name.utf-8'] ?? info['name'], 'name'), 'name')
  const { files, totalBytes, isFolder } = filesOf(info, name)
  const chunkBytes = whole(info['piece length'], 1, LIMITS.chunkBytes, 'piece length')
  const chunks = chunkCountOf(totalBytes, chunkBytes)
  const digests = digestsOf(info['pieces'])
  if (digests.length !== chunks)
    throw invalid('pieces', `${digests.length} digests`, `${chunks} for ${totalBytes} bytes`)
  return {
    infoHash,
    info: encoded,
    manifest: { contentId: infoHash, name, totalBytes, chunkBytes, digests },
    files,
    isFolder,
    trackers: from.trackers,
    webSeeds: from.webSeeds,
    isPrivate: info['private'] === 1,
  }
}

function filesOf(info: Record<string, unknown>, name: string) {
  const isFolder = info['files'] !== undefined
  const list = isFolder ? info['files'] : [info]
  if (!Array.isArray(list) || list.length === 0 || list.length > MOST_FILES)
    throw invalid('files', quote(list), `a list of 1 to ${MOST_FILES}`)
  const files: FileSpan[] = []
  const paths = new Set<string>()
  let offset = 0
  for (const value of list) {
    const file = dictionary(value, 'files')
    const bytes = whole(file['length'], 0, Number.MAX_SAFE_INTEGER, 'length')
    const path = isFolder ? pathOf(file['path.utf-8'] ?? file['path']) : name
    if (paths.has(path)) throw invalid('path', quote(path), 'each file once')
    paths.add(path)
    files.push({ path, bytes, offset })
    offset += bytes
  }
  if (offset < 1 || offset > Number.MAX_SAFE_INTEGER) throw invalid('length', offset, '1 byte or more')
  return { files, totalBytes: offset, isFolder }
}

function pathOf(value: unknown): string {
  if (!Array.isArray(value) || value.length === 0 || value.length > 64)
    throw invalid('path', quote(value), 'a list of 1 to 64 names')
  return value.map((part) => plainName(text(part, 'path'), 'path')).join('/')
}

function digestsOf(pieces: unknown): string[] {
  if (!(pieces instanceof Uint8Array) || pieces.length === 0 || pieces.length % SHA1_BYTES !== 0)
    throw invalid('pieces', quote(pieces), 'SHA-1 digests of 20 bytes; BitTorrent v1')
  const count = pieces.length / SHA1_BYTES
  if (count > LIMITS.chunksPerContent)
    throw invalid('pieces', `${count} pieces`, `at most ${LIMITS.chunksPerContent}: use larger pieces`)
  const hex = Buffer.from(pieces.buffer, pieces.byteOffset, pieces.length).toString('hex')
  return Array.from({ length: count }, (_, i) => hex.slice(2 * SHA1_BYTES * i, 2 * SHA1_BYTES * (i + 1)))
}

/** All URLs in nested lists, each once; other clients write many forms, so what is no URL is passed over. */
export function urlsOf(value: unknown): string[] {
  const urls = new Set<string>()
  const visit = (item: unknown, depth: number): void => {
    if (Array.isArray(item)) {
      if (depth < 3) for (const inner of item) visit(inner, depth + 1)
    } else if (urls.size < MOST_URLS && (item instanceof Uint8Array || typeof item === 'string')) {
      const url = Buffer.from(item as Uint8Array).toString()
      if (url.length <= LONGEST_URL && URL.canParse(url)) urls.add(url)
    }
  }
  visit(value, 0)
  return [...urls]
}

/** A name from outside as a file or folder name: it must not lead out of the folder. */
function plainName(name: string, field: string): string {
  // eslint-disable-next-line no-control-regex
  if (name === '' || /[/\\\u0000-\u001f]/.test(name) || /^\.+$/.test(name) || Buffer.byteLength(name) > 240)
    throw invalid(field, quote(name), 'plain names of at most 240 bytes')
  return name
}

function decode(bytes: Uint8Array): unknown {
  if (bytes.length > MAX_TORRENT_BYTES)
    throw invalid('length', `${bytes.length} bytes`, `at most ${MAX_TORRENT_BYTES}`)
  try {
    return bencode.decode(bytes)
  } catch (cause) {
    throw new TorrentError('E_TORRENT', 'invalid torrent: not bencoded (is this a .torrent file?)', cause)
  }
}

function dictionary(value: unknown, field: string): Record<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value) || value instanceof Uint8Array)
    throw invalid(field, quote(value), 'a dictionary; BitTorrent v1')
  return value as Record<string, unknown>
}

function text(value: unknown, field: string): string {
  if (!(value instanceof Uint8Array)) throw invalid(field, quote(value), 'a string')
  return Buffer.from(value).toString()
}

function whole(value: unknown, least: number, most: number, field: string): number {
  if (!Number.isSafeInteger(value) || Number(value) < least || Number(value) > most)
    throw invalid(field, quote(value), `a whole number from ${least} to ${most}`)
  return Number(value)
}

const invalid = (field: string, value: unknown, allowed: string): TorrentError =>
  new TorrentError('E_TORRENT', `invalid torrent ${field}: ${String(value)} (${allowed})`)
