/** Spare numbers, so that a word of bits is never shared by both ends of a window. */
const SPARE = 64

/**
 * Places on a ring for a window of so many chunks: a power of two, so that the low bits of a chunk's number are its place.
 * Bit sets laid out by place can be combined word by word.
 */
export const ringSize = (windowChunks: number): number => 1 << Math.ceil(Math.log2(windowChunks + SPARE))
