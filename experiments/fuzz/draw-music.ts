import type { Dice } from './dice.ts'
import type { DrawnWorkload, Section } from './drawn-config.ts'
import { drawPlayback } from './draw-playback.ts'

/** A tiny catalogue and impatient listeners with small caches, who come and go within minutes. */
export function drawMusic(dice: Dice): DrawnWorkload {
  const leastS = dice.scale(1, 60)
  const topShare = dice.share(0.5)
  const chunkBytes = dice.scale(8000, 200_000)
  return {
    peers: dice.scale(1, 15),
    needsOrigin: true,
    durationLimitS: dice.scale(30, 900),
    workload: {
      kind: 'music',
      chunkBytes,
      warmupS: dice.pick([0, 0, 60]),
      catalogue: {
        tracks: dice.scale(1, 40),
        topShare,
        playsShare: Math.min(1, topShare + dice.share(0.5)),
        shift: dice.pick([0, 5]),
        medianS: dice.scale(1, 200),
        sigma: dice.pick([0, 0.3, 2]),
        leastS,
        mostS: leastS + dice.whole(0, 300),
      },
      tiers: [
        { name: 'low', weight: dice.whole(1, 5), byteRateBps: dice.scale(1000, 20_000) },
        { name: 'high', weight: dice.whole(0, 5), byteRateBps: dice.scale(1000, 60_000) },
      ],
      attendance: {
        sessionsPerDay: dice.scale(10, 1000),
        medianS: dice.scale(5, 600),
        sigma: dice.pick([0, 0.8, 2]),
        startHour: dice.whole(0, 24),
      },
      taste: {
        playlists: dice.pick([0, 1, 5]),
        playlistTracks: dice.scale(1, 20),
        ownShare: dice.share(),
        randomShare: dice.share(),
        forwardShare: dice.share(),
        seekShare: dice.share(),
        patienceS: dice.scale(1, 60),
      },
      cache: drawCache(dice),
      prefetch: {
        enabled: dice.chance(0.7),
        peersMs: dice.scale(100, 60_000),
        originMs: dice.scale(100, 20_000),
      },
      open: { asksServer: dice.chance(0.5), medianMs: dice.pick([0, 100]), sigma: dice.pick([0, 0.5]) },
      ...dice.maybe(0.4, () => ({ playback: drawPlayback(dice) })),
      ...dice.maybe(0.3, () => ({
        node: {
          ...drawLinks(dice),
          idleLinkMs: dice.scale(1000, 60_000),
          handshakeTimeoutMs: dice.scale(100, 10_000),
        },
      })),
    },
  }
}

const drawLinks = (dice: Dice): Section => {
  const softLinks = dice.scale(1, 20)
  return { softLinks, hardLinks: softLinks + dice.whole(0, 20) }
}

/** Often too small for what is heard. */
const drawCache = (dice: Dice): Section => ({
  diskMedianBytes: dice.scale(1_000_000, 1_000_000_000),
  diskShare: dice.share(),
  leastBytes: dice.scale(1, 1_000_000),
  mostBytes: dice.scale(1_000_000, 1_000_000_000),
  remembered: dice.pick([0, 3, 500]),
  historyDays: dice.pick([0, 0.5, 3]),
})
