/** Collectives: operations across the examples of `vmap(f, { axisName })`, of `pmap` and of `shardMap`. */
import { checkOptionNames } from "../base/option-names";
import { isBool } from "../aval/dtype";
import { canonicalAxis } from "../aval/promote";
import { JaxError, ShapeError } from "../base/errors";
import { insertAt, prod } from "../base/list";
import { sizeOfAxis } from "../core/axes";
import { bind1 } from "../core/interpreter";
import type { Primitive } from "../core/primitive";
import { type Tracer } from "../core/tracer";
import { type ArrayLike, convert, inexact, lift, own } from "../numpy/lift";
import { owned } from "../numpy/owned";
import * as ops from "../ops/index";
import {
  type NamedParams,
  all_gather_p,
  all_to_all_p,
  pmax_p,
  pmin_p,
  psum_p,
  psum_scatter_p,
} from "../ops/collectives";
import * as tree from "../tree/index";

/** A named axis, or several as if they were one: the first is the slowest. */
export type AxisName = string | readonly string[];

interface Grouped {
  /** Refused, as in JAX's vmap. */
  readonly axisIndexGroups?: null;
}

/** Whether a result has the axis in the place of an existing one (`true`), or as one more axis. */
interface Tiled extends Grouped {
  readonly tiled?: boolean;
}

const namesOf = (name: AxisName): readonly string[] => (typeof name === "string" ? [name] : name);

/** Parameters for each of the named axes. */
function axesOf(op: string, name: AxisName, options: Grouped = {}, ...names: string[]): NamedParams[] {
  checkOptionNames(options, ["axisIndexGroups", ...names], op);
  if ((options.axisIndexGroups ?? null) !== null) {
    throw new JaxError(`${op}: axisIndexGroups is not supported; use two named axes, a nested vmap for each`);
  }
  return namesOf(name).map((axisName) => ({ axisName, axisSize: sizeOfAxis(op, axisName) }));
}

const sizeOf = (axes: readonly NamedParams[]): number => prod(axes.map((a) => a.axisSize));

/** f on every array of a tree; results are handles of their own. */
function onLeaves<T>(x: T, f: (leaf: Tracer) => Tracer): T {
  const [leaves, treedef] = tree.flatten<ArrayLike>(x);
  const outs = leaves.map((leaf) => owned(() => own(f(lift(leaf)), leaf)));
  return tree.unflatten(treedef, outs) as T;
}

/** As `onLeaves`; a JS number stays one. */
function reduced<T>(
  op: string,
  x: T,
  name: AxisName,
  options: Grouped,
  onNumber: (x: number, size: number) => number,
  onArray: (x: Tracer, axes: readonly NamedParams[]) => Tracer,
): T {
  const axes = axesOf(op, name, options);
  const [leaves, treedef] = tree.flatten<ArrayLike>(x);
  const outs = leaves.map((leaf) =>
    typeof leaf === "number" ? onNumber(leaf, sizeOf(axes)) : owned(() => own(onArray(lift(leaf), axes), leaf)),
  );
  return tree.unflatten(treedef, outs) as T;
}

const over =
  (record: Primitive<NamedParams, 1>) =>
  (x: Tracer, axes: readonly NamedParams[]): Tracer =>
    axes.reduce((y, params) => bind1(record, [y], params), isBool(x.dtype) ? convert(x, "int32") : x);

const sum = /* @__PURE__ */ over(psum_p);

/**
 * Sum over a named axis: every example gets it. x is an array or a tree; JS numbers give JS numbers.
 *
 * Gradient: the sum of the cotangents of all examples, as in JAX.
 * Errors: UnboundAxisError if no vmap binds the name.
 * @example
 * const share = vmap((x) => x.div(lax.psum(x, "i")), { axisName: "i" });
 * share(np.array([1, 3])).js(); // => [0.25, 0.75]
 */
export function psum<T>(x: T, axisName: AxisName, options: Grouped = {}): T {
  return reduced("psum", x, axisName, options, (v, n) => v * n, sum);
}
/** Mean over a named axis. @example vmap((x) => lax.pmean(x, "i"), { axisName: "i" })(np.array([1, 3])).js(); // => [2, 2] */
export function pmean<T>(x: T, axisName: AxisName, options: Grouped = {}): T {
  return reduced(
    "pmean",
    x,
    axisName,
    options,
    (v) => v,
    (leaf, axes) => {
      const total = inexact(sum(leaf, axes));
      return ops.div(total, ops.fullLike(total, sizeOf(axes)));
    },
  );
}
/** Largest over a named axis. No gradient, as in JAX. @example vmap((x) => lax.pmax(x, "i"), { axisName: "i" })(np.array([1, 3])).js(); // => [3, 3] */
export function pmax<T>(x: T, axisName: AxisName, options: Grouped = {}): T {
  return reduced("pmax", x, axisName, options, (v) => v, over(pmax_p));
}
/** Smallest over a named axis. No gradient, as in JAX. @example vmap((x) => lax.pmin(x, "i"), { axisName: "i" })(np.array([1, 3])).js(); // => [1, 1] */
export function pmin<T>(x: T, axisName: AxisName, options: Grouped = {}): T {
  return reduced("pmin", x, axisName, options, (v) => v, over(pmin_p));
}

/** Two neighbouring axes as one. */
const merged = (x: Tracer, axis: number): Tracer =>
  ops.reshape(x, [...x.shape.slice(0, axis), x.shape[axis]! * x.shape[axis + 1]!, ...x.shape.slice(axis + 2)]);

/** An axis as several of these sizes. */
const divided = (x: Tracer, axis: number, sizes: readonly number[]): Tracer =>
  ops.reshape(x, [...x.shape.slice(0, axis), ...sizes, ...x.shape.slice(axis + 1)]);

/** An axis of `n * m` elements as `[n, m]`. */
function blocks(op: string, x: Tracer, axis: number, n: number): Tracer {
  const size = x.shape[axis]!;
  if (size % n !== 0) {
    throw new ShapeError(`${op}: axis ${axis} must be divisible by the size of the named axis, ${n}, got ${x.aval}`);
  }
  return divided(x, axis, [n, size / n]);
}

function checkSize(op: string, x: Tracer, axis: number, n: number): void {
  if (x.shape[axis] !== n) {
    throw new ShapeError(
      `${op}: axis ${axis} must have the size of the named axis, ${n}, got ${x.aval}; with { tiled: true } a multiple of it`,
    );
  }
}

/**
 * All examples' values, stacked along a new axis; `tiled`: joined along an existing one. Every example gets them.
 *
 * Shapes: `f32[a, b]` with n examples gives `f32[n, a, b]` for axis 0, tiled `f32[n * a, b]`.
 * Gradient: `psumScatter` of the cotangents.
 * @example
 * vmap((x) => lax.allGather(x, "i"), { axisName: "i" })(np.array([1, 3])).js(); // => [[1, 3], [1, 3]]
 */
export function allGather<T>(x: T, axisName: AxisName, options: Tiled & { readonly axis?: number } = {}): T {
  const axes = axesOf("allGather", axisName, options, "axis", "tiled");
  const { axis = 0, tiled = false } = options;
  return onLeaves(x, (leaf) => {
    const at = canonicalAxis("allGather", axis, tiled ? leaf.ndim : leaf.ndim + 1);
    const all = axes.reduceRight((y, params) => bind1(all_gather_p, [y], { ...params, axis: at }), leaf);
    const stacked = ops.reshape(all, insertAt(leaf.shape, at, sizeOf(axes)));
    return tiled ? merged(stacked, at) : stacked;
  });
}

/**
 * Sum over the examples, of which each keeps its own part along `scatterDimension`. Without `tiled` that axis has the
 * size of the named one, and is dropped.
 *
 * Gradient: `allGather` of the cotangents.
 * Errors: ShapeError if the axis does not have a fitting size.
 * @example
 * vmap((x) => lax.psumScatter(x, "i"), { axisName: "i" })(np.array([[1, 2], [3, 4]])).js(); // => [4, 6]
 */
export function psumScatter<T>(
  x: T,
  axisName: AxisName,
  options: Tiled & { readonly scatterDimension?: number } = {},
): T {
  const axes = axesOf("psumScatter", axisName, options, "scatterDimension", "tiled");
  const { scatterDimension = 0, tiled = false } = options;
  return onLeaves(x, (leaf) => {
    const axis = canonicalAxis("psumScatter", scatterDimension, leaf.ndim);
    const n = sizeOf(axes);
    if (!tiled) checkSize("psumScatter", leaf, axis, n);
    const parts = tiled ? blocks("psumScatter", leaf, axis, n) : leaf;
    const split = divided(parts, axis, axes.map((a) => a.axisSize)); // prettier-ignore
    return axes.reduce((y, params) => bind1(psum_scatter_p, [y], { ...params, axis }), split);
  });
}

/**
 * Example i gets part i of every example's value: parts are taken along `splitAxis` and put together along `concatAxis`,
 * as a new axis, or `tiled` joined along an existing one.
 *
 * Gradient: the exchange backward.
 * Errors: ShapeError if the axis does not have a fitting size.
 * @example
 * vmap((x) => lax.allToAll(x, "i", 0, 0), { axisName: "i" })(np.array([[1, 2], [3, 4]])).js(); // => [[1, 3], [2, 4]]
 */
export function allToAll<T>(x: T, axisName: AxisName, splitAxis: number, concatAxis: number, options: Tiled = {}): T {
  const axes = axesOf("allToAll", axisName, options, "tiled");
  const tiled = options.tiled ?? false;
  return onLeaves(x, (leaf) => {
    const from = canonicalAxis("allToAll", splitAxis, leaf.ndim);
    const to = canonicalAxis("allToAll", concatAxis, leaf.ndim);
    const n = sizeOf(axes);
    if (!tiled) checkSize("allToAll", leaf, from, n);
    const parts = tiled ? blocks("allToAll", leaf, from, n) : leaf;
    const split = divided(parts, from, axes.map((a) => a.axisSize)); // prettier-ignore
    const sent = axes.reduce((y, params, i) => bind1(all_to_all_p, [y], { ...params, axis: from + i }), split);
    const moved = ops.moveaxis(ops.reshape(sent, parts.shape), from, to);
    return tiled ? merged(moved, to) : moved;
  });
}

/** `allToAll` in place: the named axis and an axis of x are exchanged. @example vmap((x) => lax.pswapaxes(x, "i", 0), { axisName: "i" })(np.array([[1, 2], [3, 4]])).js(); // => [[1, 3], [2, 4]] */
export function pswapaxes<T>(x: T, axisName: AxisName, axis: number, options: Grouped = {}): T {
  return allToAll(x, axisName, axis, axis, options);
}
