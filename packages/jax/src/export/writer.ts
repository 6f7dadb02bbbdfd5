/** Text of a StableHLO function: values with types, operations line by line, regions inside operations. */
import type { DType } from "../aval/dtype";
import { ShapedArray } from "../aval/shaped-array";

/** A value of the text: its name, and what it is. */
export interface Value {
  readonly name: string;
  readonly aval: ShapedArray;
}

const ELEMENT_TYPES: Readonly<Record<DType, string>> = {
  bool: "i1",
  int8: "i8",
  int16: "i16",
  int32: "i32",
  uint8: "ui8",
  uint16: "ui16",
  uint32: "ui32",
  float16: "f16",
  bfloat16: "bf16",
  float32: "f32",
  float64: "f64",
};

/** `tensor<2x3xf32>` */
export const typeOf = ({ shape, dtype }: ShapedArray): string =>
  `tensor<${shape.map((n) => `${n}x`).join("")}${ELEMENT_TYPES[dtype]}>`;

export const list = (xs: readonly number[]): string => `[${xs.join(", ")}]`;
/** A list as an attribute. */
export const i64s = (xs: readonly number[]): string =>
  xs.length === 0 ? "array<i64>" : `array<i64: ${xs.join(", ")}>`;

/** `(types) -> type`; several results are in parentheses. */
export function signature(ins: readonly ShapedArray[], outs: readonly ShapedArray[]): string {
  const results = outs.map(typeOf);
  return `(${ins.map(typeOf).join(", ")}) -> ${results.length === 1 ? results[0]! : `(${results.join(", ")})`}`;
}

/** Bits of floats that are no decimal numbers. */
const SPECIAL: Readonly<Partial<Record<DType, readonly [string, string, string]>>> = {
  float64: ["0x7FF8000000000000", "0x7FF0000000000000", "0xFFF0000000000000"],
  float32: ["0x7FC00000", "0x7F800000", "0xFF800000"],
  float16: ["0x7E00", "0x7C00", "0xFC00"],
  bfloat16: ["0x7FC0", "0x7F80", "0xFF80"],
};

export function number(value: number, dtype: DType): string {
  if (dtype === "bool") return value === 0 ? "false" : "true";
  const special = SPECIAL[dtype];
  if (special === undefined) return String(value);
  if (Number.isNaN(value)) return special[0];
  if (!Number.isFinite(value)) return value > 0 ? special[1] : special[2];
  const text = value.toExponential(dtype === "float64" ? 16 : 8);
  return Object.is(value, -0) ? `-${text}` : text;
}

export class Writer {
  readonly lines: string[] = [];
  private readonly prefix: string;
  private next = 0;
  private depth: number;

  /** Names start with `prefix`, so that regions of a function do not hide one another's. */
  constructor(prefix = "", depth = 1) {
    this.prefix = prefix;
    this.depth = depth;
  }

  line(text: string): void {
    this.lines.push("  ".repeat(this.depth) + text);
  }

  fresh(): string {
    return `%${this.prefix}${this.next++}`;
  }

  /** An operation with one result; `text` is what stands after the equals sign. */
  one(aval: ShapedArray, text: string): Value {
    const name = this.fresh();
    this.line(`${name} = ${text}`);
    return { name, aval };
  }

  /** An operation with results of these types; `close` ends it when its regions are written. */
  many(avals: readonly ShapedArray[], head: string, regions: () => void, close: string): Value[] {
    const name = this.fresh();
    const left = avals.length === 0 ? "" : avals.length === 1 ? `${name} = ` : `${name}:${avals.length} = `;
    this.line(`${left}${head}`);
    this.depth++;
    regions();
    this.depth--;
    this.line(close);
    return avals.map((aval, i) => ({ name: avals.length === 1 ? name : `${name}#${i}`, aval }));
  }

  /** A line between two regions. */
  between(text: string): void {
    this.depth--;
    this.line(text);
    this.depth++;
  }

  /** `name x, y : type`, where all operands and the result have one type. */
  same(name: string, xs: readonly Value[], aval = xs[0]!.aval): Value {
    return this.one(aval, `${name} ${xs.map((x) => x.name).join(", ")} : ${typeOf(aval)}`);
  }

  /** `name x, y attributes : (types) -> type` */
  typed(name: string, xs: readonly Value[], aval: ShapedArray, attributes = ""): Value {
    const operands = xs.map((x) => x.name).join(", ");
    const types = signature(
      xs.map((x) => x.aval),
      [aval],
    );
    return this.one(aval, `${name} ${operands}${attributes} : ${types}`);
  }

  /** All elements are `value`. */
  constant(value: number, aval: ShapedArray): Value {
    return this.one(aval, `stablehlo.constant dense<${number(value, aval.dtype)}> : ${typeOf(aval)}`);
  }

  /** An array of these little-endian bytes. */
  constantBytes(bytes: Uint8Array, aval: ShapedArray): Value {
    if (aval.dtype === "bool") {
      const words = Array.from(bytes, (b) => (b === 0 ? "false" : "true"));
      return this.one(aval, `stablehlo.constant dense<${nested(words, aval.shape)}> : ${typeOf(aval)}`);
    }
    if (aval.size === 0) return this.one(aval, `stablehlo.constant dense<> : ${typeOf(aval)}`);
    const hex = Array.from(bytes, (b) => b.toString(16).padStart(2, "0").toUpperCase()).join("");
    return this.one(aval, `stablehlo.constant dense<"0x${hex}"> : ${typeOf(aval)}`);
  }

  compare(how: "EQ" | "NE" | "LT" | "LE" | "GT" | "GE", x: Value, y: Value): Value {
    const { aval } = x;
    const kind = aval.dtype.includes("float") ? "FLOAT" : aval.dtype.startsWith("int") ? "SIGNED" : "UNSIGNED";
    return this.typed(`stablehlo.compare ${how},`, [x, y], aval.withDType("bool"), `, ${kind}`);
  }

  select(condition: Value, yes: Value, no: Value): Value {
    return this.one(
      yes.aval,
      `stablehlo.select ${condition.name}, ${yes.name}, ${no.name} : ${typeOf(condition.aval)}, ${typeOf(yes.aval)}`,
    );
  }

  convert(x: Value, dtype: DType): Value {
    return x.aval.dtype === dtype ? x : this.typed("stablehlo.convert", [x], x.aval.withDType(dtype));
  }

  reshape(x: Value, shape: readonly number[]): Value {
    return this.typed("stablehlo.reshape", [x], x.aval.withShape(shape));
  }

  broadcast(x: Value, shape: readonly number[], dims: readonly number[]): Value {
    return this.typed("stablehlo.broadcast_in_dim", [x], x.aval.withShape(shape), `, dims = ${list(dims)}`);
  }

  iota(shape: readonly number[], dtype: DType, dimension: number): Value {
    const aval = ShapedArray.of(shape, dtype);
    return this.one(aval, `stablehlo.iota dim = ${dimension} : ${typeOf(aval)}`);
  }

  concatenate(xs: readonly Value[], aval: ShapedArray, dimension: number): Value {
    return this.typed("stablehlo.concatenate", xs, aval, `, dim = ${dimension}`);
  }

  /** The start of a region with arguments of these types. */
  block(avals: readonly ShapedArray[]): Value[] {
    const values = avals.map((aval) => ({ name: this.fresh(), aval }));
    this.between(`^bb0(${values.map((v) => `${v.name}: ${typeOf(v.aval)}`).join(", ")}):`);
    return values;
  }

  /** The end of a region. */
  yield(values: readonly Value[]): void {
    const text = `stablehlo.return ${values.map((v) => v.name).join(", ")}`;
    this.line(values.length === 0 ? "stablehlo.return" : `${text} : ${values.map((v) => typeOf(v.aval)).join(", ")}`);
  }
}

/** Row-major words as nested lists. */
function nested(words: readonly string[], shape: readonly number[]): string {
  if (shape.length === 0) return words[0]!;
  const [n, ...rest] = shape as [number, ...number[]];
  const step = words.length / n;
  const parts = Array.from({ length: n }, (_, i) => nested(words.slice(i * step, (i + 1) * step), rest));
  return `[${parts.join(", ")}]`;
}
