/**
 * From what users write to what operations take: JS numbers become weak scalars, operands meet in one dtype (JAX's
 * promotion) and one shape (NumPy's broadcasting).
 */
import { type DType, dtypeInfo, isBool, isFloat, isInteger } from "../aval/dtype";
import { type TypedDType, broadcastShapes, promoteAll } from "../aval/promote";
import { currentScope } from "../core/interpreter";
import { Literal, Tracer, literal } from "../core/tracer";
import { DTypeError } from "../base/errors";
import { listsEqual } from "../base/list";
import { broadcastInDim, convertElementType, copy } from "../ops/index";
import { arrayFromHost, isHostData } from "./host";
import { owned } from "./owned";

/** What public functions take: an array (or tracer), a JS number (weak float32) or a JS boolean. */
export type ArrayLike = Tracer | number | boolean;

/** An axis, several, or null for all. */
export type Axis = number | readonly number[] | null;

/** A value as an operand of operations. Lists and typed arrays become arrays, as `np.array` makes them. */
export function lift(x: ArrayLike): Tracer {
  return liftFor("array", x);
}

/** As `lift`; `op` names the caller in errors. */
function liftFor(op: string, x: ArrayLike): Tracer {
  if (x instanceof Tracer) return x;
  if (typeof x === "number") return literal(x, "float32", true);
  if (typeof x === "boolean") return literal(x, "bool");
  if (isHostData(x)) return arrayFromHost(op, x);
  throw new DTypeError(`${op}: expected an array, a number or a boolean, got ${describe(x)}`);
}

function describe(x: unknown): string {
  return x === null || x === undefined
    ? String(x)
    : typeof x === "object"
      ? (x.constructor?.name ?? "object")
      : typeof x;
}

/** A number brought into the range of a dtype: integers truncate and wrap, bool is 0 or 1. */
function wrapValue(value: number, dtype: DType): number {
  const { kind, sizeBytes } = dtypeInfo(dtype);
  if (kind === "float") return value;
  if (kind === "bool") return value === 0 ? 0 : 1;
  const shift = 32 - 8 * sizeBytes;
  return kind === "int" ? (value << shift) >> shift : (value << shift) >>> shift;
}

/** `x` in `dtype`; literals convert at once. Returns `x` itself when nothing changes. */
export function convert(x: Tracer, dtype: DType, weakType = false): Tracer {
  if (x.dtype === dtype && x.weakType === weakType) return x;
  if (x instanceof Literal) return literal(wrapValue(x.value, dtype), dtype, weakType);
  return convertElementType(x, dtype, weakType);
}

/**
 * Each operand lifted. A JS number is a weak float, or a weak integer where all arrays among the operands are integers or
 * bools and the number is integral.
 */
export function liftAll(xs: readonly ArrayLike[], op = "array"): Tracer[] {
  const out = xs.map((x) => liftFor(op, x));
  let sawArray = false;
  for (let i = 0; i < xs.length; i++) {
    if (typeof xs[i] === "number") continue;
    sawArray = true;
    if (isFloat(out[i]!.dtype)) return out;
  }
  if (!sawArray) return out;
  for (let i = 0; i < xs.length; i++) {
    const x = xs[i];
    if (typeof x === "number" && Number.isInteger(x)) out[i] = literal(x, "int32", true);
  }
  return out;
}

/** The type that the operands meet in. */
export function commonType(xs: readonly Tracer[]): TypedDType {
  return promoteAll(xs);
}

/** Operands in one dtype and one shape. `op` names the caller in errors. */
export function promoteArgs(op: string, ...args: ArrayLike[]): Tracer[] {
  return promoteShapes(op, promoteDTypes(args, op));
}

/** As `promoteArgs`, integers and bools become float32. */
export function promoteInexact(op: string, ...args: ArrayLike[]): Tracer[] {
  return promoteShapes(op, promoteInexactDTypes(args, op));
}

/** Operands in one dtype, shapes untouched. */
export function promoteDTypes(args: readonly ArrayLike[], op?: string): Tracer[] {
  if (args.length === 2) {
    const [x, y] = args;
    if (x instanceof Tracer && y instanceof Tracer && x.dtype === y.dtype && x.weakType === y.weakType) return [x, y];
  }
  const xs = liftAll(args, op);
  const { dtype, weakType } = commonType(xs);
  return xs.map((x) => convert(x, dtype, weakType));
}

/** As `promoteDTypes`, integers and bools become float32. */
export function promoteInexactDTypes(args: readonly ArrayLike[], op?: string): Tracer[] {
  const xs = liftAll(args, op);
  const { dtype, weakType } = inexactType(commonType(xs));
  return xs.map((x) => convert(x, dtype, weakType));
}

/** Operands broadcast to one shape. Scalars stay scalars if another operand is not. */
export function promoteShapes(op: string, xs: Tracer[]): Tracer[] {
  const first = xs[0]!.shape;
  if (xs.every((x) => listsEqual(x.shape, first))) return xs;
  const shape = broadcastShapes(op, ...xs.map((x) => x.shape));
  return xs.map((x) => broadcastArray(x, shape));
}

/** `x` repeated to `shape`, which must be one it broadcasts to. Returns `x` itself when it has that shape. */
export function broadcastArray(x: Tracer, shape: readonly number[]): Tracer {
  if (listsEqual(x.shape, shape)) return x;
  const lead = shape.length - x.ndim;
  return broadcastInDim(
    x,
    shape,
    x.shape.map((_, i) => lead + i),
  );
}

/** The float type that a type computes in: floats stay, integers and bools give float32. */
export function inexactType(t: TypedDType): TypedDType {
  return isFloat(t.dtype) ? t : { dtype: "float32", weakType: t.weakType };
}

/** `x` as floats. */
export function inexact(x: ArrayLike): Tracer {
  const y = lift(x);
  return isFloat(y.dtype) ? y : convert(y, "float32", y.weakType);
}

/** `x` as an integer array; JS numbers must be integral. Throws DTypeError for floats and, unless allowed, bools. */
export function integral(op: string, x: ArrayLike): Tracer {
  if (typeof x === "number") {
    if (!Number.isInteger(x)) throw new DTypeError(`${op}: expected an integer, got ${x}`);
    return literal(x, "int32", true);
  }
  const y = lift(x);
  if (!isInteger(y.dtype)) throw new DTypeError(`${op}: expected integers, got ${y.aval}`);
  return y;
}

/** `x != 0` where it is not a bool already. */
export function truth(x: ArrayLike): Tracer {
  const y = lift(x);
  return isBool(y.dtype) ? y : convert(y, "bool");
}

/** A scalar in the dtype of `x`, for constants in formulas on `x`. */
export function scalarLike(x: Tracer, value: number): Literal {
  return literal(wrapValue(value, x.dtype), x.dtype, x.weakType);
}

/** A constant in the dtype and shape of `x`. */
export function constantLike(x: Tracer, value: number): Tracer {
  return broadcastArray(scalarLike(x, value), x.shape);
}

/** `out`, with a handle of its own if it is one of the arguments: every result is a handle that its caller may dispose. */
export function own(out: Tracer, ...args: readonly unknown[]): Tracer {
  if (out instanceof Literal) return copy(out);
  if (!args.includes(out)) return out;
  const handle = out.handle();
  if (handle !== out) currentScope()?.add(handle);
  return handle;
}

/** One operation on floats. */
export function floatUnary(x: ArrayLike, f: (x: Tracer) => Tracer): Tracer {
  if (x instanceof Tracer && isFloat(x.dtype)) return f(x);
  return owned(() => f(inexact(x)));
}

/** Whether the result has the dtype and shape of `x` because number `y` adapts to it: the common case, made fast. */
function decides(x: ArrayLike, y: number): x is Tracer {
  if (!(x instanceof Tracer) || x.weakType) return false;
  return isFloat(x.dtype) || (isInteger(x.dtype) && Number.isInteger(y));
}

/** One operation on two operands, promoted and broadcast. */
export function binary(op: string, x: ArrayLike, y: ArrayLike, f: (a: Tracer, b: Tracer) => Tracer): Tracer {
  if (x instanceof Tracer && y instanceof Tracer && x.aval === y.aval) return f(x, y);
  if (typeof y === "number" && decides(x, y)) return owned(() => f(x, constantLike(x, y)));
  if (typeof x === "number" && decides(y, x)) return owned(() => f(constantLike(y, x), y));
  return owned(() => {
    const [a, b] = promoteArgs(op, x, y) as [Tracer, Tracer];
    return f(a, b);
  });
}

/** As `binary`, integers and bools become float32. */
export function floatBinary(op: string, x: ArrayLike, y: ArrayLike, f: (a: Tracer, b: Tracer) => Tracer): Tracer {
  if (x instanceof Tracer && y instanceof Tracer && x.aval === y.aval && isFloat(x.dtype)) return f(x, y);
  if (typeof y === "number" && decides(x, y) && isFloat(x.dtype)) return owned(() => f(x, constantLike(x, y)));
  if (typeof x === "number" && decides(y, x) && isFloat(y.dtype)) return owned(() => f(constantLike(y, x), y));
  return owned(() => {
    const [a, b] = promoteInexact(op, x, y) as [Tracer, Tracer];
    return f(a, b);
  });
}
