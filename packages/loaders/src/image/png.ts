/** PNG files: reading all kinds, writing 8 bits a channel. */
import { HostArray } from "../data/examples";
import { FormatError, LoaderError } from "../errors";
import { FORMAT, type PngHeader, type PngParts, readParts, writeParts } from "./png-chunks";

const CHANNELS: Readonly<Record<number, number>> = { 0: 1, 2: 3, 3: 1, 4: 2, 6: 4 };

/** First column and row, and steps, of the seven passes of an interlaced picture. */
const PASSES = [[0, 0, 8, 8], [4, 0, 8, 8], [0, 4, 4, 8], [2, 0, 4, 4], [0, 2, 2, 4], [1, 0, 2, 2], [0, 1, 1, 2]] as const; // prettier-ignore

interface Pass {
  readonly x: number;
  readonly y: number;
  readonly dx: number;
  readonly dy: number;
  readonly width: number;
  readonly height: number;
}

function passesOf({ width, height, isInterlaced }: PngHeader): Pass[] {
  if (!isInterlaced) return [{ x: 0, y: 0, dx: 1, dy: 1, width, height }];
  return PASSES.map(([x, y, dx, dy]) => ({
    x,
    y,
    dx,
    dy,
    width: Math.ceil((width - x) / dx),
    height: Math.ceil((height - y) / dy),
  })).filter((pass) => pass.width > 0 && pass.height > 0);
}

async function inflate(data: Uint8Array, nBytes: number): Promise<Uint8Array> {
  const stream = new Blob([data as Uint8Array<ArrayBuffer>]).stream().pipeThrough(new DecompressionStream("deflate"));
  const reader = stream.getReader();
  const out: Uint8Array[] = [];
  let n = 0;
  // What comes beyond the picture is not looked at.
  while (n < nBytes) {
    const step = await reader.read().catch(() => {
      throw new FormatError(FORMAT, "its compressed rows are damaged");
    });
    if (step.done) throw new FormatError(FORMAT, `its rows have ${n} of ${nBytes} bytes`);
    out.push(step.value);
    n += step.value.length;
  }
  await reader.cancel().catch(() => {});
  const whole = new Uint8Array(n);
  let at = 0;
  for (const chunk of out) {
    whole.set(chunk, at);
    at += chunk.length;
  }
  return whole;
}

/** Undoes the filter of a row in place: each byte was stored as the difference from a guess. */
function unfilter(kind: number, row: Uint8Array, above: Uint8Array, pixelBytes: number): void {
  for (let i = 0; i < row.length; i++) {
    const left = i >= pixelBytes ? row[i - pixelBytes]! : 0;
    const up = above[i]!;
    const upLeft = i >= pixelBytes ? above[i - pixelBytes]! : 0;
    let guess = 0;
    if (kind === 1) guess = left;
    else if (kind === 2) guess = up;
    else if (kind === 3) guess = (left + up) >> 1;
    else if (kind === 4) guess = paeth(left, up, upLeft);
    row[i] = row[i]! + guess;
  }
}

function paeth(a: number, b: number, c: number): number {
  const p = a + b - c;
  const [pa, pb, pc] = [Math.abs(p - a), Math.abs(p - b), Math.abs(p - c)];
  return pa <= pb && pa <= pc ? a : pb <= pc ? b : c;
}

/** Samples of one row, as they are in the file. */
function samplesOf(row: Uint8Array, n: number, bitDepth: number): ArrayLike<number> {
  if (bitDepth === 8) return row;
  if (bitDepth === 16) return Array.from({ length: n }, (_, i) => row[2 * i]! * 256 + row[2 * i + 1]!);
  const mask = (1 << bitDepth) - 1;
  return Array.from(
    { length: n },
    (_, i) => (row[(i * bitDepth) >> 3]! >> (8 - bitDepth - ((i * bitDepth) & 7))) & mask,
  );
}

/** Samples of the whole picture, in rows. */
function readRows({ header }: PngParts, rows: Uint8Array): Uint16Array {
  const { width, height, bitDepth, colorType } = header;
  const nChannels = CHANNELS[colorType]!;
  const out = new Uint16Array(width * height * nChannels);
  const pixelBytes = Math.max(1, (bitDepth * nChannels) >> 3);
  let at = 0;
  for (const pass of passesOf(header)) {
    const n = pass.width * nChannels;
    const rowBytes = Math.ceil((n * bitDepth) / 8);
    let above = new Uint8Array(rowBytes);
    for (let r = 0; r < pass.height; r++) {
      const kind = rows[at]!;
      if (kind > 4) throw new FormatError(FORMAT, `row ${r} has the unknown filter ${kind}`);
      const row = rows.slice(at + 1, at + 1 + rowBytes);
      unfilter(kind, row, above, pixelBytes);
      const samples = samplesOf(row, n, bitDepth);
      const y = pass.y + r * pass.dy;
      for (let i = 0; i < n; i++) {
        const x = pass.x + Math.floor(i / nChannels) * pass.dx;
        out[(y * width + x) * nChannels + (i % nChannels)] = samples[i]!;
      }
      above = row;
      at += 1 + rowBytes;
    }
  }
  return out;
}

/** Colours and alpha: u8[height, width, 4], or u16 of a picture with 16 bits. */
function toRgba({ header, palette, transparency }: PngParts, samples: Uint16Array): Uint8Array | Uint16Array {
  const { width, height, bitDepth, colorType } = header;
  const nPixels = width * height;
  const out = bitDepth === 16 ? new Uint16Array(4 * nPixels) : new Uint8Array(4 * nPixels);
  const top = bitDepth === 16 ? 65535 : 255;
  if (colorType === 3) {
    for (let i = 0; i < nPixels; i++) {
      const entry = samples[i]!;
      if (3 * entry + 3 > palette!.length) throw new FormatError(FORMAT, `colour ${entry} is not in the palette`);
      out.set(palette!.subarray(3 * entry, 3 * entry + 3), 4 * i);
      out[4 * i + 3] = transparency?.[entry] ?? 255;
    }
    return out;
  }
  const isGrey = colorType === 0 || colorType === 4;
  const nChannels = CHANNELS[colorType]!;
  const scale = bitDepth < 8 ? 255 / ((1 << bitDepth) - 1) : 1;
  const key =
    transparency === null
      ? null
      : Array.from(
          { length: transparency.length >> 1 },
          (_, k) => transparency[2 * k]! * 256 + transparency[2 * k + 1]!,
        );
  for (let i = 0; i < nPixels; i++) {
    const from = i * nChannels;
    for (let c = 0; c < 3; c++) out[4 * i + c] = samples[from + (isGrey ? 0 : c)]! * scale;
    const isKey = key !== null && (isGrey ? [0] : [0, 1, 2]).every((c) => samples[from + c] === key[c]);
    out[4 * i + 3] = nChannels === 2 || nChannels === 4 ? samples[from + nChannels - 1]! : isKey ? 0 : top;
  }
  return out;
}

/**
 * Reads a PNG file of any kind, without changing colours.
 *
 * Shapes: u8[height, width, 4], red, green, blue and alpha; u16 of a picture with 16 bits a channel.
 * Errors: FormatError naming the byte.
 * @example
 * const bytes = await image.encodePng(new data.HostArray(new Uint8Array([1, 2, 3]), [1, 1, 3]));
 * (await image.decodePng(bytes)).data; // => [1, 2, 3, 255]
 */
export async function decodePng(bytes: Uint8Array): Promise<HostArray> {
  const parts = readParts(bytes);
  const { width, height, bitDepth, colorType } = parts.header;
  const rowBytes = (w: number) => 1 + Math.ceil((w * CHANNELS[colorType]! * bitDepth) / 8);
  const nBytes = passesOf(parts.header).reduce((n, pass) => n + pass.height * rowBytes(pass.width), 0);
  // No compression of this kind makes a thousandth of its input: a header that says so lies, and nothing is allocated.
  if (nBytes > 1040 * parts.data.length + 1024)
    throw new FormatError(FORMAT, `${parts.data.length} bytes cannot be ${width} x ${height} pixels`);
  const rows = await inflate(parts.data, nBytes);
  return new HostArray(toRgba(parts, readRows(parts, rows)), [height, width, 4]);
}

/** By the number of channels. */
const COLOR_TYPES: Readonly<Record<number, number>> = { 1: 0, 2: 4, 3: 2, 4: 6 };

/**
 * Writes a PNG file.
 *
 * Shapes: u8[height, width, channels], of 1 to 4 channels
 * Errors: LoaderError for another shape or dtype.
 */
export async function encodePng(picture: HostArray): Promise<Uint8Array<ArrayBuffer>> {
  const [height = 0, width = 0, nChannels = 0] = picture.shape;
  const colorType = COLOR_TYPES[nChannels];
  const { data } = picture;
  if (
    picture.shape.length !== 3 ||
    colorType === undefined ||
    width === 0 ||
    height === 0 ||
    !(data instanceof Uint8Array || data instanceof Uint8ClampedArray)
  ) {
    throw new LoaderError(
      `encodePng: expected uint8[height, width, 1 to 4], got ${data.constructor.name}[${picture.shape.join(",")}]`,
    );
  }
  const rowBytes = width * nChannels;
  const rows = new Uint8Array(height * (1 + rowBytes));
  for (let y = 0; y < height; y++) rows.set(data.subarray(y * rowBytes, (y + 1) * rowBytes), y * (1 + rowBytes) + 1);
  const packed = new Blob([rows]).stream().pipeThrough(new CompressionStream("deflate"));
  const header = new Uint8Array(13);
  new DataView(header.buffer).setUint32(0, width);
  new DataView(header.buffer).setUint32(4, height);
  header.set([8, colorType], 8);
  const body = new Uint8Array(await new Response(packed).arrayBuffer());
  return writeParts([["IHDR", header], ["IDAT", body], ["IEND", new Uint8Array(0)]]); // prettier-ignore
}
