/** Zip archives: written uncompressed, read uncompressed or deflated. */
import { JaxError } from "../base/errors";
import { inflate } from "./inflate";

const LOCAL = 0x04034b50;
const CENTRAL = 0x02014b50;
const END = 0x06054b50;

/** CRC-32 of bytes. */
function crc32(bytes: Uint8Array): number {
  let crc = -1;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
  }
  return ~crc >>> 0;
}

/** Writes little-endian fields one after another: [bytes, value]. */
function fields(...list: readonly (readonly [size: 2 | 4, value: number])[]): Uint8Array {
  const view = new DataView(new ArrayBuffer(list.reduce((n, [size]) => n + size, 0)));
  let at = 0;
  for (const [size, value] of list) {
    if (size === 2) view.setUint16(at, value, true);
    else view.setUint32(at, value, true);
    at += size;
  }
  return new Uint8Array(view.buffer);
}

function concatenated(parts: readonly Uint8Array[]): Uint8Array {
  const out = new Uint8Array(parts.reduce((n, p) => n + p.length, 0));
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}

/** An archive of files by name, all of one date, so that equal files make equal archives. */
export function writeZip(files: readonly (readonly [name: string, bytes: Uint8Array])[]): Uint8Array {
  const bodies: Uint8Array[] = [];
  const entries: Uint8Array[] = [];
  let at = 0;
  for (const [name, bytes] of files) {
    const label = new TextEncoder().encode(name);
    const DATE_1980 = 0x21;
    const UTF8 = 0x800;
    const about = [
      [2, 20], [2, UTF8], [2, 0], [2, 0], [2, DATE_1980], [4, crc32(bytes)], [4, bytes.length], [4, bytes.length], [2, label.length], [2, 0],
    ] as const; // prettier-ignore
    entries.push(fields([4, CENTRAL], [2, 20], ...about, [2, 0], [2, 0], [2, 0], [4, 0], [4, at]), label);
    const head = fields([4, LOCAL], ...about);
    bodies.push(head, label, bytes);
    at += head.length + label.length + bytes.length;
  }
  const directory = concatenated(entries);
  const n = files.length;
  const end = fields([4, END], [2, 0], [2, 0], [2, n], [2, n], [4, directory.length], [4, at], [2, 0]);
  return concatenated([...bodies, directory, end]);
}

export const isZip = (bytes: Uint8Array): boolean => bytes[0] === 0x50 && bytes[1] === 0x4b;

/** Files of an archive by name, in its order. Throws JaxError for one that is damaged or encrypted. */
export function readZip(bytes: Uint8Array): Map<string, Uint8Array> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const fail = (why: string): never => {
    throw new JaxError(`load: the archive ${why}`);
  };
  let end = bytes.length - 22;
  while (end >= 0 && view.getUint32(end, true) !== END) end--;
  if (end < 0) fail("has no directory");
  const files = new Map<string, Uint8Array>();
  let at = view.getUint32(end + 16, true);
  for (let i = 0; i < view.getUint16(end + 10, true); i++) {
    if (at + 46 > bytes.length || view.getUint32(at, true) !== CENTRAL) fail("has a damaged directory");
    const [flags, method] = [view.getUint16(at + 8, true), view.getUint16(at + 10, true)];
    const [packed, size] = [view.getUint32(at + 20, true), view.getUint32(at + 24, true)];
    const [nameLength, extra, comment] = [28, 30, 32].map((k) => view.getUint16(at + k, true)) as [
      number,
      number,
      number,
    ];
    const local = view.getUint32(at + 42, true);
    const name = new TextDecoder().decode(bytes.subarray(at + 46, at + 46 + nameLength));
    if (flags & 1) fail(`is encrypted: ${name}`);
    if (local + 30 > bytes.length) fail(`is cut off: ${name}`);
    const start = local + 30 + view.getUint16(local + 26, true) + view.getUint16(local + 28, true);
    const body = bytes.subarray(start, start + packed);
    if (method !== 0 && method !== 8) fail(`is compressed in a way that is not known: ${name}`);
    const file = method === 0 ? body : inflate(body, size);
    if (file.length !== size || crc32(file) !== view.getUint32(at + 16, true)) fail(`is damaged: ${name}`);
    files.set(name, file);
    at += 46 + nameLength + extra + comment;
  }
  return files;
}
