/** Zip files, as far as .npz files use them: stored and deflated entries, and sizes of 64 bits. */
import { crc32 } from "../bytes/crc32";
import { joinChunks } from "../bytes/source";
import { FormatError } from "../errors";

const FORMAT = "zip";
const LOCAL = 0x04034b50;
const CENTRAL = 0x02014b50;
const END = 0x06054b50;
const END64 = 0x06064b50;
const LOCATOR64 = 0x07064b50;
const END_BYTES = 22;
const MAX32 = 0xffffffff;

export interface ZipEntry {
  readonly name: string;
  readonly sizeBytes: number;
  /** The contents. Errors: FormatError if they are damaged. */
  read(): Promise<Uint8Array>;
}

const fail = (what: string, offset?: number): never => {
  throw new FormatError(FORMAT, what, offset);
};

const wide = (view: DataView, at: number): number => {
  const n = view.getBigUint64(at, true);
  return n <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(n) : fail("a size above 2**53", at);
};

/** Entries by the directory at the end. Errors: FormatError naming the byte. */
export function readZip(bytes: Uint8Array): ZipEntry[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const { begin, nEntries } = directoryOf(view);
  let at = begin;
  const out: ZipEntry[] = [];
  for (let i = 0; i < nEntries; i++) {
    if (at + 46 > bytes.length || view.getUint32(at, true) !== CENTRAL)
      fail(`entry ${i} of the directory is missing`, at);
    const nameBytes = view.getUint16(at + 28, true);
    const extraBytes = view.getUint16(at + 30, true);
    const end = at + 46 + nameBytes + extraBytes + view.getUint16(at + 32, true);
    if (end > bytes.length) fail("the directory is cut off", at);
    out.push(entryAt(bytes, view, at, nameBytes, extraBytes));
    at = end;
  }
  return out;
}

function directoryOf(view: DataView): { begin: number; nEntries: number } {
  // A comment of up to 65535 bytes may follow.
  const lowest = Math.max(0, view.byteLength - END_BYTES - 65535);
  for (let end = view.byteLength - END_BYTES; end >= lowest; end--) {
    if (view.getUint32(end, true) !== END) continue;
    const locator = end - 20;
    if (locator >= 0 && view.getUint32(locator, true) === LOCATOR64) {
      const end64 = wide(view, locator + 8);
      if (end64 + 56 > view.byteLength || view.getUint32(end64, true) !== END64)
        fail("the 64-bit directory is missing", locator);
      return { nEntries: wide(view, end64 + 32), begin: wide(view, end64 + 48) };
    }
    return { nEntries: view.getUint16(end + 10, true), begin: view.getUint32(end + 16, true) };
  }
  return fail("there is no directory at its end");
}

function entryAt(bytes: Uint8Array, view: DataView, at: number, nameBytes: number, extraBytes: number): ZipEntry {
  const name = new TextDecoder().decode(bytes.subarray(at + 46, at + 46 + nameBytes));
  const method = view.getUint16(at + 10, true);
  const checksum = view.getUint32(at + 16, true);
  let packedBytes = view.getUint32(at + 20, true);
  let sizeBytes = view.getUint32(at + 24, true);
  let local = view.getUint32(at + 42, true);
  const extraEnd = at + 46 + nameBytes + extraBytes;
  for (let e = at + 46 + nameBytes; e + 4 <= extraEnd; e += 4 + view.getUint16(e + 2, true)) {
    if (view.getUint16(e, true) !== 1) continue;
    let field = e + 4;
    const next = (): number => {
      if (field + 8 > extraEnd) fail(`${name}: its 64-bit sizes are cut off`, e);
      field += 8;
      return wide(view, field - 8);
    };
    if (sizeBytes === MAX32) sizeBytes = next();
    if (packedBytes === MAX32) packedBytes = next();
    if (local === MAX32) local = next();
  }
  if (view.getUint16(at + 8, true) & 1) fail(`${name} is encrypted`, at);
  if (method !== 0 && method !== 8) fail(`${name}: compression ${method} is not supported`, at);
  if (local + 30 > bytes.length || view.getUint32(local, true) !== LOCAL)
    fail(`${name} is not where the directory says`, local);
  const begin = local + 30 + view.getUint16(local + 26, true) + view.getUint16(local + 28, true);
  if (begin + packedBytes > bytes.length) fail(`${name} goes beyond the end`, begin);
  if (method === 0 && packedBytes !== sizeBytes) fail(`${name} has two sizes`, at);
  const packed = bytes.subarray(begin, begin + packedBytes);
  return {
    name,
    sizeBytes,
    async read() {
      const contents = method === 0 ? packed : await inflate(name, packed, sizeBytes);
      if (crc32(contents) !== checksum) fail(`${name}: its checksum is wrong`, begin);
      return contents;
    },
  };
}

/** Stops as soon as more comes than the directory promises. */
async function inflate(name: string, packed: Uint8Array, sizeBytes: number): Promise<Uint8Array> {
  const stream = new Blob([packed as Uint8Array<ArrayBuffer>])
    .stream()
    .pipeThrough(new DecompressionStream("deflate-raw"));
  const reader = stream.getReader();
  const chunks: Uint8Array[] = [];
  let n = 0;
  for (;;) {
    const step = await reader.read().catch(() => fail(`${name}: its compressed bytes are damaged`));
    if (step.done) break;
    n += step.value.length;
    if (n > sizeBytes) {
      await reader.cancel().catch(() => {});
      fail(`${name} has more than the ${sizeBytes} bytes that the directory promises`);
    }
    chunks.push(step.value);
  }
  return n === sizeBytes ? joinChunks(chunks) : fail(`${name} has ${n} bytes, the directory promises ${sizeBytes}`);
}

async function deflate(bytes: Uint8Array): Promise<Uint8Array> {
  const stream = new Blob([bytes as Uint8Array<ArrayBuffer>])
    .stream()
    .pipeThrough(new CompressionStream("deflate-raw"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

/** Writes a zip file. Errors: FormatError above 4 GiB. */
export async function writeZip(
  files: readonly (readonly [name: string, bytes: Uint8Array])[],
  compress: boolean,
): Promise<Uint8Array<ArrayBuffer>> {
  const parts: Uint8Array[] = [];
  const directory: Uint8Array[] = [];
  let at = 0;
  for (const [name, bytes] of files) {
    const packed = compress ? await deflate(bytes) : bytes;
    if (bytes.length >= MAX32 || packed.length >= MAX32 || at >= MAX32) fail("files above 4 GiB are not written");
    const text = new TextEncoder().encode(name);
    const local = new Uint8Array(30);
    const central = new Uint8Array(46);
    const crc = crc32(bytes);
    for (const [target, signature, from] of [
      [local, LOCAL, 4],
      [central, CENTRAL, 6],
    ] as const) {
      const view = new DataView(target.buffer);
      view.setUint32(0, signature, true);
      view.setUint16(from, 20, true);
      // Names are UTF-8.
      view.setUint16(from + 2, 0x800, true);
      view.setUint16(from + 4, compress ? 8 : 0, true);
      // 1 January 1980: the same arrays give the same file.
      view.setUint16(from + 8, 0x21, true);
      view.setUint32(from + 10, crc, true);
      view.setUint32(from + 14, packed.length, true);
      view.setUint32(from + 18, bytes.length, true);
      view.setUint16(from + 22, text.length, true);
    }
    new DataView(central.buffer).setUint16(4, 20, true);
    new DataView(central.buffer).setUint32(42, at, true);
    parts.push(local, text, packed);
    directory.push(central, text);
    at += local.length + text.length + packed.length;
  }
  const end = new Uint8Array(END_BYTES);
  const view = new DataView(end.buffer);
  const directoryBytes = directory.reduce((n, part) => n + part.length, 0);
  view.setUint32(0, END, true);
  view.setUint16(8, files.length, true);
  view.setUint16(10, files.length, true);
  view.setUint32(12, directoryBytes, true);
  view.setUint32(16, at, true);
  return joinChunks([...parts, ...directory, end]) as Uint8Array<ArrayBuffer>;
}
