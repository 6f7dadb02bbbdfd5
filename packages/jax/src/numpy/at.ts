/** Updated copies of arrays: `x.at(index).set(y)`. */
import { prod } from "../base/list";
import type { AtOptions, IndexUpdater } from "../core/fluent";
import type { Tracer } from "../core/tracer";
import * as ops from "../ops/index";
import { add, divide, maximum, minimum, multiply, power } from "./arithmetic";
import { allFromEnd, gatherAxes, stackLast } from "./gather";
import { getAt, planAt } from "./at-modes";
import { type Index, type IndexPlan, isWhole, viewOf } from "./index-plan";
import { type ArrayLike, broadcastArray, convert, lift, promoteDTypes } from "./lift";
import { eagerProgram } from "../transforms/eager-program";
import { owned } from "./owned";
import { broadcastShapes } from "../aval/promote";

type Scattered = "set" | "add" | "mul" | "min" | "max";
type Combine = Scattered | "sub";

/** The updates of `x` at an index as `slice` takes it. */
export function atIndex(x: Tracer, ...index: readonly Index[]): IndexUpdater {
  const update = (combine: Combine) => (values: ArrayLike, options?: AtOptions) =>
    owned(() => updateAt(x, index, combine, values, options));
  const replace = (f: (old: Tracer) => ArrayLike, options?: AtOptions) =>
    owned(() => updateAt(x, index, "set", convert(lift(f(getAt(x, index, options))), x.dtype), options));
  // Where no element is named twice it is a gather, a product and a scatter, which have derivatives.
  const multiplied = (values: ArrayLike, options?: AtOptions): Tracer =>
    options?.uniqueIndices === true ? replace((old) => multiply(old, values), options) : update("mul")(values, options);
  return {
    get: (options) => getAt(x, index, options),
    set: update("set"),
    add: update("add"),
    subtract: update("sub"),
    multiply: multiplied,
    mul: multiplied,
    divide: (values, options) => replace((old) => divide(old, values), options),
    power: (values, options) => replace((old) => power(old, values), options),
    min: update("min"),
    max: update("max"),
    apply: replace,
  };
}

/** What is written replaces elements in their dtype; what is combined with them meets them in the common one first. */
function updateAt(
  x: Tracer,
  index: readonly Index[],
  combine: Combine,
  values: ArrayLike,
  options: AtOptions | undefined,
): Tracer {
  const plan = planAt(x.shape, index, options);
  if (x.size === 0 || prod(plan.sizes) === 0) return ops.copy(x);
  if (combine === "set") return updateBy(plan, combine, x, convert(lift(values), x.dtype));
  const [old, given] = promoteDTypes([x, values]) as [Tracer, Tracer];
  const out = combine === "sub" ? updateBy(plan, "add", old, ops.neg(given)) : updateBy(plan, combine, old, given);
  return convert(out, x.dtype);
}

function updateBy(plan: IndexPlan, combine: Scattered, x: Tracer, given: Tracer): Tracer {
  if (plan.arrays.length === 0) {
    if (plan.steps.every((s) => s === 1)) return updateBlock(x, plan, combine, given);
  } else if (isWhole(plan, x.shape) && plan.outAxes.every((a) => a !== null))
    return updateRows(
      x,
      plan.arrays.map((a) => a.axis),
      plan.at,
      combine,
      given,
      ...plan.arrays.map((a) => a.index),
    );
  return updatePositions(x, plan, combine, given);
}

/** A contiguous block: written over in place of the old one. */
function updateBlock(x: Tracer, plan: IndexPlan, combine: Scattered, values: Tracer): Tracer {
  const shape = plan.outAxes.map((a) => (a === null ? 1 : plan.sizes[a]!));
  const block = ops.reshape(broadcastArray(values, shape), plan.sizes);
  let next = block;
  if (combine !== "set") {
    const old = ops.slice(
      x,
      plan.starts,
      plan.starts.map((s, i) => s + plan.sizes[i]!),
    );
    next = convert(COMBINE[combine](old, block), x.dtype);
  }
  if (prod(plan.sizes) === x.size) return next;
  return ops.dynamicUpdateSlice(
    x,
    next,
    plan.starts.map((s) => convert(lift(s), "int32")),
  );
}

const COMBINE = { add, mul: multiply, min: minimum, max: maximum } as const;

const scatterOf = (combine: Scattered) =>
  ({ set: ops.scatter, add: ops.scatterAdd, mul: ops.scatterMul, min: ops.scatterMin, max: ops.scatterMax })[combine];

/** Whole slices at index arrays: one scatter. */
const updateRows = /* @__PURE__ */ eagerProgram(function at(
  x: Tracer,
  axes: readonly number[],
  place: number,
  combine: Scattered,
  values: Tracer,
  ...given: readonly Tracer[]
): Tracer {
  const indices = allFromEnd(given, axes, x.shape);
  const batch = broadcastShapes("at", ...indices.map((i) => i.shape));
  const kept = x.shape.filter((_, i) => !axes.includes(i));
  const shape = [...kept.slice(0, place), ...batch, ...kept.slice(place)];
  return scatterOf(combine)(
    x,
    stackLast(indices, batch),
    broadcastArray(values, shape),
    {
      updateWindowDims: kept.map((_, i) => (i < place ? i : i + batch.length)),
      insertedWindowDims: [...axes].sort((a, b) => a - b),
      scatterDimsToOperandDims: axes,
      operandBatchingDims: [],
      scatterIndicesBatchingDims: [],
    },
    "fill",
  );
});

/** Any index: the flat position of each element named, then a scatter into the flattened array. */
function updatePositions(x: Tracer, plan: IndexPlan, combine: Scattered, values: Tracer): Tracer {
  const grid = ops.reshape(ops.iota("int32", [x.size], 0), x.shape);
  const view = viewOf(grid, plan);
  const axes = plan.arrays.map((a) => a.axis);
  const positions =
    axes.length === 0
      ? view
      : gatherAxes(
          view,
          axes,
          allFromEnd(
            plan.arrays.map((a) => a.index),
            axes,
            view.shape,
          ),
          plan.at,
          "fill",
          x.size,
        );
  const n = positions.size;
  const out = scatterOf(combine)(
    ops.reshape(x, [x.size]),
    ops.reshape(positions, [n, 1]),
    ops.reshape(broadcastArray(values, positions.shape), [n]),
    {
      updateWindowDims: [],
      insertedWindowDims: [0],
      scatterDimsToOperandDims: [0],
      operandBatchingDims: [],
      scatterIndicesBatchingDims: [],
    },
    "fill",
  );
  return ops.reshape(out, x.shape);
}
