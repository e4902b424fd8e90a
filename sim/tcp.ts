/** Payload of a full segment on an Ethernet path, bytes. */
export const SEGMENT_BYTES = 1460
/** Congestion window of a fresh or long idle connection: 10 segments (RFC 6928). */
export const INITIAL_WINDOW_BYTES = 10 * SEGMENT_BYTES

const MATHIS_CONSTANT = Math.sqrt(3 / 2)
const MIN_RTO_MS = 200

/**
 * Time that slow start adds to `bytes / rateBps`, in milliseconds: after each window the sender stalls until the first
 * acknowledgement is back, and doubles its window, until the window fills the path or the transfer is over. Closed form
 * of Heidemann, Obraczka and Touch (IEEE/ACM ToN 5, 1997) with a start at `windowBytes`.
 */
export function slowStartDelayMs(bytes: number, windowBytes: number, rttMs: number, rateBps: number): number {
  let delayMs = 0
  let window = windowBytes
  for (let left = bytes - window; left > 0; left -= window) {
    const stallMs = rttMs + (1000 * (SEGMENT_BYTES - window)) / rateBps
    if (stallMs <= 0) break
    delayMs += stallMs
    window *= 2
  }
  return delayMs
}

/** Congestion window after a transfer: each acknowledged byte adds one until the window fills the path and a segment more. */
export function grownWindowBytes(windowBytes: number, bytes: number, rttMs: number, rateBps: number): number {
  const pathBytes = (rateBps * rttMs) / 1000 + SEGMENT_BYTES
  return Math.max(windowBytes, Math.min(windowBytes + bytes, pathBytes))
}

/**
 * Most that one connection can carry, in bytes per second: the window limit, and under random loss the rate of Mathis,
 * Semke, Mahdavi and Ott (ACM CCR 27, 1997), `segment / rtt * sqrt(3/2) / sqrt(loss)`.
 */
export function connectionRateBps(rttMs: number, lossRate: number, maxWindowBytes: number): number {
  const windowBps = (1000 * maxWindowBytes) / rttMs
  if (lossRate <= 0) return windowBps
  return Math.min(windowBps, ((1000 * SEGMENT_BYTES) / rttMs) * (MATHIS_CONSTANT / Math.sqrt(lossRate)))
}

/** Retransmission time-out, as Linux has it for a steady path: the round-trip time and 200 ms. */
export const retransmitMs = (rttMs: number): number => rttMs + MIN_RTO_MS
