/** The header of a safetensors file: 8 bytes of length, then JSON, checked in full before any tensor is looked at. */
import { quoted } from "../bytes/quoted";
import { type Json, type JsonObject, parseStrictJson } from "../bytes/strict-json";
import { FormatError } from "../errors";
import { type DType, DTYPE_NAMES, bitsOf, isDType } from "./dtypes";

const FORMAT = "safetensors";
/** As in the reference library. */
const MAX_HEADER_BYTES = 100_000_000;

/** Where a tensor lies: from `begin` to `end`, counted from the first byte of the file. */
export interface TensorEntry {
  readonly name: string;
  readonly dtype: DType;
  readonly shape: readonly number[];
  readonly begin: number;
  readonly end: number;
}

export interface Header {
  /** In the order of the data. */
  readonly entries: readonly TensorEntry[];
  readonly metadata: Readonly<Record<string, string>> | undefined;
  /** First byte after the header. */
  readonly dataStart: number;
  /** Bytes of the whole file. */
  readonly totalBytes: number;
}

/** Length of the JSON, from the first 8 bytes. `fileBytes` bounds it where it is known. */
export function headerLength(first8: Uint8Array, fileBytes = Infinity): number {
  if (first8.length < 8) {
    throw new FormatError(FORMAT, `file of ${first8.length} bytes, too short for the 8 bytes of the header length`, 0);
  }
  const length = Number(new DataView(first8.buffer, first8.byteOffset, 8).getBigUint64(0, true));
  if (length > fileBytes - 8) {
    throw new FormatError(FORMAT, `header of ${length} bytes is longer than the file of ${fileBytes} bytes`, 0);
  }
  if (length > MAX_HEADER_BYTES)
    throw new FormatError(FORMAT, `header of ${length} bytes is over the limit of 100 MB`, 0);
  if (length < 2) throw new FormatError(FORMAT, `header of ${length} bytes holds no JSON object`, 0);
  return length;
}

/** Reads the JSON. `fileBytes`, where known, must be what the tensors fill, with no gap and no overlap. */
export function parseHeader(json: Uint8Array, fileBytes?: number): Header {
  let text: string;
  try {
    text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(json);
  } catch {
    throw new FormatError(FORMAT, "header is not valid UTF-8", 8);
  }
  if (text[0] !== "{") throw new FormatError(FORMAT, "header does not begin with '{'", 8);
  const root = parseStrictJson(FORMAT, text, 8) as JsonObject;
  const dataStart = 8 + json.length;
  const entries: TensorEntry[] = [];
  let metadata: Record<string, string> | undefined;
  for (const [name, value] of root) {
    if (name === "__metadata__") metadata = readMetadata(value);
    else entries.push(readEntry(name, value, dataStart));
  }
  entries.sort((a, b) => a.begin - b.begin || a.end - b.end);
  const totalBytes = checkLayout(entries, dataStart, fileBytes);
  return { entries, metadata, dataStart, totalBytes };
}

function readMetadata(value: Json): Record<string, string> | undefined {
  if (value === null) return undefined;
  if (!(value instanceof Map)) throw new FormatError(FORMAT, "__metadata__ is not an object of strings");
  const out: Record<string, string> = Object.create(null) as Record<string, string>;
  for (const [key, text] of value) {
    if (typeof text !== "string") {
      throw new FormatError(FORMAT, `__metadata__ ${quoted(key)} is not a string`);
    }
    out[key] = text;
  }
  return out;
}

const isSize = (n: Json | undefined): n is number => typeof n === "number" && Number.isSafeInteger(n) && n >= 0;

function readEntry(name: string, value: Json, dataStart: number): TensorEntry {
  const fail = (what: string, offset?: number): never => {
    throw new FormatError(FORMAT, `tensor ${quoted(name)}: ${what}`, offset);
  };
  if (!(value instanceof Map)) return fail("its entry is not an object");
  const dtype = value.get("dtype") as Json;
  const shape = value.get("shape");
  const offsets = value.get("data_offsets");
  if (!isDType(dtype)) return fail(`dtype ${quoted(dtype ?? null)} is none of ${DTYPE_NAMES.join(", ")}`);
  if (!Array.isArray(shape) || !shape.every(isSize)) return fail("shape is not a list of sizes");
  if (!Array.isArray(offsets) || offsets.length !== 2 || !offsets.every(isSize)) {
    return fail("data_offsets is not a pair of offsets");
  }
  const [begin, end] = offsets as [number, number];
  if (begin > end) fail(`data_offsets ${begin} to ${end} run backwards`, dataStart + begin);
  const bits = shape.reduce((n, size) => n * size, bitsOf(dtype));
  if (!Number.isSafeInteger(bits)) fail(`shape [${shape.join(", ")}] has too many elements`);
  if (bits % 8 !== 0) fail(`shape [${shape.join(", ")}] of ${dtype} does not fill whole bytes`);
  if (bits / 8 !== end - begin) {
    fail(`${dtype}[${shape.join(",")}] takes ${bits / 8} bytes, its offsets give ${end - begin}`, dataStart + begin);
  }
  return { name, dtype, shape, begin: dataStart + begin, end: dataStart + end };
}

/** Every byte after the header belongs to one tensor, as the format demands. Gives the bytes of the file. */
function checkLayout(entries: readonly TensorEntry[], dataStart: number, fileBytes: number | undefined): number {
  let at = dataStart;
  for (const { name, begin, end } of entries) {
    if (begin !== at) {
      const what = begin < at ? "overlaps the tensor before it" : `leaves a gap of ${begin - at} bytes`;
      throw new FormatError(FORMAT, `tensor ${quoted(name)}: ${what}`, begin);
    }
    at = end;
  }
  if (fileBytes !== undefined && at !== fileBytes) {
    const what =
      at > fileBytes ? `ends at byte ${fileBytes}, its tensors at ${at}` : `has ${fileBytes - at} bytes too many`;
    throw new FormatError(FORMAT, `the file ${what}`, Math.min(at, fileBytes));
  }
  return at;
}
