import type { Clock, Timer } from './clock.ts'

/** Longest delay that the platform's timers keep. */
const MAX_DELAY_MS = 2 ** 31 - 1

class SystemTimer {
  handle: ReturnType<typeof setTimeout> | undefined
}

/** The machine's clock: milliseconds since 1970 that never go back, whatever happens to the date meanwhile. */
export class SystemClock implements Clock {
  nowMs(): number {
    return performance.timeOrigin + performance.now()
  }

  setTimer(delayMs: number, callback: () => void): Timer {
    const timer = new SystemTimer()
    const wait = (leftMs: number): void => {
      const stepMs = Math.min(leftMs, MAX_DELAY_MS)
      timer.handle = setTimeout(() => (leftMs > stepMs ? wait(leftMs - stepMs) : callback()), stepMs)
    }
    wait(delayMs)
    return timer
  }

  clearTimer(timer: Timer): void {
    if (timer instanceof SystemTimer) clearTimeout(timer.handle)
  }
}
