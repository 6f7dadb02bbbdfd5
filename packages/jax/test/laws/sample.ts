/** A sample: one use of a primitive that the laws are tried on. */
import { type DType, isFloat } from "../../src/aval/dtype";
import { prod, range } from "../../src/base/list";
import { bind } from "../../src/core/interpreter";
import type { AnyPrimitive } from "../../src/core/primitive";
import type { Tracer } from "../../src/core/tracer";
import { Jaxpr } from "../../src/jaxpr/jaxpr";

/** How an input lies in memory; the elements are the same. */
export type View = "transposed" | "reversed";

export interface Input {
  readonly shape: readonly number[];
  readonly dtype: DType;
  /** Elements, row-major; another list for each example of a batch. */
  readonly elements: (example: number) => readonly number[];
  readonly view?: View;
}

export interface Sample {
  readonly record: AnyPrimitive;
  readonly params: object;
  readonly inputs: readonly Input[];
  /** The operation on its arguments: the primitive, or a public function that prepares them (symmetrizes). */
  readonly call: (xs: readonly Tracer[]) => Tracer[];
  /** Factor on the usual tolerances, for factorizations. */
  readonly slack: number;
  /** Second derivatives by differences hold too. */
  readonly smooth: boolean;
  /** Reverse mode is defined. */
  readonly reversible: boolean;
}

type Extras = Partial<Pick<Sample, "call" | "slack" | "smooth" | "reversible">>;

export function sample(
  record: AnyPrimitive,
  inputs: readonly Input[],
  params: object = {},
  extras: Extras = {},
): Sample {
  const call = extras.call ?? ((xs: readonly Tracer[]) => bind(record, xs, params));
  const { slack = 1, smooth = true, reversible = true } = extras;
  return { record, params, inputs, call, slack, smooth, reversible };
}

/** Well spread, distinct numbers in (0, 1), reproducible. */
const spread = (i: number, seed: number): number => {
  const x = (i + 1) * 0.6180339887498949 + seed * 0.7548776662466927 + 0.0137;
  return x - Math.floor(x);
};

/** Elements in a range: sixty-fourths for floats (exact in all dtypes), whole numbers for integers. */
export function input(dtype: DType, shape: readonly number[], lo = -2, hi = 2, view?: View): Input {
  const grid = isFloat(dtype) ? 64 : 1;
  const seed = shape.length + Math.abs(lo) * 3 + hi;
  const elements = (example: number): number[] =>
    range(prod(shape)).map((i) => {
      const u = spread(i, seed + 5 * example);
      if (dtype === "bool") return u < 0.5 ? 0 : 1;
      const value = Math.floor((lo + (hi - lo) * u) * grid) / grid;
      return dtype.startsWith("u") ? Math.abs(value) : value;
    });
  return { shape, dtype, elements, ...(view === undefined ? {} : { view }) };
}

export const f32 = (shape: readonly number[], lo?: number, hi?: number, view?: View): Input =>
  input("float32", shape, lo, hi, view);
export const f64 = (shape: readonly number[], lo?: number, hi?: number, view?: View): Input =>
  input("float64", shape, lo, hi, view);
export const i32 = (shape: readonly number[], lo = -4, hi = 5, view?: View): Input =>
  input("int32", shape, lo, hi, view);

/** Integers given one by one; other examples have them in reversed order. */
export function indices(shape: readonly number[], values: readonly number[], dtype: DType = "int32"): Input {
  return { shape, dtype, elements: (example) => (example % 2 === 0 ? values : [...values].reverse()) };
}

/** Square matrices with a strong diagonal, one for each leading index: well conditioned, distinct eigenvalues. */
export function strongDiagonal(dtype: DType, shape: readonly number[]): Input {
  const base = input(dtype, shape, -0.5, 0.5);
  const [m, n] = [shape[shape.length - 2]!, shape[shape.length - 1]!];
  const elements = (example: number): number[] =>
    base.elements(example).map((v, i) => {
      const [row, column] = [Math.floor(i / n) % m, i % n];
      return row === column ? v + 2 + row : v;
    });
  return { shape, dtype, elements };
}

const shortly = (_key: string, value: unknown): unknown => (value instanceof Jaxpr ? "program" : value);

export const sampleName = (s: Sample): string =>
  `${s.record.name}(${s.inputs.map((x) => `${x.dtype}[${x.shape.join()}]${x.view === undefined ? "" : ` ${x.view}`}`).join(", ")}) ${JSON.stringify(s.params, shortly)}`;
