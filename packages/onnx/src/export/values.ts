/** Small steps that many rules are made of. */
import { type DType, ShapedArray } from "@jax-js/jax";
import { ELEM_TYPES, type GraphBuilder, type Input, type Value } from "./graph-builder";

export const range = (n: number): number[] => Array.from({ length: n }, (_, i) => i);
export const sizeOf = (shape: readonly number[]): number => shape.reduce((n, d) => n * d, 1);

export const isFloat = (dtype: DType): boolean => dtype.includes("float");

const ARRAYS = {
  bool: Uint8Array,
  int8: Int8Array,
  int16: Int16Array,
  int32: Int32Array,
  uint8: Uint8Array,
  uint16: Uint16Array,
  uint32: Uint32Array,
  float32: Float32Array,
  float64: Float64Array,
} as const;

/** Little-endian bytes of elements; 16-bit floats are not written so: they are cast from float32. */
export function bytesOf(
  values: ArrayLike<number>,
  dtype: Exclude<DType, "float16" | "bfloat16">,
): Uint8Array<ArrayBuffer> {
  return new Uint8Array(ARRAYS[dtype].from(values).buffer);
}

export function cast(g: GraphBuilder, x: Value, dtype: DType): Value {
  if (x.aval.dtype === dtype) return x;
  return g.node("Cast", [x], x.aval.withDType(dtype), { to: { int: ELEM_TYPES[dtype] } });
}

/** A constant array of plain numbers. */
export function constantOf(g: GraphBuilder, values: ArrayLike<number>, shape: readonly number[], dtype: DType): Value {
  if (dtype !== "float16" && dtype !== "bfloat16") {
    return g.constant(ShapedArray.of(shape, dtype), bytesOf(values, dtype));
  }
  return cast(g, g.constant(ShapedArray.of(shape, "float32"), bytesOf(values, "float32")), dtype);
}

/** A scalar constant, which broadcasts. */
export const scalar = (g: GraphBuilder, value: number, dtype: DType): Value => constantOf(g, [value], [], dtype);

export function reshape(g: GraphBuilder, x: Value, shape: readonly number[]): Value {
  if (shape.join() === x.aval.shape.join()) return x;
  // With allowzero a 0 is a size, not "as before".
  return g.node("Reshape", [x, g.list(shape)], x.aval.withShape(shape), { allowzero: { int: 1 } });
}

export function transpose(g: GraphBuilder, x: Value, permutation: readonly number[]): Value {
  if (permutation.every((axis, i) => axis === i)) return x;
  const aval = x.aval.withShape(permutation.map((axis) => x.aval.shape[axis]!));
  return g.node("Transpose", [x], aval, { perm: { ints: permutation } });
}

export function expand(g: GraphBuilder, x: Value, shape: readonly number[]): Value {
  if (shape.join() === x.aval.shape.join()) return x;
  return g.node("Expand", [x, g.list(shape)], x.aval.withShape(shape));
}

/** Elementwise, with the shape of the first value that is not a scalar. */
export function op(g: GraphBuilder, type: string, ...xs: Value[]): Value {
  const whole = xs.find((x) => x.aval.ndim > 0) ?? xs[0]!;
  return g.node(type, xs, xs[0]!.aval.withShape(whole.aval.shape));
}

/** Elementwise, with truth values as result. */
export const test = (g: GraphBuilder, type: string, ...xs: Value[]): Value => {
  const whole = xs.find((x) => x.aval.ndim > 0) ?? xs[0]!;
  return g.node(type, xs, whole.aval.withDType("bool"));
};

/** Types that runtimes compute with, for those that many operators lack. */
export function computed(dtype: DType): DType | "int64" {
  if (dtype === "float16" || dtype === "bfloat16") return "float32";
  return dtype === "float32" || dtype === "float64" || dtype === "int32" ? dtype : "int64";
}

/** An operator on values as wide as runtimes compute with; the result has the first one's dtype again. */
export function wide(g: GraphBuilder, xs: readonly Value[], run: (xs: readonly Value[]) => Value): Value {
  const { dtype } = xs[0]!.aval;
  const type = computed(dtype);
  if (type !== "int64") return cast(g, run(xs.map((x) => cast(g, x, type))), dtype);
  // int64 is not a dtype here: the values keep their types, and their elements are wider.
  const widened = xs.map((x) => g.node("Cast", [x], x.aval, { to: { int: 7 } }));
  const y = run(widened);
  return g.node("Cast", [y], y.aval.withDType(dtype), { to: { int: ELEM_TYPES[dtype] } });
}

export const where = (g: GraphBuilder, condition: Value, yes: Value, no: Value): Value => {
  if (yes.aval.dtype === "bool") {
    const [a, b] = [test(g, "And", condition, yes), test(g, "And", test(g, "Not", condition), no)];
    return test(g, "Or", a, b);
  }
  const shape = [condition, yes, no].find((x) => x.aval.ndim > 0)?.aval.shape ?? [];
  return wide(g, [yes, no], ([a, b]) => g.node("Where", [condition, a!, b!], a!.aval.withShape(shape)));
};

/** Axis sizes and steps as `Slice` takes them. */
export function slice(
  g: GraphBuilder,
  x: Value,
  starts: Input,
  ends: Input,
  axes: readonly number[],
  shape: readonly number[],
  steps: readonly number[] = axes.map(() => 1),
): Value {
  return g.node("Slice", [x, starts, ends, g.list(axes), g.list(steps)], x.aval.withShape(shape));
}
