/** Arithmetic on whole trees of arrays. */
import { type Array, type DType, numpy as np, tree } from "@jax-js/jax";
import { type Scalar, mapLeaves, pure } from "../base";
import { type Rest, named } from "../named";
import { like, times } from "../scalars";

/**
 * `x + y`, leaf by leaf, and further trees.
 *
 * Source: optax.tree.add.
 * @example
 * treeAdd({ a: np.array([1]) }, { a: np.array([2]) }).a.js(); // => [3]
 */
export function treeAdd<P>(x: P, y: P, ...others: P[]): P {
  const sum = (first: Array, ...rest: Array[]): Array => rest.reduce((a, b) => a.add(b), first);
  return pure(() => mapLeaves(sum, x, y, ...others), [x, y, others]);
}

/** `x - y`, leaf by leaf. @example treeSub([np.array([1])], [np.array([2])])[0].js(); // => [-1] */
export function treeSub<P>(x: P, y: P): P {
  return pure(() => mapLeaves((a, b) => a.sub(b), x, y), [x, y]);
}

/** `x * y`, leaf by leaf. @example treeMul([np.array([3])], [np.array([2])])[0].js(); // => [6] */
export function treeMul<P>(x: P, y: P): P {
  return pure(() => mapLeaves((a, b) => a.mul(b), x, y), [x, y]);
}

/** `x / y`, leaf by leaf. @example treeDiv([np.array([3])], [np.array([2])])[0].js(); // => [1.5] */
export function treeDiv<P>(x: P, y: P): P {
  return pure(() => mapLeaves((a, b) => a.div(b), x, y), [x, y]);
}

/**
 * `scalar * x`, in the dtypes of the leaves.
 *
 * Source: optax.tree.scale.
 * @example
 * treeScale(2, { a: np.array([1]) }).a.js(); // => [2]
 */
export function treeScale<P>(scalar: Scalar, x: P): P {
  return pure(() => mapLeaves((a) => times(a, scalar), x), [x]);
}

/** As `treeScale`. @example treeScalarMul(2, [np.array([1])])[0].js(); // => [2] */
export function treeScalarMul<P>(scalar: Scalar, x: P): P {
  return treeScale(scalar, x);
}

/**
 * `x + scalar * y`, leaf by leaf.
 *
 * Source: optax.tree.add_scale.
 * @example
 * treeAddScale([np.array([1])], 10, [np.array([2])])[0].js(); // => [21]
 */
export function treeAddScale<P>(x: P, scalar: Scalar, y: P): P {
  return pure(() => mapLeaves((a, b) => a.add(times(b, scalar)), x, y), [x, y]);
}

/** As `treeAddScale`. @example treeAddScalarMul([np.array([1])], 10, [np.array([2])])[0].js(); // => [21] */
export function treeAddScalarMul<P>(x: P, scalar: Scalar, y: P): P {
  return treeAddScale(x, scalar, y);
}

/**
 * `condition ? x : y`, leaf by leaf; the condition is one array or a tree of them.
 *
 * Source: optax.tree.where.
 * @example
 * treeWhere(np.array(true), { a: np.array([1]) }, { a: np.array([2]) }).a.js(); // => [1]
 */
export function treeWhere<P>(condition: unknown, x: P, y: P): P {
  const pick = (a: Array, b: Array, c: Array): Array => np.where(c, a, b);
  return pure(
    () =>
      tree.structure(condition).size === 1 && tree.leaves(condition)[0] === condition
        ? mapLeaves((a, b) => pick(a, b, condition as Array), x, y)
        : mapLeaves(pick, x, y, condition),
    [condition, x, y],
  );
}

export interface TreeClipOptions {
  minValue?: Scalar | null;
  maxValue?: Scalar | null;
}

/**
 * Elements limited to `[minValue, maxValue]`; null is no limit.
 *
 * Source: optax.tree.clip.
 * @example
 * treeClip([np.array([-5, 5])], -1, 1)[0].js(); // => [-1, 1]
 */
export function treeClip<P>(x: P, ...rest: Rest<TreeClipOptions>): P {
  const { minValue = null, maxValue = null } = named<TreeClipOptions>("treeClip", ["minValue", "maxValue"], rest);
  const clip = (a: Array): Array => {
    const low = minValue === null ? a : np.maximum(a, like(minValue, a));
    return maxValue === null ? low : np.minimum(low, like(maxValue, a));
  };
  return pure(() => mapLeaves(clip, x), [x]);
}

/** The leaves in another dtype; null leaves them. @example treeCast([np.ones([1])], "int32")[0].dtype; // => "int32" */
export function treeCast<P>(x: P, dtype: DType | null): P {
  return pure(() => mapLeaves((a) => (dtype === null ? a : a.astype(dtype)), x), [x]);
}

/**
 * The leaves in the dtypes of those of `other`.
 *
 * Source: optax.tree.cast_like.
 * @example
 * treeCastLike([np.ones([1])], [np.array([1], { dtype: "int32" })])[0].dtype; // => "int32"
 */
export function treeCastLike<P>(x: P, other: unknown): P {
  return pure(() => mapLeaves((a, b) => a.astype(b.dtype), x, other), [x, other]);
}

/**
 * The one dtype of all leaves; `mixed` says what to do otherwise.
 *
 * Errors: TypeError if the dtypes differ and `mixed` is not "promote", "highest" or "lowest".
 * Source: optax.tree.dtype.
 * @example
 * treeDtype([np.ones([1]), np.zeros([2])]); // => "float32"
 */
export function treeDtype(x: unknown, mixed: "promote" | "highest" | "lowest" | null = null): DType {
  const dtypes = [...new Set((tree.leaves(x) as Array[]).map((a) => a.dtype))];
  if (dtypes.length === 0) return "float32";
  if (dtypes.length === 1) return dtypes[0]!;
  const promote = (a: DType, b: DType): DType => np.promoteTypes(a, b) as DType;
  const widest = dtypes.reduce(promote);
  if (mixed === "promote") return widest;
  if (mixed === "highest" && dtypes.includes(widest)) return widest;
  const narrow = dtypes.find((d) => dtypes.every((e) => promote(d, e) === e));
  if (mixed === "lowest" && narrow !== undefined) return narrow;
  throw new TypeError(`treeDtype: leaves of several dtypes, got ${dtypes.join(", ")}`);
}

/** The real parts; there are no complex dtypes, so the tree itself. @example treeReal([np.ones([1])])[0].js(); // => [1] */
export function treeReal<P>(x: P): P {
  return pure(() => x, [x]);
}

/** The conjugates; there are no complex dtypes, so the tree itself. @example treeConj([np.ones([1])])[0].js(); // => [1] */
export function treeConj<P>(x: P): P {
  return pure(() => x, [x]);
}
