import type { TransferResult } from './peer-transfer.ts'

const speedOf = ({ bytes, seconds }: TransferResult): number => bytes / seconds / 1e6

/** Rows of the table that people see; speeds as shares of what aria2c reaches with itself. */
export function transferRows(results: readonly TransferResult[]): string[][] {
  const own = results.find(({ seed, leech }) => seed === 'aria2c' && leech === 'aria2c')
  return results.map((result) => [
    `${Math.round(result.bytes / 1e6)} MB, ${result.seed} to ${result.leech}`,
    `${speedOf(result).toFixed(0)} MB/s` +
      (own && own !== result ? `, ${(speedOf(result) / speedOf(own)).toFixed(2)} of aria2c's` : '') +
      `; CPU ${result.seedCpuSeconds.toFixed(1)} + ${result.leechCpuSeconds.toFixed(1)} s`,
    `${Math.round(result.leechPeakRssBytes / 1e6)} MB`,
  ])
}
