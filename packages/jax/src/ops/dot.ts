/** Contractions of two arrays: matrix products and their generalisations. */
import type { DType } from "../aval/dtype";
import { type Aval, ShapedArray } from "../aval/shaped-array";
import { DTypeError, ShapeError } from "../base/errors";
import { inversePermutation, pick, range, without, needList } from "../base/list";
import { bind1 } from "../core/interpreter";
import type { Primitive } from "../core/primitive";
import type { Tracer } from "../core/tracer";
import { exprContract, exprScalar } from "../kernel/expr-build";
import { transpose } from "./transpose";

/** JAX's form: [[lhs contracting, rhs contracting], [lhs batch, rhs batch]]. */
export type DotDimensionNumbers = readonly [
  readonly [readonly number[], readonly number[]],
  readonly [readonly number[], readonly number[]],
];

interface DotParams {
  readonly dimensionNumbers: DotDimensionNumbers;
  readonly preferredElementType: DType | null;
}

const freeAxes = (ndim: number, contract: readonly number[], batch: readonly number[]): number[] =>
  without(range(ndim), [...contract, ...batch]);

export const dot_general_p: Primitive<DotParams, 2> = {
  name: "dot_general",
  type([lhs, rhs], { dimensionNumbers, preferredElementType }) {
    const [[lc, rc], [lb, rb]] = needList("dotGeneral", dimensionNumbers);
    if (lhs.dtype !== rhs.dtype) throw new DTypeError(`dot_general: dtypes must be equal, got ${lhs} and ${rhs}`);
    checkAxes(lhs, [...lc, ...lb]);
    checkAxes(rhs, [...rc, ...rb]);
    const pairs = (kind: string, a: readonly number[], b: readonly number[]): void => {
      if (a.length !== b.length)
        throw new ShapeError(`dot_general: ${kind} axes must pair up, got [${a.join()}] and [${b.join()}]`);
      a.forEach((p, i) => {
        const [m, n] = [lhs.shape[p]!, rhs.shape[b[i]!]!];
        if (m !== n) {
          throw new ShapeError(
            `dot_general: ${kind} sizes differ, got ${lhs} and ${rhs}: axis ${p} of lhs (${m}) against axis ${b[i]} of rhs (${n}); ` +
              `transpose one of them, or check the layout of your weights`,
          );
        }
      });
    };
    pairs("contracted", lc, rc);
    pairs("batch", lb, rb);
    const shape = [
      ...pick(lhs.shape, lb),
      ...pick(lhs.shape, freeAxes(lhs.ndim, lc, lb)),
      ...pick(rhs.shape, freeAxes(rhs.ndim, rc, rb)),
    ];
    return [ShapedArray.of(shape, preferredElementType ?? lhs.dtype, lhs.weakType && rhs.weakType)];
  },
  derivative: {
    kind: "bilinear",
    transpose(ct, [x, y], [xAval, yAval], { dimensionNumbers: [[xc, yc], [xb, yb]] }) {
      return x === null
        ? transposeSide(ct, y!, xAval, xc, yc, xb, yb, false)
        : transposeSide(ct, x, yAval, yc, xc, yb, xb, true);
    },
  },
  batch([x, y], [xd, yd], _size, { dimensionNumbers: [[xc, yc], [xb, yb]], preferredElementType }) {
    const up = (axes: readonly number[], d: number | null): number[] =>
      axes.map((a) => (d === null || a < d ? a : a + 1));
    const contract = [up(xc, xd), up(yc, yd)] as const;
    if (xd !== null && yd !== null) {
      const out = dotGeneral(
        x,
        y,
        [
          contract,
          [
            [xd, ...up(xb, xd)],
            [yd, ...up(yb, yd)],
          ],
        ],
        preferredElementType,
      );
      return [[out], [0]];
    }
    const out = dotGeneral(x, y, [contract, [up(xb, xd), up(yb, yd)]], preferredElementType);
    // The batch axis is one of the free axes of its operand; the result has batch, free lhs, free rhs.
    const nBatch = xb.length;
    if (xd !== null) {
      const at = freeAxes(x.ndim, contract[0], up(xb, xd)).indexOf(xd);
      return [[out], [nBatch + at]];
    }
    const nLhsFree = x.ndim - nBatch - xc.length;
    const at = freeAxes(y.ndim, contract[1], up(yb, yd)).indexOf(yd!);
    return [[out], [nBatch + nLhsFree + at]];
  },
  lower([lhs, rhs], avals, { dimensionNumbers, preferredElementType }) {
    const dtype = preferredElementType ?? lhs.dtype;
    if (dtype === "bool") {
      // Whether any pair is true: counted, as products of bools are no numbers.
      const counts = this.lower([lhs, rhs], avals, { dimensionNumbers, preferredElementType: "int32" });
      return [exprScalar("cast", [counts[0]!], dtype)];
    }
    const [[lc, rc], [lb, rb]] = dimensionNumbers;
    const spec = { lhsContract: lc, rhsContract: rc, lhsBatch: lb, rhsBatch: rb };
    return [exprContract({ lhs: exprScalar("cast", [lhs], dtype), rhs: exprScalar("cast", [rhs], dtype), ...spec })];
  },
};

function checkAxes(x: Aval, axes: readonly number[]): void {
  if (new Set(axes).size !== axes.length || axes.some((a) => a < 0 || a >= x.ndim)) {
    throw new ShapeError(`dot_general: axes [${axes.join(",")}] of ${x} are repeated or out of range`);
  }
}

/** Cotangent of operand a of dot(a, b) (or of dot(b, a) if `swapped`) from that of the result. */
function transposeSide(
  ct: Tracer,
  b: Tracer,
  a: Aval,
  ac: readonly number[],
  bc: readonly number[],
  ab: readonly number[],
  bb: readonly number[],
  swapped: boolean,
): Tracer {
  const aFree = freeAxes(a.ndim, ac, ab);
  const bFree = freeAxes(b.ndim, bc, bb);
  // ct has axes [batch, free of lhs, free of rhs].
  const nBatch = ab.length;
  const ctB = range(nBatch + (swapped ? 0 : aFree.length), nBatch + (swapped ? 0 : aFree.length) + bFree.length);
  const out = dotGeneral(ct, b, [
    [ctB, bFree],
    [range(nBatch), bb],
  ]);
  // out has axes [batch, free of a, contracted axes of b in ascending order].
  const bcAscending = range(bc.length).sort((i, j) => bc[i]! - bc[j]!);
  const axesOfA = [...ab, ...aFree, ...pick(ac, bcAscending)];
  return transpose(out, inversePermutation(axesOfA));
}

/**
 * Contracts pairs of axes, with other pairs as batch. The result has the batch axes, the free axes of lhs, and those of rhs.
 *
 * Errors: ShapeError if sizes differ, DTypeError if dtypes do.
 * @example
 * lax.dotGeneral(np.array([1, 2]), np.array([3, 4]), [[[0], [0]], [[], []]]).item(); // => 11
 */
export function dotGeneral(
  lhs: Tracer,
  rhs: Tracer,
  dimensionNumbers: DotDimensionNumbers,
  preferredElementType: DType | null = null,
): Tracer {
  return bind1(dot_general_p, [lhs, rhs], { dimensionNumbers, preferredElementType });
}

/** Products of matrices in the last two axes with equal leading axes. */
export function batchMatmul(lhs: Tracer, rhs: Tracer): Tracer {
  const n = lhs.ndim;
  return dotGeneral(lhs, rhs, [
    [[n - 1], [n - 2]],
    [range(n - 2), range(n - 2)],
  ]);
}
