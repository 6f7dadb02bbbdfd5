/** Rule values that families of elementwise operations share. */
import { type DType, isFloat, isInteger } from "../aval/dtype";
import { type Aval, ShapedArray, printAvals } from "../aval/shaped-array";
import { DTypeError, ShapeError } from "../base/errors";
import { listsEqual, range } from "../base/list";
import { bind1 } from "../core/interpreter";
import type { BatchDim, Derivative, Primitive } from "../core/primitive";
import type { Tracer } from "../core/tracer";
import type { Expr } from "../kernel/expr";
import { exprScalar } from "../kernel/expr-build";
import type { ScalarOp } from "../kernel/scalar-op";
import { broadcastInDim } from "./broadcast";
import { moveaxis } from "./transpose";

export type NoParams = Record<never, never>;

/** What dtypes an operation takes. */
export type Accepts = "float" | "number" | "integer" | "bitwise" | "any";

const HINTS: Record<Accepts, string> = {
  float: 'a floating dtype, got @; convert with x.astype("float32")',
  number: 'a number, got @; convert with x.astype("int32")',
  integer: "an integer dtype, got @",
  bitwise: "an integer or bool dtype, got @",
  any: "",
};

function accepts(kind: Accepts, dtype: DType): boolean {
  switch (kind) {
    case "float":
      return isFloat(dtype);
    case "number":
      return dtype !== "bool";
    case "integer":
      return isInteger(dtype);
    case "bitwise":
      return !isFloat(dtype);
    default:
      return true;
  }
}

/** Checks that arguments have equal shapes and dtypes of the right kind; gives their common aval. */
export function checkElementwise(name: string, xs: readonly Aval[], kind: Accepts): Aval {
  const first = xs[0]!;
  for (const x of xs) {
    if (!listsEqual(x.shape, first.shape)) {
      throw new ShapeError(
        `${name}: arguments must have the same shape, got ${printAvals(xs)}; broadcast them first, or use the function of np`,
      );
    }
    if (x.dtype !== first.dtype) {
      throw new DTypeError(
        `${name}: arguments must have the same dtype, got ${printAvals(xs)}; convert one with astype, or use the function of np`,
      );
    }
  }
  if (!accepts(kind, first.dtype)) throw new DTypeError(`${name}: expected ${HINTS[kind].replace("@", String(first))}`);
  return ShapedArray.of(
    first.shape,
    first.dtype,
    xs.every((x) => x.weakType),
  );
}

/** Puts batch axes in front of all operands; those without one are repeated, as views. */
export function alignBatch(xs: readonly Tracer[], dims: readonly BatchDim[], size: number): Tracer[] {
  return xs.map((x, i) => {
    const d = dims[i] ?? null;
    return d === null ? broadcastInDim(x, [size, ...x.shape], range(1, x.ndim + 1)) : moveaxis(x, d, 0);
  });
}

const NONE: NoParams = {};

/** The function of a record of one argument. */
export function unaryOp(record: Primitive<NoParams, 1>): (x: Tracer) => Tracer {
  return (x) => bind1(record, [x], NONE);
}

/** The function of a record of two arguments. */
export function binaryOp(record: Primitive<NoParams, 2>): (x: Tracer, y: Tracer) => Tracer {
  return (x, y) => bind1(record, [x, y], NONE);
}

/** A scalar operation, or the expression that a function is made of. */
type Meaning = ScalarOp | ((x: Expr) => Expr);

interface UnarySpec {
  readonly name: string;
  readonly op: Meaning;
  readonly accepts: Accepts;
  readonly derivative: Derivative<NoParams, 1>;
  /** dtype of the result; the argument's unless given. */
  readonly result?: DType;
}

/** The record of an elementwise operation of one argument. */
export function unary({ name, op, accepts: kind, derivative, result }: UnarySpec): Primitive<NoParams, 1> {
  const record: Primitive<NoParams, 1> = {
    name,
    derivative,
    type([x]) {
      const out = checkElementwise(name, [x], kind);
      return [result === undefined ? out : out.withDType(result)];
    },
    batch: ([x], [d], _size, params) => [[bind1(record, [x], params)], [d]],
    lower: ([x]) => [typeof op === "function" ? op(x) : exprScalar(op, [x], result)],
  };
  return record;
}

/** The record of a smooth function of a float: `tangent` gets the argument's tangent, the argument and the result. */
export function smooth(
  name: string,
  op: Meaning,
  tangent: (dx: Tracer, x: Tracer, y: Tracer) => Tracer,
): Primitive<NoParams, 1> {
  const record: Primitive<NoParams, 1> = unary({
    name,
    op,
    accepts: "float",
    derivative: {
      kind: "jvp",
      jvp([x], [dx]) {
        const y = bind1(record, [x], {});
        return [[y], [dx === null ? null : tangent(dx, x, y)]];
      },
    },
  });
  return record;
}

interface BinarySpec {
  readonly name: string;
  readonly op: ScalarOp | ((x: Expr, y: Expr) => Expr);
  readonly accepts: Accepts;
  readonly derivative: Derivative<NoParams, 2>;
  readonly result?: DType;
  /** Lowers with its arguments exchanged: gt is lt of the others. */
  readonly swap?: boolean;
}

/** The record of an elementwise operation of two arguments of equal shape and dtype. */
export function binary({
  name,
  op,
  accepts: kind,
  derivative,
  result,
  swap = false,
}: BinarySpec): Primitive<NoParams, 2> {
  const record: Primitive<NoParams, 2> = {
    name,
    derivative,
    type([x, y]) {
      const out = checkElementwise(name, [x, y], kind);
      return [result === undefined ? out : out.withDType(result)];
    },
    batch(xs, dims, size, params) {
      const [[x, y], [dx, dy]] = [xs, dims];
      if (dx === dy) return [[bind1(record, [x, y], params)], [dx]];
      return [[bind1(record, alignBatch(xs, dims, size), params)], [0]];
    },
    lower: ([x, y]) => [typeof op === "string" ? exprScalar(op, swap ? [y, x] : [x, y], result) : op(x, y)],
  };
  return record;
}
