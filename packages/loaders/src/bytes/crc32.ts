/** CRC-32, as zip files and checkpoints have it. */

/** Four tables, so that four bytes are taken at once: `TABLES[k][b]` is what b does k bytes further on. */
const TABLES: readonly Uint32Array[] = /* @__PURE__ */ (() => {
  const first = Uint32Array.from({ length: 256 }, (_, b) => {
    let c = b;
    for (let k = 0; k < 8; k++) c = c & 1 ? 0xedb88320 ^ (c >>> 1) : c >>> 1;
    return c;
  });
  const tables = [first];
  for (let k = 1; k < 4; k++) tables.push(tables[k - 1]!.map((c) => first[c & 255]! ^ (c >>> 8)));
  return tables;
})();

/** The CRC of bytes, going on from that of earlier ones. */
export function crc32(bytes: Uint8Array, before = 0): number {
  const [t0, t1, t2, t3] = TABLES as [Uint32Array, Uint32Array, Uint32Array, Uint32Array];
  let c = ~before;
  let i = 0;
  for (const end = bytes.length - 3; i < end; i += 4) {
    c ^= bytes[i]! | (bytes[i + 1]! << 8) | (bytes[i + 2]! << 16) | (bytes[i + 3]! << 24);
    c = t3[c & 255]! ^ t2[(c >>> 8) & 255]! ^ t1[(c >>> 16) & 255]! ^ t0[c >>> 24]!;
  }
  for (; i < bytes.length; i++) c = t0[(c ^ bytes[i]!) & 255]! ^ (c >>> 8);
  return ~c >>> 0;
}
