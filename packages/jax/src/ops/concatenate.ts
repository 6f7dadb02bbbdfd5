/** Joining arrays along an axis. */
import { printAvals } from "../aval/shaped-array";
import { DTypeError, ShapeError } from "../base/errors";
import { range } from "../base/list";
import { bind1 } from "../core/interpreter";
import type { Primitive } from "../core/primitive";
import type { Tracer } from "../core/tracer";
import { exprConcat } from "../kernel/expr-build";
import { broadcastInDim } from "./broadcast";
import { sliceInDim } from "./slice";
import { moveaxis } from "./transpose";

/** More arrays are joined in groups first: a kernel takes 1000 numbers at most, and an eager one up to 5 for each array. */
const MOST = 64;

interface ConcatenateParams {
  readonly dimension: number;
}

export const concatenate_p: Primitive<ConcatenateParams> = {
  name: "concatenate",
  type(xs, { dimension }) {
    const [first] = xs;
    if (first === undefined) throw new ShapeError("concatenate: expected at least one array");
    for (const x of xs) {
      if (x.dtype !== first.dtype) throw new DTypeError(`concatenate: dtypes must be equal, got ${printAvals(xs)}`);
      if (x.ndim !== first.ndim || x.shape.some((n, i) => i !== dimension && n !== first.shape[i])) {
        throw new ShapeError(`concatenate: shapes must be equal but along axis ${dimension}, got ${printAvals(xs)}`);
      }
    }
    if (dimension < 0 || dimension >= first.ndim) {
      throw new ShapeError(`concatenate: axis ${dimension} is out of range for ${first}`);
    }
    const total = xs.reduce((sum, x) => sum + x.shape[dimension]!, 0);
    return [
      first.withShape(first.shape.map((n, i) => (i === dimension ? total : n))).withDType(
        first.dtype,
        xs.every((x) => x.weakType),
      ),
    ];
  },
  derivative: {
    kind: "linear",
    transpose([ct], xs, { dimension }) {
      let at = 0;
      return xs.map((x) => {
        const start = at;
        at += x.shape[dimension]!;
        return sliceInDim(ct!, start, at, 1, dimension);
      });
    },
  },
  batch(xs, dims, size, { dimension }) {
    const moved = xs.map((x, i) => {
      const d = dims[i]!;
      return d === null ? broadcastInDim(x, [size, ...x.shape], range(1, x.ndim + 1)) : moveaxis(x, d, 0);
    });
    return [[concatenate(moved, dimension + 1)], [0]];
  },
  lower: (xs, _avals, { dimension }) => [exprConcat(xs, dimension)],
};

/**
 * Joins arrays of equal dtype along an existing axis.
 *
 * Errors: ShapeError, DTypeError.
 * @example
 * lax.concatenate([np.array([1]), np.array([2, 3])], 0).js(); // => [1, 2, 3]
 */
export function concatenate(xs: readonly Tracer[], dimension: number): Tracer {
  if (xs.length === 1) return xs[0]!;
  if (xs.length <= MOST) return bind1(concatenate_p, [...xs], { dimension });
  const groups = range(Math.ceil(xs.length / MOST)).map((i) => xs.slice(i * MOST, (i + 1) * MOST));
  return concatenate(
    groups.map((g) => concatenate(g, dimension)),
    dimension,
  );
}
