/** Arrays as text, and how: NumPy's print options. */
import type { Tracer } from "../core/tracer";
import { formatRepr, formatValues } from "../runtime/format";
import { type PrintOptions, printOptions as currentOptions, replacePrintOptions } from "../runtime/print-options";
import { byPosition } from "./arguments";
import { type ArrayLike, lift } from "./lift";

export type { PrintOptions } from "../runtime/print-options";

/** Options of one text. */
export interface TextOptions {
  /** Characters of a line. */
  maxLineWidth?: number | null | undefined;
  /** Digits after the point, at most. */
  precision?: number | null | undefined;
  /** Small numbers are printed as 0. */
  suppressSmall?: boolean | null | undefined;
}

type TextArguments = [
  maxLineWidth?: number | null | TextOptions,
  precision?: number | null | TextOptions,
  suppressSmall?: boolean | null | TextOptions,
];

function textOptions(rest: TextArguments): PrintOptions {
  const o = byPosition<TextOptions>(["maxLineWidth", "precision", "suppressSmall"], rest);
  const now = currentOptions();
  return {
    ...now,
    linewidth: o.maxLineWidth ?? now.linewidth,
    precision: o.precision ?? now.precision,
    suppress: o.suppressSmall ?? now.suppress,
  };
}

/** The values of an array; where they are not to be had at once, a text that says so. */
function valuesOf(x: Tracer): Values | string {
  try {
    return x.dataSync();
  } catch {
    return String(x);
  }
}
interface Values {
  readonly length: number;
  readonly [i: number]: number;
}

/**
 * The text that shows values, dtype and weak type: `Array([1., 2.], dtype=float32)`.
 *
 * Source: numpy.array_repr
 * @example
 * np.arrayRepr(np.array([1, 2.5])); // => "Array([1. , 2.5], dtype=float32)"
 */
export function arrayRepr(arr: ArrayLike, ...rest: TextArguments): string {
  const x = lift(arr);
  const values = valuesOf(x);
  return typeof values === "string" ? values : formatRepr(values, x.aval, textOptions(rest));
}

/**
 * The values as text, as `String(array)` gives them.
 *
 * Source: numpy.array_str
 * @example
 * np.arrayStr(np.array([1, 2.5])); // => "[1.  2.5]"
 */
export function arrayStr(a: ArrayLike, ...rest: TextArguments): string {
  const x = lift(a);
  const values = valuesOf(x);
  return typeof values === "string"
    ? values
    : formatValues({ values, shape: x.shape, dtype: x.dtype }, textOptions(rest));
}

/**
 * Sets how arrays print, until it is set again: see {@link PrintOptions}.
 *
 * Source: numpy.set_printoptions
 * @example
 * np.setPrintoptions({ precision: 2 });
 * String(np.array([1 / 3])); // => "[0.33]"
 * np.setPrintoptions({ precision: 8 });
 */
export function setPrintoptions(options: Partial<PrintOptions>): void {
  replacePrintOptions(options);
}

/** How arrays print now. Source: numpy.get_printoptions @example np.getPrintoptions().threshold; // => 1000 */
export function getPrintoptions(): PrintOptions {
  return { ...currentOptions() };
}

/**
 * Runs a function in which arrays print otherwise; gives what it gives.
 *
 * Differs from JAX: takes the function, where Python has a `with` block.
 * Source: numpy.printoptions
 * @example
 * np.printoptions({ precision: 1 }, () => String(np.array([1 / 3]))); // => "[0.3]"
 */
export function printoptions<T>(options: Partial<PrintOptions>, f: () => T): T {
  const before = currentOptions();
  replacePrintOptions(options);
  try {
    return f();
  } finally {
    replacePrintOptions(before);
  }
}
