/** What `x.at(index)` does with indices out of range: the options of its methods. */
import { checkOptionNames } from "../base/option-names";
import type { AtOptions } from "../core/fluent";
import { Tracer } from "../core/tracer";
import * as ops from "../ops/index";
import { allFromEnd, fromEnd, gatherAxes, indexArray } from "./gather";
import { type Index, type IndexPlan, planIndex, viewOf } from "./index-plan";
import { defaultFill, getIndex } from "./indexing";
import { constantLike, own } from "./lift";
import { owned } from "./owned";

const OPTIONS = ["mode", "fillValue", "wrapNegativeIndices", "uniqueIndices", "indicesAreSorted"];
const MODES = ["fill", "drop", "clip", "promise_in_bounds"];

/** The plan of an index; its arrays name the elements that the options say. */
export function planAt(shape: readonly number[], index: readonly Index[], options: AtOptions | undefined): IndexPlan {
  if (options === undefined) return planIndex(shape, index);
  checkOptionNames(options, OPTIONS, "at");
  const { mode, wrapNegativeIndices = true } = options;
  if (mode === undefined && wrapNegativeIndices) return planIndex(shape, index);
  if (mode !== undefined && !MODES.includes(mode))
    throw new TypeError(`at: unknown mode ${JSON.stringify(mode)}; expected one of ${MODES.join(", ")}`);
  const plan = planIndex(shape, mode === undefined ? index : numbersAsArrays(shape, index));
  const sizes = plan.outAxes.map((a) => (a === null ? 1 : plan.sizes[a]!));
  const arrays = plan.arrays.map(({ axis, index }) => {
    const n = constantLike(index, sizes[axis]!);
    const zero = constantLike(index, 0);
    let at = wrapNegativeIndices ? fromEnd(index, sizes[axis]!) : index;
    if (mode === "clip" || mode === "promise_in_bounds") at = ops.clamp(zero, at, ops.sub(n, constantLike(index, 1)));
    // What is still negative would be counted from the end later.
    return { axis, index: ops.where(ops.lt(at, zero), n, at) };
  });
  return { ...plan, arrays };
}

/** A number out of range is an error, but not where it was said what then to do. */
function numbersAsArrays(shape: readonly number[], index: readonly Index[]): readonly Index[] {
  if (index.some((part) => part === "..." || part === null || part instanceof Tracer)) return index;
  return index.map((part, axis) =>
    typeof part === "number" && (part >= shape[axis]! || part < -shape[axis]!) ? indexArray("at", part) : part,
  );
}

/** The elements at an index: as `slice`, or what the options say for those out of range. */
export function getAt(x: Tracer, index: readonly Index[], options: AtOptions | undefined): Tracer {
  if (options === undefined) return getIndex(x, ...index);
  return owned(() => {
    const plan = planAt(x.shape, index, options);
    const view = viewOf(x, plan);
    if (plan.arrays.length === 0) return own(view, x);
    const axes = plan.arrays.map((a) => a.axis);
    const indices = allFromEnd(
      plan.arrays.map((a) => a.index),
      axes,
      view.shape,
    );
    if (options.mode !== "fill" && options.mode !== "drop") return gatherAxes(view, axes, indices, plan.at, "clip");
    return gatherAxes(view, axes, indices, plan.at, "fill", options.fillValue ?? defaultFill(x));
  });
}
