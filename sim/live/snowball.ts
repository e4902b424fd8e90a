/**
 * A time in ms before which no schedule has copies of one chunk with so many peers: entry k bounds from below how long after
 * its emission k + 1 peers hold it, when holders hand it on whole and whatever else there is to send.
 *
 * The snow-ball of Liu, "On the minimum delay peer-to-peer video streaming: how realtime can it be?" (ACM Multimedia 2007):
 * a holder with up-link u finishes its j-th copy no earlier than j·c/u after it got the chunk (sending several at once
 * finishes none of them sooner), and every copy goes to the fastest peer that lacks it. With one source and N peers of the
 * same up-link it ends at ⌈log2(N + 1)⌉·c/u. Propagation, slow start and down-links come on top and are left out.
 *
 * With any up-links, fastest first is not the best for every k: ⌊x/1⌋ + ⌊y/1.5⌋ copies can be fewer than ⌊x/1.5⌋ + ⌊y/1⌋ for
 * x > y (1.5 and 1). It is where each copy time divides the longer ones: ⌊x/d⌋ − ⌊x/(q·d)⌋ = n − ⌊n/q⌋ with n = ⌊x/d⌋ never
 * falls with x, so that whoever came earlier had better be the faster one, and by induction the (k + 1)-th copy of no other
 * order is earlier. Up-links are therefore rounded up until they divide, which can only make every copy sooner. The bound is
 * the optimum where they divide as they are, as equal ones do.
 */
export function snowballMs(
  chunkBytes: number,
  sourcesBps: readonly number[],
  peersBps: readonly number[],
): Float64Array {
  const fastest = dividing(Float64Array.from(peersBps).sort().reverse())
  const times = new Float64Array(fastest.length)
  const heap = new CopyHeap(sourcesBps.length + fastest.length)
  const enter = (upBps: number, sinceMs: number): void => {
    const copyMs = (1000 * chunkBytes) / upBps
    if (copyMs < Infinity) heap.push(sinceMs + copyMs, copyMs)
  }
  for (const upBps of sourcesBps) enter(upBps, 0)
  for (let peer = 0; peer < fastest.length; peer++) {
    times[peer] = heap.takeCopy()
    enter(fastest[peer], times[peer])
  }
  return times
}

/** The same rates, from the largest to the smallest, each rounded up so that it goes into the one before a whole number of times. */
function dividing(fallingBps: Float64Array): Float64Array {
  let lastBps = fallingBps[0]
  return fallingBps.map((bps) => (lastBps = bps > 0 ? lastBps / Math.floor(lastBps / bps) : 0))
}

/** When each holder's next copy is done, soonest first. */
class CopyHeap {
  readonly #atMs: Float64Array
  readonly #copyMs: Float64Array
  #size = 0

  constructor(most: number) {
    this.#atMs = new Float64Array(most)
    this.#copyMs = new Float64Array(most)
  }

  push(atMs: number, copyMs: number): void {
    let at = this.#size++
    while (at > 0) {
      const parent = (at - 1) >> 1
      if (this.#atMs[parent] <= atMs) break
      this.#set(at, this.#atMs[parent], this.#copyMs[parent])
      at = parent
    }
    this.#set(at, atMs, copyMs)
  }

  /** The soonest copy; its holder goes on with the next one. Infinity where nobody can send. */
  takeCopy(): number {
    if (this.#size === 0) return Infinity
    const [doneMs] = this.#atMs
    const [copyMs] = this.#copyMs
    this.#sink(doneMs + copyMs, copyMs)
    return doneMs
  }

  /** Replaces the top. */
  #sink(atMs: number, copyMs: number): void {
    let at = 0
    for (;;) {
      let child = 2 * at + 1
      if (child >= this.#size) break
      if (child + 1 < this.#size && this.#atMs[child + 1] < this.#atMs[child]) child++
      if (this.#atMs[child] >= atMs) break
      this.#set(at, this.#atMs[child], this.#copyMs[child])
      at = child
    }
    this.#set(at, atMs, copyMs)
  }

  #set(at: number, atMs: number, copyMs: number): void {
    this.#atMs[at] = atMs
    this.#copyMs[at] = copyMs
  }
}
