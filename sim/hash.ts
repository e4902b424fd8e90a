/** A well-mixed 32-bit hash of a text (Murmur3's 32-bit mixing over UTF-16 units). Not for security. */
export function hash32(text: string, seed = 0): number {
  let hash = seed | 0
  for (let i = 0; i < text.length; i++) {
    let unit = Math.imul(text.charCodeAt(i), 0xcc9e2d51)
    unit = Math.imul((unit << 15) | (unit >>> 17), 0x1b873593)
    hash ^= unit
    hash = (Math.imul((hash << 13) | (hash >>> 19), 5) + 0xe6546b64) | 0
  }
  return mix32(hash, text.length)
}

/** A 32-bit hash of two 32-bit numbers. */
export function mix32(a: number, b: number): number {
  let hash = Math.imul(a ^ Math.imul(b, 0x9e3779b1), 0x85ebca6b)
  hash ^= hash >>> 15
  hash = Math.imul(hash ^ b, 0xc2b2ae35)
  hash ^= hash >>> 13
  hash = Math.imul(hash, 0x85ebca6b)
  return (hash ^ (hash >>> 16)) >>> 0
}

/** A text of `digits` hex digits named by `text`: an identifier or a digest token. */
export function hexToken(text: string, digits: number): string {
  let token = ''
  for (let word = 0; token.length < digits; word++)
    token += hash32(text, Math.imul(word + 1, 0x27d4eb2f))
      .toString(16)
      .padStart(8, '0')
  return token.slice(0, digits)
}
