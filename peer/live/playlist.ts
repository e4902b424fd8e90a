import type { MediaIndex } from './media-segments.ts'

/** Byte ranges came with protocol version 4, `EXT-X-MAP` for media playlists of all kinds with version 6 (RFC 8216, 7). */
const VERSION = 6

/** An HLS playlist of a file's byte ranges (RFC 8216). `url` is the file's, as seen from the playlist. */
export function hlsPlaylist({ init, segments }: MediaIndex, url: string): string {
  const longest = segments.reduce((most, { durationS }) => Math.max(most, durationS), 0)
  return [
    '#EXTM3U',
    `#EXT-X-VERSION:${VERSION}`,
    `#EXT-X-TARGETDURATION:${Math.max(1, Math.ceil(longest))}`,
    '#EXT-X-MEDIA-SEQUENCE:0',
    '#EXT-X-PLAYLIST-TYPE:VOD',
    ...(init ? [`#EXT-X-MAP:URI="${url}",BYTERANGE="${init.end - init.start}@${init.start}"`] : []),
    ...segments.flatMap(({ start, end, durationS }) => [
      `#EXTINF:${durationS.toFixed(3)},`,
      `#EXT-X-BYTERANGE:${end - start}@${start}`,
      url,
    ]),
    '#EXT-X-ENDLIST',
    '',
  ].join('\n')
}

/** A plain playlist of one file, for media that can't be cut. */
export const plainPlaylist = (title: string, url: string): string =>
  ['#EXTM3U', `#EXTINF:-1,${title.replace(/[\r\n]+/g, ' ')}`, url, ''].join('\n')
