export const percent = (share: number): string => `${Number((100 * share).toPrecision(3))} %`

export function sizeText(bytes: number): string {
  const [unit, factor] = bytes >= 1e9 ? ['GB', 1e9] : bytes >= 1e6 ? ['MB', 1e6] : ['kB', 1e3]
  return `${Number((bytes / Number(factor)).toPrecision(4))} ${unit}`
}

/** `bps` are bytes per second. */
export const rateText = (bps: number): string => `${Number(((bps * 8) / 1e6).toPrecision(4))} Mbit/s`
