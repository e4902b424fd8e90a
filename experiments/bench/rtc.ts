import { once } from 'node:events'
import { RtcConnection, rtcClosed } from '../../peer/live/rtc-connection.ts'
import { RTC_LIMITS } from '../../peer/live/rtc-options.ts'

const TOTAL_BYTES = 100_000_000
const KIB = 1024

export interface RtcBenchResult {
  readonly messageKib: number
  readonly totalBytes: number
  readonly wallSeconds: number
  readonly bytesPerSecond: number
  /** CPU time of the process, which is both ends, over wall time. */
  readonly cpuShare: number
  readonly peakRssBytes: number
}

/** Sends bytes over a WebRTC data channel between two ends in this process, in writes of `messageKib`. */
export async function benchRtc(messageKib: number): Promise<RtcBenchResult> {
  const ice = { stun: [], turn: [], bindAddress: '127.0.0.1' }
  const limits = { ...RTC_LIMITS, messageBytes: messageKib * KIB }
  const one = RtcConnection.offer(ice, limits)
  const two = RtcConnection.answer((await one.description).sdp, ice, limits)
  one.accept((await two.description).sdp)
  const [from, to] = await Promise.all([one.opened, two.opened])
  const data = Buffer.alloc(messageKib * KIB, 1)
  let receivedBytes = 0
  to.on('data', (bytes: Buffer) => (receivedBytes += bytes.length))
  const ended = once(to, 'end')
  const cpu = process.cpuUsage()
  const startedMs = performance.now()
  for (let sentBytes = 0; sentBytes < TOTAL_BYTES; sentBytes += data.length)
    if (!from.write(data)) await once(from, 'drain')
  from.resume().end()
  await ended
  const wallSeconds = (performance.now() - startedMs) / 1000
  const { user, system } = process.cpuUsage(cpu)
  await Promise.all([one.closed, two.closed])
  await rtcClosed()
  return {
    messageKib,
    totalBytes: receivedBytes,
    wallSeconds,
    bytesPerSecond: receivedBytes / wallSeconds,
    cpuShare: (user + system) / 1e6 / wallSeconds,
    peakRssBytes: process.resourceUsage().maxRSS * KIB,
  }
}
