/** Spreads texts evenly over 32 bits, for each seed otherwise: FNV-1a with the finaliser of MurmurHash3. */
export function textHash(text: string, seed = 0, from = 0): number {
  let hash = seed ^ 0x811c9dc5
  for (let i = from; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193)
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35)
  return (hash ^ (hash >>> 16)) >>> 0
}
