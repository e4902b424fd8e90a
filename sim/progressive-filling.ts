/** A flow of the static max-min problem: the links it crosses and its own rate cap (bytes per second). */
export interface FilledFlow {
  path: readonly number[]
  capBps: number
}

/**
 * Exact max-min fair rates by progressive filling (Bertsekas and Gallager, Data Networks, 2nd ed., 6.5.2):
 * all rates rise together; when a link is full, or a flow reaches its cap, the flows concerned stay as they
 * are and the others go on. Slow and plain: the reference that the flow network is held against.
 * Every flow needs a link or a finite cap.
 */
export function progressiveFilling(
  capacitiesBps: ArrayLike<number>,
  flows: readonly FilledFlow[],
): Float64Array {
  const rates = new Float64Array(flows.length)
  const spareBps = Float64Array.from(capacitiesBps)
  const rising: Set<number>[] = Array.from(spareBps, () => new Set<number>())
  flows.forEach((flow, index) => flow.path.forEach((link) => rising[link].add(index)))
  const open = new Set(spareBps.keys())
  const byCap = [...flows.keys()].sort((one, other) => flows[one].capBps - flows[other].capBps)
  const fixed = new Uint8Array(flows.length)

  const fix = (flow: number, rateBps: number): void => {
    if (fixed[flow] === 1) return
    fixed[flow] = 1
    rates[flow] = rateBps
    for (const link of flows[flow].path) {
      rising[link].delete(flow)
      spareBps[link] -= rateBps
    }
  }

  let nextCap = 0
  for (;;) {
    let shareBps = Infinity
    let fullest = -1
    for (const link of open) {
      if (rising[link].size === 0) {
        open.delete(link)
        continue
      }
      const linkShareBps = Math.max(spareBps[link], 0) / rising[link].size
      if (linkShareBps < shareBps) {
        shareBps = linkShareBps
        fullest = link
      }
    }
    while (nextCap < byCap.length && fixed[byCap[nextCap]] === 1) nextCap++
    const capBps = nextCap < byCap.length ? flows[byCap[nextCap]].capBps : Infinity
    if (capBps === Infinity && fullest < 0) return rates
    if (capBps <= shareBps) fix(byCap[nextCap], capBps)
    else for (const flow of [...rising[fullest]]) fix(flow, shareBps)
  }
}
