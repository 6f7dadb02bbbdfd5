/** Putting arrays together and cutting them apart. */
import { needList } from "../base/list";
import { checkOptions } from "../base/option-names";
import { ShapeError } from "../base/errors";
import { canonicalAxis } from "../aval/promote";
import { Tracer } from "../core/tracer";
import * as ops from "../ops/index";
import type { DType } from "../aval/dtype";
import { type ArrayLike, convert, lift, own, promoteDTypes } from "./lift";
import { type Named, named } from "./arguments";
import { eagerProgram } from "../transforms/eager-program";
import { isOptions } from "./options";
import { owned } from "./owned";
import { atleast1d, atleast2d, atleast3d, expandDims, ravel, reshape } from "./shape";

/** The axis of a cut, by position or by name. */
type Along = number | Named<"axis", number>;

type List = readonly ArrayLike[] | Tracer;

/** The arrays of a list; the rows of one array. */
function listOf(op: string, xs: List): readonly ArrayLike[] {
  return xs instanceof Tracer ? unstack(xs) : needList(op, xs);
}

/**
 * Arrays one after another along an axis; with `axis` null each is flattened first.
 *
 * Shapes: equal but for the axis.
 * Errors: ShapeError for no arrays or shapes that do not fit.
 * @example
 * np.concatenate([np.ones([1]), np.zeros([1])]).js(); // => [1, 0]
 */
export function concatenate(
  xs: List,
  axis?: number | null | { axis?: number | null; dtype?: DType },
  options?: { dtype?: DType } | DType,
): Tracer {
  const early = isOptions(axis) ? (axis as { axis?: number | null; dtype?: DType }) : { axis: axis as number | null };
  checkOptions("concatenate", early, { axis: true, dtype: true });
  if (typeof options !== "string") checkOptions("concatenate", options, { dtype: true });
  const dtype =
    (typeof options === "string" ? options : options?.dtype) ?? ("dtype" in early ? early.dtype : undefined);
  return owned(() => {
    const list = listOf("concatenate", xs);
    if (list.length === 0) throw new ShapeError("concatenate: expected at least one array");
    let arrays = promoteDTypes(list);
    if (dtype !== undefined) arrays = arrays.map((x) => convert(x, dtype));
    if (early.axis === null) arrays = arrays.map((x) => ravel(x));
    const first = arrays[0]!;
    if (first.ndim === 0) throw new ShapeError("concatenate: scalars have no axis to join along; use np.stack");
    const at = canonicalAxis("concatenate", early.axis ?? 0, first.ndim);
    for (const x of arrays) {
      if (x.ndim !== first.ndim) {
        throw new ShapeError(
          `concatenate: arrays must have equally many axes, got ${first.aval} and ${x.aval}; add axes with np.expandDims, or use np.stack`,
        );
      }
      if (x.shape.some((n, i) => i !== at && n !== first.shape[i])) {
        throw new ShapeError(
          `concatenate: sizes must be equal except along axis ${at}, got ${first.aval} and ${x.aval}`,
        );
      }
    }
    return own(arrays.length === 1 ? first : ops.concatenate(arrays, at), ...list);
  });
}

/** As `concatenate`. @example np.concat([np.ones([1]), np.ones([1])]).shape; // => [2] */
export function concat(xs: List, axis?: number | null | Named<"axis", number | null>): Tracer {
  return concatenate(xs, named("axis", axis, 0 as number | null));
}

/** Arrays of one shape along a new axis. @example np.stack([np.ones([2]), np.zeros([2])]).shape; // => [2, 2] */
export function stack(xs: List, axis: number | { axis?: number; dtype?: DType } = 0): Tracer {
  if (typeof axis === "object") checkOptions("stack", axis, { axis: true, dtype: true });
  const at0 = typeof axis === "number" ? axis : (axis.axis ?? 0);
  return owned(() => {
    const list = listOf("stack", xs);
    if (list.length === 0) throw new ShapeError("stack: expected at least one array");
    const arrays = promoteDTypes(list);
    const first = arrays[0]!;
    const odd = arrays.find((x) => x.shape.join() !== first.shape.join());
    if (odd !== undefined) throw new ShapeError(`stack: shapes must be equal, got ${first.aval} and ${odd.aval}`);
    const at = canonicalAxis("stack", at0, first.ndim + 1);
    const dtype = typeof axis === "number" ? undefined : axis.dtype;
    // Many are joined in groups, each a program of its own.
    const join = list.length > 64 ? stackedOf : stacked;
    return join(at, ...(dtype === undefined ? arrays : arrays.map((x) => convert(x, dtype))));
  });
}

function stackedOf(at: number, ...arrays: readonly Tracer[]): Tracer {
  return owned(() => {
    const rows = arrays.map((x) => expandDims(x, at));
    return rows.length === 1 ? rows[0]! : ops.concatenate(rows, at);
  });
}
const stacked = /* @__PURE__ */ eagerProgram(stackedOf);

/** Arrays on top of each other: vectors become rows. @example np.vstack([np.ones([2]), np.ones([2])]).shape; // => [2, 2] */
export function vstack(xs: List, options?: { dtype?: DType } | DType): Tracer {
  return owned(() => concatenate(listOf("vstack", xs).map(atleast2d), 0, options));
}

/** Arrays beside each other: along axis 1, vectors along axis 0. @example np.hstack([np.ones([2]), np.ones([1])]).shape; // => [3] */
export function hstack(xs: List, options?: { dtype?: DType } | DType): Tracer {
  return owned(() => {
    const arrays = listOf("hstack", xs).map(atleast1d);
    return concatenate(arrays, arrays[0]?.ndim === 1 ? 0 : 1, options);
  });
}

/** Arrays behind each other, along axis 2. @example np.dstack([np.ones([2]), np.ones([2])]).shape; // => [1, 2, 2] */
export function dstack(xs: List, options?: { dtype?: DType } | DType): Tracer {
  return owned(() => concatenate(listOf("dstack", xs).map(atleast3d), 2, options));
}

/** Vectors as columns of a matrix; matrices stay. @example np.columnStack([np.ones([3]), np.ones([3])]).shape; // => [3, 2] */
export function columnStack(xs: List): Tracer {
  return owned(() =>
    concatenate(
      listOf("columnStack", xs).map((x) => {
        const y = lift(x);
        return y.ndim >= 2 ? y : reshape(y, [y.size, 1]);
      }),
      1,
    ),
  );
}

/** Values put at the end; without an axis both are flattened. @example np.append(np.ones([1]), 2).js(); // => [1, 2] */
export function append(
  arr: ArrayLike,
  values: ArrayLike,
  along?: number | null | Named<"axis", number | null>,
): Tracer {
  const axis = named("axis", along, null as number | null);
  return concatenate([arr, values], axis);
}

/** Nested lists of blocks: the innermost are joined along the last axis, the next along the one before. @example np.block([[np.ones([1, 1]), np.zeros([1, 1])]]).js(); // => [[1, 0]] */
export function block(arrays: ArrayLike | readonly unknown[]): Tracer {
  const depthOf = (v: unknown): number => (Array.isArray(v) ? 1 + depthOf(v[0]) : 0);
  const depth = depthOf(arrays);
  const ndimOf = (v: unknown): number => (Array.isArray(v) ? Math.max(...v.map(ndimOf)) : lift(v as ArrayLike).ndim);
  const ndim = Math.max(depth, ndimOf(arrays));
  const build = (v: unknown, level: number): Tracer => {
    if (!Array.isArray(v)) {
      const x = lift(v as ArrayLike);
      return reshape(x, [...new Array<number>(ndim - x.ndim).fill(1), ...x.shape]);
    }
    return concatenate(
      v.map((inner) => build(inner, level + 1)),
      ndim - depth + level,
    );
  };
  return owned(() => build(arrays, 0));
}

/**
 * Parts along an axis: a number of equal parts, or cuts before these positions.
 *
 * Errors: ShapeError if the size is not divisible; see `arraySplit`.
 * @example
 * np.split(np.arange(4), 2)[1].js(); // => [2, 3]
 */
export function split(a: ArrayLike, indicesOrSections: number | readonly number[], along?: Along): Tracer[] {
  const axis = named("axis", along, 0);
  const x = lift(a);
  const n = x.shape[canonicalAxis("split", axis, x.ndim)]!;
  if (typeof indicesOrSections === "number" && n % indicesOrSections !== 0) {
    throw new ShapeError(`split: ${n} elements do not divide into ${indicesOrSections} equal parts; use np.arraySplit`);
  }
  return arraySplit(a, indicesOrSections, axis);
}

/** As `split`; the first parts are one longer if the size is not divisible. @example np.arraySplit(np.arange(3), 2)[0].js(); // => [0, 1] */
export function arraySplit(a: ArrayLike, indicesOrSections: number | readonly number[], axis?: Along): Tracer[] {
  const x = lift(a);
  const at = canonicalAxis("split", named("axis", axis, 0), x.ndim);
  const n = x.shape[at]!;
  const clamp = (v: number): number => Math.min(n, Math.max(0, v < 0 ? v + n : v));
  let cuts: number[];
  if (typeof indicesOrSections === "number") {
    const parts = indicesOrSections;
    if (!Number.isInteger(parts) || parts < 1)
      throw new ShapeError(`split: the number of parts must be >= 1, got ${parts}`);
    cuts = Array.from({ length: parts + 1 }, (_, i) => i * Math.floor(n / parts) + Math.min(i, n % parts));
  } else cuts = [0, ...needList("split", indicesOrSections).map(clamp), n];
  return cuts.slice(1).map((stop, i) => {
    const start = cuts[i]!;
    const part = ops.slice(
      x,
      x.shape.map((_, k) => (k === at ? start : 0)),
      x.shape.map((size, k) => (k === at ? Math.max(start, stop) : size)),
    );
    return own(part, a);
  });
}

/** `split` along axis 0. @example np.vsplit(np.ones([2, 1]), 2).length; // => 2 */
export function vsplit(a: ArrayLike, indicesOrSections: number | readonly number[]): Tracer[] {
  return split(a, indicesOrSections, 0);
}

/** `split` along axis 1, of vectors along axis 0. @example np.hsplit(np.ones([2, 2]), 2).length; // => 2 */
export function hsplit(a: ArrayLike, indicesOrSections: number | readonly number[]): Tracer[] {
  return split(a, indicesOrSections, lift(a).ndim === 1 ? 0 : 1);
}

/** `split` along axis 2. @example np.dsplit(np.ones([1, 1, 2]), 2).length; // => 2 */
export function dsplit(a: ArrayLike, indicesOrSections: number | readonly number[]): Tracer[] {
  return split(a, indicesOrSections, 2);
}

/** The slices along an axis, without it. @example np.unstack(np.ones([3, 2])).length; // => 3 */
export function unstack(x: ArrayLike, axis?: Along): Tracer[] {
  const y = lift(x);
  if (y.ndim === 0) throw new ShapeError("unstack: a scalar has no axis");
  const at = canonicalAxis("unstack", named("axis", axis, 0), y.ndim);
  return owned(() =>
    arraySplit(y, Math.max(1, y.shape[at]!), at)
      .slice(0, y.shape[at]!)
      .map((part) =>
        reshape(
          part,
          y.shape.filter((_, i) => i !== at),
        ),
      ),
  );
}
