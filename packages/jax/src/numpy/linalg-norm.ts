/** Norms of vectors and matrices, and condition numbers. */
import { checkOptions } from "../base/option-names";
import { canonicalAxis } from "../aval/promote";
import { ShapeError } from "../base/errors";
import { type Tracer } from "../core/tracer";
import { divide, multiply, power } from "./arithmetic";
import { abs, sqrt, square } from "./elementwise";
import { type ArrayLike, inexact, lift } from "./lift";
import { inv, svdvals } from "./linalg";
import { notEqual } from "./logic";
import { eagerProgram } from "../transforms/eager-program";
import { byPosition, type Named, named } from "./arguments";
import { owned } from "./owned";
import { max, min, sum } from "./reductions";
import { expandDims, moveaxis, ravel, reshape } from "./shape";

export type VectorNormOrder = number;
export type MatrixNormOrder = number | "fro" | "f" | "nuc";

export interface NormOptions {
  ord?: MatrixNormOrder | null | undefined;
  axis?: number | readonly number[] | null | undefined;
  keepdims?: boolean | undefined;
}

/**
 * Norm of a vector (one axis) or a matrix (two axes); without axis and order of all elements as one vector.
 *
 * Dtypes: integers give float32.
 * Errors: ShapeError for an order that is none, or more than two axes.
 * @example
 * np.linalg.norm(np.array([3, 4])).js(); // => 5
 */
export const norm = /* @__PURE__ */ eagerProgram(function norm(
  x: ArrayLike,
  ord?: MatrixNormOrder | null | NormOptions,
  axis?: NormOptions["axis"] | NormOptions,
  keepdims?: boolean | NormOptions,
): Tracer {
  const o = byPosition<NormOptions>(["ord", "axis", "keepdims"], [ord, axis, keepdims]);
  return owned(() => {
    const y = inexact(x);
    const none = o.axis === undefined || o.axis === null;
    if (none && (o.ord === undefined || o.ord === null)) {
      const total = sqrt(sum(square(ravel(y))));
      return o.keepdims === true
        ? reshape(
            total,
            y.shape.map(() => 1),
          )
        : total;
    }
    const axes = none ? y.shape.map((_, i) => i) : typeof o.axis === "number" ? [o.axis] : [...o.axis!];
    if (axes.length === 1) {
      if (typeof o.ord === "string") throw new ShapeError(`norm: order "${o.ord}" is for matrices, got one axis`);
      return vectorNorm(y, { ord: o.ord ?? 2, axis: axes, keepdims: o.keepdims });
    }
    if (axes.length === 2) return normOfMatrix(y, o.ord ?? "fro", axes as [number, number], o.keepdims === true);
    throw new ShapeError(`norm: expected one or two axes, got ${axes.length}; give axis`);
  });
});

/** p-norm along axes; without axes of all elements. @example np.linalg.vectorNorm(np.array([1, -2]), { ord: 1 }).js(); // => 3 */
export function vectorNorm(
  x: ArrayLike,
  options: {
    ord?: VectorNormOrder | undefined;
    axis?: number | readonly number[] | null | undefined;
    keepdims?: boolean | undefined;
  } = {},
): Tracer {
  checkOptions("vectorNorm", options, { ord: true, axis: true, keepdims: true });
  return owned(() => {
    const { ord = 2, axis = null, keepdims } = options;
    // Sums and extremes of integers are integers.
    const y = ord === 1 || Math.abs(ord) === Infinity ? lift(x) : inexact(x);
    const reduce = { keepdims };
    switch (ord) {
      case 2:
        return sqrt(sum(square(y), axis, reduce));
      case Infinity:
        return max(abs(y), axis, { ...reduce, initial: 0 });
      case -Infinity:
        return min(abs(y), axis, reduce);
      case 0:
        return sum(notEqual(y, 0), axis, { ...reduce, dtype: y.dtype });
      case 1:
        return sum(abs(y), axis, reduce);
      default:
        return power(sum(power(abs(y), ord), axis, reduce), 1 / ord);
    }
  });
}

/** Matrix norm: "fro" (default), "nuc", 1, -1, 2, -2, Infinity or -Infinity. @example np.linalg.matrixNorm(np.array([[3, 0], [4, 0]])).js(); // => 5 */
export function matrixNorm(
  x: ArrayLike,
  options: { ord?: MatrixNormOrder | undefined; keepdims?: boolean | undefined } = {},
): Tracer {
  checkOptions("matrixNorm", options, { ord: true, keepdims: true });
  return owned(() => normOfMatrix(inexact(x), options.ord ?? "fro", [-2, -1], options.keepdims === true));
}

/** The norm of a matrix without elements. */
const NONE = { initial: 0 };

function normOfMatrix(x: Tracer, ord: MatrixNormOrder, axes: readonly [number, number], keepdims: boolean): Tracer {
  const [row, column] = axes.map((a) => canonicalAxis("norm", a, x.ndim)) as [number, number];
  if (row === column) throw new ShapeError("norm: the two axes must differ");
  const y = moveaxis(x, [row, column], [-2, -1]);
  const singular = (): Tracer => svdvals(y);
  let out: Tracer;
  switch (ord) {
    case "fro":
    case "f":
      out = sqrt(sum(square(y), [-2, -1]));
      break;
    case "nuc":
      out = sum(singular(), -1);
      break;
    case 1:
      out = max(sum(abs(y), -2), -1, NONE);
      break;
    case -1:
      out = min(sum(abs(y), -2), -1);
      break;
    case Infinity:
      out = max(sum(abs(y), -1), -1, NONE);
      break;
    case -Infinity:
      out = min(sum(abs(y), -1), -1);
      break;
    case 2:
      out = max(singular(), -1, NONE);
      break;
    case -2:
      out = min(singular(), -1);
      break;
    default:
      throw new ShapeError(
        `norm: order ${String(ord)} is not one of matrices; expected "fro", "nuc", 1, -1, 2, -2 or +-Infinity`,
      );
  }
  return keepdims ? expandDims(out, [row, column]) : out;
}

/** Condition number: largest over smallest singular value, or norm times norm of the inverse. @example np.linalg.cond(np.array([[2, 0], [0, 1]])).js(); // => 2 */
export function cond(x: ArrayLike, order?: MatrixNormOrder | null | Named<"p", MatrixNormOrder | null>): Tracer {
  const p = named("p", order, null as MatrixNormOrder | null);
  return owned(() => {
    const y = inexact(x);
    if (p === null || p === 2 || p === -2) {
      const s = svdvals(y);
      const [hi, lo] = [max(s, -1), min(s, -1)];
      return p === -2 ? divide(lo, hi) : divide(hi, lo);
    }
    return multiply(matrixNorm(y, { ord: p }), matrixNorm(inv(y), { ord: p }));
  });
}
