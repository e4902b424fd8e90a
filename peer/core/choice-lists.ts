import type { Neighbour } from './neighbour.ts'

// Filled and read within one choice, and shared by all peers of a process: lists of a peer's own would keep alive the
// neighbours of its last choice long after they have left.

/** Neighbours that may be asked. */
export const eligible: Neighbour[] = []
/** Those of them that hold the chunk. */
export const holders: Neighbour[] = []
