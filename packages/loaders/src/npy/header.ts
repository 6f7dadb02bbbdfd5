/** The header of a .npy file: a version, and a dictionary of Python with exactly three keys. */
import { FormatError } from "../errors";

const FORMAT = "npy";
const MAGIC = [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59];

export interface NpyHeader {
  /** NumPy's type string, as `<f4`. */
  readonly descr: string;
  readonly fortranOrder: boolean;
  readonly shape: readonly number[];
  /** First byte of the elements. */
  readonly dataStart: number;
}

type Literal = string | boolean | number | null | Literal[] | Map<string, Literal>;

/** The few literals of Python that headers are made of. */
class LiteralReader {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  fail(what: string): never {
    throw new FormatError(FORMAT, `header is not a dictionary of Python: ${what}`, this.#at);
  }

  #skip(pattern: RegExp): string | null {
    pattern.lastIndex = this.#at;
    const match = pattern.exec(this.#text);
    if (match === null) return null;
    this.#at = pattern.lastIndex;
    return match[1] ?? match[0];
  }

  #is(c: string): boolean {
    this.#skip(/\s*/y);
    if (this.#text[this.#at] !== c) return false;
    this.#at++;
    return true;
  }

  whole(): Literal {
    const value = this.#value(0);
    this.#skip(/\s*/y);
    return this.#at < this.#text.length ? this.fail("something follows it") : value;
  }

  #value(depth: number): Literal {
    if (depth > 8) this.fail("it is nested too deeply");
    if (this.#is("{")) return this.#dictionary(depth);
    if (this.#is("(")) return this.#list(")", depth);
    if (this.#is("[")) return this.#list("]", depth);
    const text = this.#skip(/'([^'\\\n]*)'/y) ?? this.#skip(/"([^"\\\n]*)"/y);
    if (text !== null) return text;
    const word = this.#skip(/True|False|None/y);
    if (word !== null) return word === "None" ? null : word === "True";
    // Python 2 wrote long integers with an L.
    const digits = this.#skip(/(\d+)L?/y);
    return digits === null ? this.fail("a value is missing") : Number(digits);
  }

  #list(end: string, depth: number): Literal[] {
    const out: Literal[] = [];
    while (!this.#is(end)) {
      out.push(this.#value(depth + 1));
      if (!this.#is(",") && this.#text[this.#at] !== end) this.fail(`expected "," or "${end}"`);
    }
    return out;
  }

  #dictionary(depth: number): Map<string, Literal> {
    const out = new Map<string, Literal>();
    while (!this.#is("}")) {
      const key = this.#value(depth + 1);
      if (typeof key !== "string" || out.has(key)) return this.fail("a key is no string, or given twice");
      if (!this.#is(":")) this.fail('expected ":"');
      out.set(key, this.#value(depth + 1));
      if (!this.#is(",") && this.#text[this.#at] !== "}") this.fail('expected "," or "}"');
    }
    return out;
  }
}

/** Errors: FormatError. */
export function readHeader(bytes: Uint8Array): NpyHeader {
  if (bytes.length < 10 || MAGIC.some((b, i) => bytes[i] !== b))
    throw new FormatError(FORMAT, "it does not begin with \\x93NUMPY", 0);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const version = bytes[6]!;
  if (version < 1 || version > 3) throw new FormatError(FORMAT, `version ${version} is not known`, 6);
  const sizeAt = 8;
  const textAt = version === 1 ? 10 : 12;
  if (bytes.length < textAt) throw new FormatError(FORMAT, "it ends within the header", bytes.length);
  const size = version === 1 ? view.getUint16(sizeAt, true) : view.getUint32(sizeAt, true);
  if (size > bytes.length - textAt) {
    throw new FormatError(FORMAT, `header of ${size} bytes, of which ${bytes.length - textAt} are there`, sizeAt);
  }
  const encoding = version === 3 ? "utf-8" : "latin1";
  const text = new TextDecoder(encoding).decode(bytes.subarray(textAt, textAt + size));
  const reader = new LiteralReader(text);
  const root = reader.whole();
  if (!(root instanceof Map)) return reader.fail("it is none");
  const descr = root.get("descr");
  const fortranOrder = root.get("fortran_order");
  const shape = root.get("shape");
  if (typeof descr !== "string") throw new FormatError(FORMAT, "arrays of records are not supported");
  if (typeof fortranOrder !== "boolean") throw new FormatError(FORMAT, "fortran_order is neither True nor False");
  if (!Array.isArray(shape) || !shape.every((n) => typeof n === "number" && Number.isSafeInteger(n))) {
    throw new FormatError(FORMAT, "shape is not a tuple of sizes");
  }
  return { descr, fortranOrder, shape: shape as number[], dataStart: textAt + size };
}

/** The bytes before the elements; their number is a multiple of 64. */
export function writeHeader(descr: string, shape: readonly number[]): Uint8Array {
  const tuple = shape.length === 1 ? `(${shape[0]},)` : `(${shape.join(", ")})`;
  const text = `{'descr': '${descr}', 'fortran_order': False, 'shape': ${tuple}, }`;
  const total = Math.ceil((10 + text.length + 1) / 64) * 64;
  const out = new Uint8Array(total).fill(0x20);
  out.set([...MAGIC, 1, 0]);
  new DataView(out.buffer).setUint16(8, total - 10, true);
  out.set(new TextEncoder().encode(text), 10);
  out[total - 1] = 0x0a;
  return out;
}
