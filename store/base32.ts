/** Nix's base-32: digits and lower-case letters without e, o, t, u; the last five bits come first. */
export const base32Alphabet = '0123456789abcdfghijklmnpqrsvwxyz'

/** How many characters `size` bytes take. */
export const base32Length = (size: number): number => Math.ceil((size * 8) / 5)

export function encodeBase32(bytes: Uint8Array): string {
  let text = ''
  for (let n = base32Length(bytes.length) - 1; n >= 0; n--) {
    const byte = Math.floor((n * 5) / 8)
    const shift = (n * 5) % 8
    const bits = (bytes[byte]! >> shift) | ((bytes[byte + 1] ?? 0) << (8 - shift))
    text += base32Alphabet[bits & 31]
  }
  return text
}

/** The bytes that `encodeBase32` writes as `text`, or `undefined` when there are none. */
export function decodeBase32(text: string): Buffer | undefined {
  const bytes = Buffer.alloc(Math.floor((text.length * 5) / 8))
  for (let n = 0; n < text.length; n++) {
    const digit = base32Alphabet.indexOf(text[text.length - n - 1]!)
    if (digit < 0) return undefined
    const byte = Math.floor((n * 5) / 8)
    const bits = digit << ((n * 5) % 8)
    bytes[byte]! |= bits & 255
    const rest = bits >> 8
    if (byte + 1 < bytes.length) bytes[byte + 1]! |= rest
    else if (rest !== 0) return undefined
  }
  return encodeBase32(bytes) === text ? bytes : undefined
}
