/** Collectives that send each example's value to another one, and those about the named axis itself. */
import { JaxError, ShapeError } from "../base/errors";
import { isPermutation, prod } from "../base/list";
import { sizeOfAxis } from "../core/axes";
import { bind1 } from "../core/interpreter";
import type { Tracer } from "../core/tracer";
import { type ArrayLike, lift, own, scalarLike } from "../numpy/lift";
import { owned } from "../numpy/owned";
import { axis_index_p, ppermute_p } from "../ops/collectives";
import * as ops from "../ops/index";
import * as tree from "../tree/index";
import { type AxisName, allGather } from "./collectives";

function oneAxis(op: string, name: AxisName): string {
  if (typeof name === "string") return name;
  if (name.length === 1) return name[0]!;
  throw new JaxError(`${op}: takes one axis name, got [${name.join(", ")}]; permute over one axis after the other`);
}

/**
 * Sends values between examples: `perm` is a list of `[source, destination]`. Who gets nothing gets zeros.
 *
 * Gradient: the cotangents go back the same ways.
 * Errors: ShapeError if a source or destination is out of range or named twice.
 * Differs from JAX: permutations need not be complete in vmap (JAX allows that in pmap and shard_map only); one axis name.
 * @example
 * vmap((x) => lax.ppermute(x, "i", [[0, 1], [1, 0]]), { axisName: "i" })(np.array([1, 3])).js(); // => [3, 1]
 */
export function ppermute<T>(x: T, axisName: AxisName, perm: readonly (readonly [number, number])[]): T {
  const name = oneAxis("ppermute", axisName);
  const axisSize = sizeOfAxis("ppermute", name);
  const sources = Array.from({ length: axisSize }, () => -1);
  const inRange = (i: number): boolean => Number.isInteger(i) && i >= 0 && i < axisSize;
  for (const [from, to] of perm) {
    const problem =
      !inRange(from) || !inRange(to)
        ? `expected numbers from 0 to ${axisSize - 1}`
        : sources[to] !== -1 || sources.includes(from)
          ? "sources and destinations must be unique"
          : null;
    if (problem !== null) throw new ShapeError(`ppermute: ${problem}, got [${from}, ${to}] in ${JSON.stringify(perm)}`);
    sources[to] = from;
  }
  const [leaves, treedef] = tree.flatten<ArrayLike>(x);
  const params = { axisName: name, axisSize, sources };
  const outs = leaves.map((leaf) => owned(() => own(bind1(ppermute_p, [lift(leaf)], params), leaf)));
  return tree.unflatten(treedef, outs) as T;
}

/** Example i gets the value of example `perm[i]`. @example vmap((x) => lax.pshuffle(x, "i", [1, 0]), { axisName: "i" })(np.array([1, 3])).js(); // => [3, 1] */
export function pshuffle<T>(x: T, axisName: AxisName, perm: readonly number[]): T {
  const n = axisSize(axisName);
  if (!isPermutation(perm, n)) {
    throw new ShapeError(`pshuffle: perm must hold each of 0 to ${n - 1} once, got [${perm.join(", ")}]`);
  }
  return ppermute(
    x,
    axisName,
    perm.map((from, to) => [from, to]),
  );
}

/** Every example gets the value of example `source`. @example vmap((x) => lax.pbroadcast(x, "i", 1), { axisName: "i" })(np.array([1, 3])).js(); // => [3, 3] */
export function pbroadcast<T>(x: T, axisName: AxisName, source: number): T {
  const n = axisSize(axisName);
  if (!Number.isInteger(source) || source < 0 || source >= n) {
    throw new ShapeError(`pbroadcast: source must be a number from 0 to ${n - 1}, got ${source}`);
  }
  const [leaves, treedef] = tree.flatten<ArrayLike>(x);
  const outs = leaves.map((leaf) =>
    owned(() => {
      const all = allGather(lift(leaf), axisName);
      return ops.squeeze(ops.sliceInDim(all, source, source + 1), [0]);
    }),
  );
  return tree.unflatten(treedef, outs) as T;
}

/** Number of the example along a named axis, int32; over several axes the first is the slowest. @example vmap(() => lax.axisIndex("i"), { axisName: "i", axisSize: 3 })().js(); // => [0, 1, 2] */
export function axisIndex(axisName: AxisName): Tracer {
  const names = typeof axisName === "string" ? [axisName] : axisName;
  return owned(() => {
    const parts = names.map((name): [Tracer, number] => {
      const size = sizeOfAxis("axisIndex", name);
      return [bind1(axis_index_p, [], { axisName: name, axisSize: size }), size];
    });
    if (parts.length === 0) throw new JaxError("axisIndex: needs an axis name, got an empty list");
    const [[first]] = parts as [[Tracer, number]];
    return parts.slice(1).reduce((at, [i, size]) => ops.add(ops.mul(at, scalarLike(at, size)), i), first);
  });
}

/** Number of examples along a named axis, a JS number. @example vmap((x) => x.mul(lax.axisSize("i")), { axisName: "i" })(np.array([1, 3])).js(); // => [2, 6] */
export function axisSize(axisName: AxisName): number {
  const names = typeof axisName === "string" ? [axisName] : axisName;
  return prod(names.map((name) => sizeOfAxis("axisSize", name)));
}
