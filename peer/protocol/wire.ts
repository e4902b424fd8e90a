import { ProtocolError } from './errors.ts'
import { type ContentId, DIGEST_BYTES, INFO_HASH_BYTES, quote } from './ids.ts'

const ZEROS = '00'.repeat(DIGEST_BYTES - INFO_HASH_BYTES)

const encoder = new TextEncoder()
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
const U32 = 2 ** 32

/** Bytes that a length-prefixed text takes. */
export const textBytes = (text: string): number => 1 + utf8Bytes(text)

function utf8Bytes(text: string): number {
  for (let i = 0; i < text.length; i++) if (text.charCodeAt(i) > 0x7f) return encoder.encode(text).length
  return text.length
}

/** Writes big-endian fields into a buffer of known size. Values out of range are programmer errors: ProtocolError. */
export class WireWriter {
  readonly bytes: Uint8Array
  readonly #view: DataView
  #at = 0

  constructor(size: number) {
    this.bytes = new Uint8Array(size)
    this.#view = new DataView(this.bytes.buffer)
  }

  get offset(): number {
    return this.#at
  }

  u8(value: number): void {
    this.#view.setUint8(this.#at, inRange(value, 0xff))
    this.#at += 1
  }

  u16(value: number): void {
    this.#view.setUint16(this.#at, inRange(value, 0xffff))
    this.#at += 2
  }

  u32(value: number): void {
    this.#view.setUint32(this.#at, inRange(value, U32 - 1))
    this.#at += 4
  }

  /** A whole number up to 2^53 - 1 in 8 bytes. */
  u53(value: number): void {
    inRange(value, Number.MAX_SAFE_INTEGER)
    this.#view.setUint32(this.#at, Math.floor(value / U32))
    this.#view.setUint32(this.#at + 4, value % U32)
    this.#at += 8
  }

  f32(value: number): void {
    this.#view.setFloat32(this.#at, value)
    this.#at += 4
  }

  f64(value: number): void {
    this.#view.setFloat64(this.#at, value)
    this.#at += 8
  }

  hex(value: string, size: number): void {
    if (value.length !== size * 2)
      throw new ProtocolError(`invalid identifier: ${quote(value)} (${size * 2} hex digits expected)`)
    for (let i = 0; i < size; i++) this.u8(Number.parseInt(value.slice(2 * i, 2 * i + 2), 16))
  }

  /** A torrent's info hash is the shorter identifier: it is filled up with zeros. */
  contentId(value: ContentId): void {
    const isInfoHash = value.length === 2 * INFO_HASH_BYTES
    this.hex(isInfoHash ? value + ZEROS : value, DIGEST_BYTES)
  }

  text(value: string, most: number): void {
    const bytes = encoder.encode(value)
    if (bytes.length > most) throw new ProtocolError(`invalid text: ${quote(value)} (at most ${most} bytes)`)
    this.u8(bytes.length)
    this.raw(bytes)
  }

  raw(bytes: Uint8Array): void {
    this.bytes.set(bytes, this.#at)
    this.#at += bytes.length
  }
}

/** Reads what WireWriter wrote. Throws ProtocolError where the bytes end early or a field is not valid. */
export class WireReader {
  readonly #bytes: Uint8Array
  readonly #view: DataView
  #at = 0

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  }

  get remaining(): number {
    return this.#bytes.length - this.#at
  }

  u8(): number {
    return this.#view.getUint8(this.#take(1))
  }

  u16(): number {
    return this.#view.getUint16(this.#take(2))
  }

  u32(): number {
    return this.#view.getUint32(this.#take(4))
  }

  u53(): number {
    const at = this.#take(8)
    const value = this.#view.getUint32(at) * U32 + this.#view.getUint32(at + 4)
    if (!Number.isSafeInteger(value))
      throw new ProtocolError(`invalid whole number: ${value} (at most 2^53 - 1)`)
    return value
  }

  f32(): number {
    return this.#view.getFloat32(this.#take(4))
  }

  f64(): number {
    return this.#view.getFloat64(this.#take(8))
  }

  /** A float that must be finite and not negative, or NaN for unknown. */
  measure(): number {
    const value = this.f32()
    if (value < 0 || value === Infinity)
      throw new ProtocolError(`invalid measure: ${value} (finite and not negative, or NaN for unknown)`)
    return value
  }

  flag(): boolean {
    const value = this.u8()
    if (value > 1) throw new ProtocolError(`invalid flag: ${value} (0 or 1)`)
    return value === 1
  }

  hex(size: number): string {
    const at = this.#take(size)
    let text = ''
    for (let i = at; i < at + size; i++) text += this.#bytes[i].toString(16).padStart(2, '0')
    return text
  }

  contentId(): ContentId {
    const hex = this.hex(DIGEST_BYTES)
    return hex.endsWith(ZEROS) ? hex.slice(0, 2 * INFO_HASH_BYTES) : hex
  }

  text(most: number): string {
    const size = this.u8()
    if (size > most) throw new ProtocolError(`invalid text length: ${size} (at most ${most} bytes)`)
    const bytes = this.raw(size)
    try {
      return decoder.decode(bytes)
    } catch {
      throw new ProtocolError(`invalid text: ${size} bytes that are not UTF-8`)
    }
  }

  raw(size: number): Uint8Array {
    const at = this.#take(size)
    return this.#bytes.subarray(at, at + size)
  }

  #take(size: number): number {
    const at = this.#at
    if (at + size > this.#bytes.length)
      throw new ProtocolError(`frame ends early: ${size} more bytes expected, ${this.remaining} there`)
    this.#at = at + size
    return at
  }
}

function inRange(value: number, most: number): number {
  if (!Number.isInteger(value) || value < 0 || value > most)
    throw new ProtocolError(`invalid wire number: ${value} (a whole number from 0 to ${most})`)
  return value
}
