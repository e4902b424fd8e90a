import { setTimeout } from 'node:timers/promises'
import { clockContract } from './clock.contract.ts'
import { SystemClock } from './system-clock.ts'

clockContract('SystemClock', () => ({
  clock: new SystemClock(),
  advance: (ms) => setTimeout(ms),
}))
