// Filled and read within one choice, and shared by all peers of a process.

/** Rows of the neighbours that may be asked. */
export const eligible: number[] = []
/** Those of them that hold the chunk. */
export const holders: number[] = []
/** Numbers of the links over which a piece of news goes. */
export const told: number[] = []
