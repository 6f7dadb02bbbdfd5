/** Choosing between arrays elementwise. */
import { ShapedArray, printAvals } from "../aval/shaped-array";
import { DTypeError, ShapeError } from "../base/errors";
import { listsEqual, range } from "../base/list";
import { bind1 } from "../core/interpreter";
import type { Primitive } from "../core/primitive";
import type { Tracer } from "../core/tracer";
import type { Expr } from "../kernel/expr";
import { exprBroadcast, exprFull, exprScalar } from "../kernel/expr-build";
import { broadcastInDim, zerosLike } from "./broadcast";
import { alignBatch } from "./families";

export const select_n_p: Primitive = {
  name: "select_n",
  type([which, ...cases]) {
    const [first] = cases;
    if (which === undefined || first === undefined)
      throw new ShapeError("select_n: expected a selector and at least one case");
    if (cases.some((c) => c.dtype !== first.dtype))
      throw new DTypeError(`select_n: cases must have the same dtype, got ${printAvals(cases)}`);
    if (cases.some((c) => !listsEqual(c.shape, first.shape)))
      throw new ShapeError(`select_n: cases must have the same shape, got ${printAvals(cases)}`);
    if (which.dtype !== "bool" && which.dtype !== "int32")
      throw new DTypeError(`select_n: the selector must be bool or int32, got ${which}`);
    if (which.dtype === "bool" && cases.length > 2)
      throw new ShapeError(`select_n: a bool selector chooses between two cases, got ${cases.length}`);
    if (which.ndim !== 0 && !listsEqual(which.shape, first.shape)) {
      throw new ShapeError(
        `select_n: the selector must be a scalar or have the shape of the cases, got ${which} and ${first}`,
      );
    }
    return [
      ShapedArray.of(
        first.shape,
        first.dtype,
        cases.every((c) => c.weakType),
      ),
    ];
  },
  derivative: {
    kind: "partly-linear",
    linear: (xs) => xs.map((_, i) => i > 0),
    transpose([ct], [which, ...cases]) {
      const zeros = zerosLike(ct!);
      return [
        null,
        ...cases.map((c, i) => {
          if (c !== null) return null;
          return selectN(which!, ...cases.map((_, k) => (k === i ? ct! : zeros)));
        }),
      ];
    },
  },
  batch([which, ...cases], [wd, ...cds], size) {
    if (wd === null && which!.ndim === 0) return [[selectN(which!, ...alignBatch(cases, cds, size))], [0]];
    let aligned = alignBatch([which!], [wd ?? null], size)[0]!;
    const xs = alignBatch(cases, cds, size);
    if (aligned.ndim !== xs[0]!.ndim) aligned = broadcastInDim(aligned, xs[0]!.shape, range(aligned.ndim));
    return [[selectN(aligned, ...xs)], [0]];
  },
  lower([which, ...cases]) {
    const { shape } = cases[0]!;
    const wide = exprBroadcast(which!, shape, range(which!.shape.length));
    if (cases.length === 1) return [cases[0]!];
    if (which!.dtype === "bool") return [exprScalar("select", [wide, cases[1]!, cases[0]!])];
    // Selectors out of range choose the nearest case.
    let out: Expr = cases[cases.length - 1]!;
    for (let i = cases.length - 2; i >= 0; i--) {
      const here = exprScalar("le", [wide, exprFull(i, shape, "int32")]);
      out = exprScalar("select", [here, cases[i]!, out]);
    }
    return [out];
  },
};

/**
 * `cases[which]`, elementwise; a bool selector takes the second case where true.
 *
 * Errors: ShapeError, DTypeError.
 * @example
 * lax.selectN(np.array([true, false]), np.array([1, 2]), np.array([3, 4])).js(); // => [3, 2]
 */
export function selectN(which: Tracer, ...cases: Tracer[]): Tracer {
  return bind1(select_n_p, [which, ...cases], {});
}

/** `pred ? onTrue : onFalse`, elementwise; pred is bool. */
export const where = (pred: Tracer, onTrue: Tracer, onFalse: Tracer): Tracer => selectN(pred, onFalse, onTrue);
