declare module 'bencode' {
  const bencode: {
    encode(value: unknown): Uint8Array
    /** Byte strings come as Uint8Array, dictionaries as plain objects. Throws on malformed input. */
    decode(bytes: Uint8Array): unknown
  }
  export default bencode
}
