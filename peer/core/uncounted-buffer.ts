/**
 * Room for the numbers of a table. Whenever array buffers have grown by 64 MB, V8 looks for garbage in the whole heap, however
 * large that is: in a simulation that grows by gigabytes, again and again and in vain. Shared buffers do not count there,
 * whether anybody shares them or not. For tables whose objects are about as large themselves: those do count, so that garbage
 * is looked for in time.
 */
export const uncountedBuffer = (bytes: number): ArrayBufferLike => new SharedArrayBuffer(bytes)
