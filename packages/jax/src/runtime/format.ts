/** Readable text of arrays, as NumPy prints them. */
import type { DType } from "../aval/dtype";
import type { Shape, ShapedArray } from "../aval/shaped-array";
import { range } from "../base/list";
import { type ElementFormat, elementFormat, scalarText } from "./format-elements";
import { type PrintOptions, printOptions } from "./print-options";

/** Values with their shape and dtype. */
export interface Printable {
  readonly values: ArrayLike<number>;
  readonly shape: Shape;
  readonly dtype: DType;
}

/** What stands around the text: it takes room on the lines. */
interface Frame {
  readonly prefix: string;
  readonly suffix: string;
  readonly separator: string;
}

/** The values: lists in brackets without commas, a scalar as itself. */
export function formatValues({ values, shape, dtype }: Printable, options: PrintOptions = printOptions()): string {
  if (shape.length === 0) return scalarText(values[0]!, dtype, options);
  return arrayText({ values, shape, dtype }, options, { prefix: "", suffix: "", separator: " " });
}

/** `Array([1., 2.], dtype=float32)`, as JAX prints its arrays. */
export function formatRepr(
  values: ArrayLike<number>,
  { shape, dtype, weakType }: ShapedArray,
  options: PrintOptions = printOptions(),
): string {
  const prefix = "Array(";
  const empty = values.length === 0;
  const tuple = shape.length === 1 ? `(${shape[0]},)` : `(${shape.join(", ")})`;
  const text = empty
    ? `[], shape=${tuple}`
    : arrayText({ values, shape, dtype }, options, { prefix, suffix: ",", separator: ", " });
  const type = `dtype=${dtype}${weakType ? ", weak_type=True" : ""})`;
  const lastLine = text.length - text.lastIndexOf("\n") + 1;
  const wraps = lastLine + type.length + 1 > options.linewidth;
  return `${prefix}${text},${wraps ? `\n${" ".repeat(prefix.length)}` : " "}${type}`;
}

/** Positions along an axis that are shown; null stands for those left out. */
function shownAlong(n: number, shortened: boolean, edge: number): (number | null)[] {
  if (!shortened || n <= 2 * edge) return range(n);
  return [...range(edge), null, ...range(edge).map((i) => n - edge + i)];
}

function arrayText({ values, shape, dtype }: Printable, options: PrintOptions, frame: Frame): string {
  if (values.length === 0) return "[]";
  const shortened = values.length > options.threshold;
  const shown = shape.map((n) => shownAlong(n, shortened, options.edgeitems));
  let flat = [0];
  shape.forEach((n, axis) => {
    flat = flat.flatMap((at) => shown[axis]!.flatMap((i) => (i === null ? [] : [at * n + i])));
  });
  const printed = flat.map((i) => values[i]!);
  const format = elementFormat(printed, dtype, options, shape.length === 0);
  const lines = new Lines(values, shape, shown, format, frame.separator);
  return lines.text(0, 0, " ".repeat(frame.prefix.length), options.linewidth - frame.suffix.length);
}

/** Nested brackets, with the elements of the last axis in lines that are not too long. */
class Lines {
  private readonly values: ArrayLike<number>;
  private readonly shape: Shape;
  private readonly shown: readonly (readonly (number | null)[])[];
  private readonly format: ElementFormat;
  private readonly separator: string;

  constructor(
    values: ArrayLike<number>,
    shape: Shape,
    shown: readonly (readonly (number | null)[])[],
    format: ElementFormat,
    separator: string,
  ) {
    this.values = values;
    this.shape = shape;
    this.shown = shown;
    this.format = format;
    this.separator = separator;
  }

  /** The part at a position of the first `axis` axes; its lines but the first begin with `indent`. */
  text(axis: number, at: number, indent: string, width: number): string {
    const left = this.shape.length - axis;
    if (left === 0) return this.format(this.values[at]!);
    const inner = `${indent} `;
    const parts = this.shown[axis]!.map((i) =>
      i === null ? "..." : this.text(axis + 1, at * this.shape[axis]! + i, inner, width - 1),
    );
    const body = left === 1 ? this.wrapped(parts, inner, width) : this.stacked(parts, inner, left);
    return `[${body}]`;
  }

  /** Parts of more than one axis, each on lines of its own; deeper ones have empty lines between. */
  private stacked(parts: readonly string[], indent: string, left: number): string {
    return parts.join(`${this.separator.trimEnd()}${"\n".repeat(left - 1)}${indent}`);
  }

  private wrapped(words: readonly string[], indent: string, width: number): string {
    const reserved = Math.max(this.separator.trimEnd().length, 1);
    const lines: string[] = [];
    let line = indent;
    words.forEach((word, i) => {
      const last = i === words.length - 1;
      // A word that is too long by itself stays where it is.
      if (line.length + word.length > width - reserved && line.length > indent.length) {
        lines.push(line.trimEnd());
        line = indent;
      }
      line += word + (last ? "" : this.separator);
    });
    return [...lines, line].join("\n").slice(indent.length);
  }
}
