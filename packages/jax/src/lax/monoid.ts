/** Telling what a user's function of two scalars is: sums and extremes have primitives of their own. */
import type { DType } from "../aval/dtype";
import { ShapedArray } from "../aval/shaped-array";
import type { Tracer } from "../core/tracer";
import * as ops from "../ops/index";
import { type ArrayLike, broadcastArray, convert, lift } from "../numpy/lift";
import { releaseCaptured, subFunction } from "../transforms/sub-program";
import { structure } from "../tree/index";
import type { Monoid } from "./reduce";

export type NamedMonoid = "add" | "mul" | "max" | "min";

/** What functions were found to be, for each dtype: they are traced once, as by `jit`. */
const known = /* @__PURE__ */ new WeakMap<Monoid, Map<DType, NamedMonoid | null>>();

/** Its name if the function does nothing else to scalars of this dtype; null for any other function. */
export function nameOfMonoid(f: Monoid, dtype: DType): NamedMonoid | null {
  if (dtype === "bool") return null;
  let names = known.get(f);
  if (names === undefined) known.set(f, (names = new Map()));
  let name = names.get(dtype);
  if (name === undefined) names.set(dtype, (name = tracedName(f, dtype)));
  return name;
}

function tracedName(f: Monoid, dtype: DType): NamedMonoid | null {
  const scalar = ShapedArray.of([], dtype);
  const sub = subFunction("reduce", f, structure([0, 0]), [scalar, scalar]);
  try {
    const { eqns, inBinders, outs } = sub.jaxpr;
    const [eqn] = eqns;
    if (eqn === undefined || eqns.length > 1 || sub.consts.length > 0 || outs.length !== 1) return null;
    const [a, b] = inBinders;
    const [x, y] = eqn.inputs;
    const both = (x === a && y === b) || (x === b && y === a);
    if (!both || outs[0] !== eqn.outBinders[0]) return null;
    const { name } = eqn.primitive;
    return name === "add" || name === "mul" || name === "max" || name === "min" ? name : null;
  } finally {
    releaseCaptured(sub);
  }
}

interface NamedReduction {
  readonly identity: number;
  readonly combine: (x: Tracer, y: Tracer) => Tracer;
  readonly reduce: (x: Tracer, axes: readonly number[]) => Tracer;
  readonly overWindows: (x: Tracer, window: readonly number[], o: ops.ReduceWindowOptions) => Tracer;
}

/** What there is for a named monoid. */
export function reductionOf(name: NamedMonoid): NamedReduction {
  switch (name) {
    case "add":
      return { identity: 0, combine: ops.add, reduce: ops.reduceSum, overWindows: ops.reduceWindowSum };
    case "mul":
      return { identity: 1, combine: ops.mul, reduce: ops.reduceProd, overWindows: ops.reduceWindowProd };
    case "max":
      return { identity: -Infinity, combine: ops.max, reduce: ops.reduceMax, overWindows: ops.reduceWindowMax };
    case "min":
      return { identity: Infinity, combine: ops.min, reduce: ops.reduceMin, overWindows: ops.reduceWindowMin };
  }
}

/** The reduced array combined with the initial value, which is mostly the identity. */
export function startingWith(name: NamedMonoid, initValue: ArrayLike, reduced: Tracer): Tracer {
  const { identity, combine } = reductionOf(name);
  if (initValue === identity) return reduced;
  return combine(broadcastArray(convert(lift(initValue), reduced.dtype), reduced.shape), reduced);
}
