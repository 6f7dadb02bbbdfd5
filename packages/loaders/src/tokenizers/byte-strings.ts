/** Bytes as strings of one character per byte: the keys of vocabularies. */

const encoder = /* @__PURE__ */ new TextEncoder();

/** The UTF-8 bytes of a text, a character each. Lone surrogates become U+FFFD. */
export function utf8String(text: string): string {
  let ascii = true;
  for (let i = 0; i < text.length && ascii; i++) ascii = text.charCodeAt(i) < 128;
  return ascii ? text : byteString(encoder.encode(text));
}

/** A character per byte. */
export function byteString(bytes: Uint8Array): string {
  let out = "";
  // Arguments of a call are limited by the stack.
  for (let i = 0; i < bytes.length; i += 4096) out += String.fromCharCode(...bytes.subarray(i, i + 4096));
  return out;
}

/** The bytes of such strings, one after another. */
export function bytesOfStrings(parts: readonly string[]): Uint8Array<ArrayBuffer> {
  let n = 0;
  for (const part of parts) n += part.length;
  const out = new Uint8Array(n);
  let at = 0;
  for (const part of parts) for (let i = 0; i < part.length; i++) out[at++] = part.charCodeAt(i);
  return out;
}

/**
 * GPT-2's printable stand-ins of bytes: most printable characters of Latin-1 are themselves, the others are U+0100 on.
 * Source: `bytes_to_unicode` of openai/gpt-2
 */
export const BYTE_CHARS: readonly string[] = /* @__PURE__ */ (() => {
  let next = 256;
  const printable = (b: number) => (b >= 33 && b <= 126) || (b >= 161 && b <= 172) || b >= 174;
  return Array.from({ length: 256 }, (_, b) => String.fromCharCode(printable(b) ? b : next++));
})();

const byteOfChar: ReadonlyMap<string, number> = /* @__PURE__ */ new Map(BYTE_CHARS.map((c, b) => [c, b]));

/** Bytes of a text, each as its stand-in. */
export function toByteChars(text: string): string {
  const bytes = utf8String(text);
  let out = "";
  for (let i = 0; i < bytes.length; i++) out += BYTE_CHARS[bytes.charCodeAt(i)]!;
  return out;
}

/** The byte string of stand-ins, or null if one is none. */
export function fromByteChars(text: string): string | null {
  let out = "";
  for (const c of text) {
    const b = byteOfChar.get(c);
    if (b === undefined) return null;
    out += String.fromCharCode(b);
  }
  return out;
}
