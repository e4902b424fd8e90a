const POPCOUNT_MASK_2 = 0x33333333

/** A set of chunk numbers below a fixed size, one bit each. */
export class ChunkSet {
  readonly size: number
  /** Chunk c is bit c mod 32 of word c div 32; not to be changed from outside. */
  readonly words: Int32Array
  #count = 0

  constructor(size: number) {
    this.size = size
    this.words = new Int32Array((size + 31) >>> 5)
  }

  /** The set of all chunks below `size`. */
  static full(size: number): ChunkSet {
    const set = new ChunkSet(size)
    for (let chunk = 0; chunk < size; chunk++) set.add(chunk)
    return set
  }

  /** How many chunks the set holds. */
  get count(): number {
    return this.#count
  }

  get isFull(): boolean {
    return this.#count === this.size
  }

  has(chunk: number): boolean {
    return (this.words[chunk >>> 5] & (1 << (chunk & 31))) !== 0
  }

  /** Adds a chunk; returns whether it was new. */
  add(chunk: number): boolean {
    const bit = 1 << (chunk & 31)
    const word = this.words[chunk >>> 5]
    if ((word & bit) !== 0) return false
    this.words[chunk >>> 5] = word | bit
    this.#count++
    return true
  }

  /** Removes a chunk; returns whether it was there. */
  delete(chunk: number): boolean {
    const bit = 1 << (chunk & 31)
    const word = this.words[chunk >>> 5]
    if ((word & bit) === 0) return false
    this.words[chunk >>> 5] = word & ~bit
    this.#count--
    return true
  }

  /** Whether `other` (of the same size) holds a chunk that this set lacks. */
  lacksSomeOf(other: ChunkSet): boolean {
    for (let i = 0; i < this.words.length; i++) if ((other.words[i] & ~this.words[i]) !== 0) return true
    return false
  }

  forEach(visit: (chunk: number) => void): void {
    for (let i = 0; i < this.words.length; i++) {
      let word = this.words[i]
      while (word !== 0) {
        const bit = word & -word
        visit((i << 5) + 31 - Math.clz32(bit))
        word ^= bit
      }
    }
  }

  clone(): ChunkSet {
    const copy = new ChunkSet(this.size)
    copy.words.set(this.words)
    copy.#count = this.#count
    return copy
  }

  /** Bytes in BEP 3 order: the first chunk is the high bit of the first byte; spare bits are zero. */
  toBytes(): Uint8Array {
    const bytes = new Uint8Array((this.size + 7) >>> 3)
    this.forEach((chunk) => {
      bytes[chunk >>> 3] |= 0x80 >>> (chunk & 7)
    })
    return bytes
  }

  /** The set that `toBytes` wrote, or undefined where the length is wrong or a spare bit is set. */
  static fromBytes(bytes: Uint8Array, size: number): ChunkSet | undefined {
    if (bytes.length !== (size + 7) >>> 3) return undefined
    const set = new ChunkSet(size)
    for (let chunk = 0; chunk < size; chunk++)
      if ((bytes[chunk >>> 3] & (0x80 >>> (chunk & 7))) !== 0) set.add(chunk)
    let bits = 0
    for (const byte of bytes) bits += popcount(byte)
    return bits === set.count ? set : undefined
  }
}

function popcount(value: number): number {
  let v = value - ((value >>> 1) & 0x55555555)
  v = (v & POPCOUNT_MASK_2) + ((v >>> 2) & POPCOUNT_MASK_2)
  return (((v + (v >>> 4)) & 0x0f0f0f0f) * 0x01010101) >>> 24
}
