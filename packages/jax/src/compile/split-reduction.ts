/**
 * Long reductions in blocks, with borders that follow from shapes alone: each block's value goes to memory, and a second
 * kernel combines them. Threads (or workgroups) share the blocks, and results are the same for any number of them.
 * Columns are cut into few rows at a time: whole rows are then read one after the other, a handful of linear streams,
 * where walking down one column after the other waits for memory at every step.
 */
import { contiguousStrides, prod } from "../base/list";
import type { DType } from "../aval/dtype";
import { ScalarBuilder, topological } from "../kernel/build";
import type { Axis, LoopKernel, Reduction, Stage, Store } from "../kernel/program";
import type { Scalar } from "../kernel/scalar";
import type { ReduceOp } from "../kernel/scalar-op";
import { collapseAxes } from "./collapse";
import { importer, replacer } from "../kernel/rebuild";

/** Elements from which on the second kernel is nothing beside the first. */
const LEAST_SIZE = 2 ** 17;
/** Results from which on threads have enough to share. */
const ENOUGH_POINTS = 8;
/** Elements that are reduced for each value of a block that is one step of an outer axis. */
const LEAST_RUN = 128;
const MOST_BLOCKS = 64;
const LEAST_BLOCK = 8192;
/**
 * Columns. Where a running value is one number that rows can be added to, blocks are rows of at least this width, narrow
 * ones taken together as one, since whole rows are what is read fastest.
 */
const [WIDE, TALL_BLOCK, SHORT_BLOCK, LEAST_STEPS] = [512, 128, 32, 16];
const RUNNING: ReadonlySet<ReduceOp> = /* @__PURE__ */ new Set<ReduceOp>(["add", "mul", "and", "or"]);
/** Others go down some columns at a time: as many rows as a processor follows at once, or as fit its L1 cache. */
const [VECTORS, LEAST_ROWS, MOST_ROWS, L1_ELEMENTS] = [16, 16, 256, 4096];

/** How an axis of a stage is cut: `blocks` of `size` steps, each of `fold` neighbours that are results of their own. */
interface Plan {
  readonly axis: Axis;
  readonly blocks: number;
  readonly size: number;
  readonly fold: number;
  /** Place of the blocks among the kernel's axes. */
  readonly at: number;
}

const isArg = ({ op }: Reduction): boolean => op === "argmax" || op === "argmin";

/** The kernels, with memory for the parts from `workspace`; the kernel alone where that is better. */
export function splitReductions(
  kernel: LoopKernel,
  workspace: (dtype: DType, length: number) => number,
): readonly LoopKernel[] {
  const { axes, stages } = kernel;
  const [stage, ...rest] = stages;
  const isPlain = stages.every((s, i) => (i === stages.length - 1 ? s.axes.length === 0 : s.stores.length === 0));
  if (stage === undefined || rest.length === 0 || !isPlain) return [kernel];
  if (prod([...axes, ...stage.axes].map((a) => a.size)) < LEAST_SIZE) return [kernel];
  const builder = new ScalarBuilder();
  const imported = importer(builder);
  const reductions = stage.reductions.map((r) => ({ ...r, value: imported(r.value) }));
  const plan = planOf(builder, axes, { ...stage, reductions });
  if (plan === null) return [kernel];

  let nextId = 1 + Math.max(...[...axes, ...stages.flatMap((s) => s.axes)].map((a) => a.id));
  const newAxis = (size: number): Axis => ({ id: nextId++, size });
  const scalarOf = ({ id, size }: Axis): Scalar => (size === 1 ? builder.int(0) : builder.axis(id, size));
  const { axis, blocks, size, fold, at } = plan;
  const done = blocks * size * fold;
  const nParts = blocks * fold + (done < axis.size ? 1 : 0);
  const before = axes.slice(0, at);
  const after = axes.slice(at);
  const layout = contiguousStrides([...before.map((a) => a.size), nParts, ...after.map((a) => a.size)]);
  const parts = reductions.map((r) => workspace(r.dtype, nParts * prod(axes.map((a) => a.size))));
  const indexOf = (part: Scalar): Scalar =>
    builder.dot([...before.map(scalarOf), part, ...after.map(scalarOf)], layout);
  const loaded = (slot: number, part: Scalar): Scalar =>
    builder.load(parts[slot]!, indexOf(part), null, reductions[slot]!.dtype);
  const along = (step: Scalar): ((s: Scalar) => Scalar) =>
    replacer(builder, (s) => (s.tag === "axis" && s.axis === axis.id ? step : null));

  /** Blocks of the axis: those of `pointAxes`, whose numbers make `part`, with steps from `first` on, `fold` apart. */
  const partial = (pointAxes: readonly Axis[], part: Scalar, first: Scalar, steps: Axis, apart: number): LoopKernel => {
    const value = along(builder.dot([first, scalarOf(steps)], [1, apart]));
    const stores = reductions.map((r, slot): Store => {
      const reduced = builder.reduced(0, slot, r.dtype);
      return {
        buffer: parts[slot]!,
        index: indexOf(part),
        value: isArg(r) ? builder.op("add", [reduced, first], "int32") : reduced,
      };
    });
    const own = stage.axes.map((a) => (a.id === axis.id ? steps : a));
    const reduce = { axes: own, reductions: reductions.map((r) => ({ ...r, value: value(r.value) })), stores: [] };
    const point = { axes: [], reductions: [], stores };
    return collapseAxes({ kind: "loop", axes: [...before, ...pointAxes, ...after], stages: [reduce, point] });
  };
  const [block, folded, step] = [newAxis(blocks), newAxis(fold), newAxis(size)];
  const numbers = [scalarOf(block), scalarOf(folded)];
  const main = partial(
    [block, folded],
    builder.dot(numbers, [fold, 1]),
    builder.dot(numbers, [size * fold, 1]),
    step,
    fold,
  );
  const tail =
    done === axis.size
      ? []
      : [partial([], builder.int(blocks * fold), builder.int(done), newAxis(axis.size - done), 1)];

  const part = newAxis(nParts);
  const combine: Stage = {
    axes: [part],
    reductions: reductions.map((r, slot) => {
      const value = loaded(slot, scalarOf(part));
      return { ...r, value: isArg(r) ? along(value)(r.value) : value };
    }),
    stores: [],
  };
  // What later stages read: the position of the greatest is in the block that has it.
  const result = (slot: number, dtype: DType): Scalar => {
    const reduced = builder.reduced(0, slot, dtype);
    return isArg(reductions[slot]!) ? loaded(slot, reduced) : reduced;
  };
  const combined = (later: readonly Stage[]): readonly LoopKernel[] =>
    splitReductions(collapseAxes({ kind: "loop", axes, stages: [combine, ...later] }), workspace);
  const rewritten = (replace: (slot: number, dtype: DType) => Scalar, down: number): Stage[] => {
    const get = replacer(builder, (s) => {
      if (s.tag !== "reduced") return null;
      return s.stage === 0 ? replace(s.slot, s.dtype) : builder.reduced(s.stage - down, s.slot, s.dtype);
    });
    const all = (s: Scalar): Scalar => get(imported(s));
    return rest.map((s) => ({
      axes: s.axes,
      reductions: s.reductions.map((r) => ({ ...r, value: all(r.value) })),
      stores: s.stores.map((x) => ({ ...x, index: all(x.index), value: all(x.value) })),
    }));
  };
  if (rest.length === 1) return [main, ...tail, ...combined(rewritten(result, 0))];
  // Stages in between read the finished values from memory.
  const point = builder.dot(axes.map(scalarOf), contiguousStrides(axes.map((a) => a.size)));
  const finished = reductions.map((r) => workspace(r.dtype, prod(axes.map((a) => a.size))));
  const stores = reductions.map((r, slot) => ({
    buffer: finished[slot]!,
    index: point,
    value: result(slot, r.dtype),
  }));
  const others = rewritten((slot, dtype) => builder.load(finished[slot]!, point, null, dtype), 1);
  return [
    main,
    ...tail,
    ...combined([{ axes: [], reductions: [], stores }]),
    ...splitReductions(collapseAxes({ kind: "loop", axes, stages: others }), workspace),
  ];
}

function planOf(builder: ScalarBuilder, axes: readonly Axis[], stage: Stage): Plan | null {
  const points = prod(axes.map((a) => a.size));
  const hasArg = stage.reductions.some(isArg);
  // Positions are along one axis; what is reduced over axes of one element has none left.
  if (stage.axes.length === 0 || (hasArg && stage.axes.length > 1)) return null;
  const axis = stage.axes.reduce((x, y) => (y.size > x.size ? y : x));
  const last = axes.at(-1);
  if (last !== undefined && isColumn(builder, stage, last)) {
    const isRunning = stage.reductions.every(({ op }) => RUNNING.has(op));
    const least = hasArg ? 1 : isRunning ? WIDE : VECTORS;
    const fold = last.size < least && isOneRow(builder, stage, axis, last) ? powerAbove(least / last.size) : 1;
    const width = fold * last.size;
    const height = Math.floor(axis.size / fold);
    const rows = hasArg
      ? TALL_BLOCK
      : isRunning && width >= WIDE
        ? height >= 4 * TALL_BLOCK
          ? TALL_BLOCK
          : Math.min(SHORT_BLOCK, powerBelow(height / 2))
        : Math.min(MOST_ROWS, Math.max(LEAST_ROWS, powerAbove(L1_ELEMENTS / width)));
    const blocks = Math.floor(height / rows);
    if (width >= 4 && blocks >= 2 && rows >= LEAST_STEPS)
      return { axis, blocks, size: rows, fold, at: axes.length - 1 };
  }
  const [first] = stage.axes as [Axis];
  const inner = prod(stage.axes.slice(1).map((a) => a.size));
  if (inner >= LEAST_RUN && points > 1 && isOutermost(builder, stage, first, axes)) {
    return { axis: first, blocks: first.size, size: 1, fold: 1, at: 0 };
  }
  if (points >= ENOUGH_POINTS) return null;
  const others = prod(stage.axes.map((a) => a.size)) / axis.size;
  const blocks = Math.min(Math.floor(MOST_BLOCKS / points), Math.floor((others * axis.size) / LEAST_BLOCK), axis.size);
  if (blocks < 2) return null;
  const even = Math.floor(axis.size / blocks);
  return { axis, blocks, size: even >= 64 ? even - (even % 16) : even, fold: 1, at: axes.length };
}

/** Memory is contiguous along `last`, and not along the stage. */
export function isColumn(builder: ScalarBuilder, stage: Stage, last: Axis): boolean {
  const inner = stage.axes.at(-1)!;
  const steps = factorsOf(builder, stage);
  const count = (axis: Axis): number => steps.filter((factors) => factors.get(axis.id) === 1).length;
  return count(last) > count(inner);
}

/** Steps along an axis of the stage are the longest: sums of all its points at once are read as they lie in memory. */
function isOutermost(builder: ScalarBuilder, stage: Stage, first: Axis, axes: readonly Axis[]): boolean {
  const steps = factorsOf(builder, stage).filter((f) => (f.get(first.id) ?? 0) !== 0);
  return axes.every(({ id }) => steps.every((f) => Math.abs(f.get(id) ?? 0) < Math.abs(f.get(first.id)!)));
}

/** Every address walks neighbouring rows as one. */
function isOneRow(builder: ScalarBuilder, stage: Stage, axis: Axis, last: Axis): boolean {
  const steps = factorsOf(builder, stage);
  const all = topological(stage.reductions.map((r) => r.value));
  const isFree = all.every((s) => s.tag !== "load" || s.guard === null);
  return isFree && steps.every((f) => (f.get(axis.id) ?? 0) === last.size * (f.get(last.id) ?? 0));
}

const powerBelow = (x: number): number => 2 ** Math.floor(Math.log2(x));
const powerAbove = (x: number): number => 2 ** Math.ceil(Math.log2(x));

/** Factors of the axes in every address. */
function factorsOf(builder: ScalarBuilder, stage: Stage): ReadonlyMap<number, number>[] {
  return topological(stage.reductions.map((r) => r.value)).flatMap((s) => {
    if (s.tag !== "load") return [];
    const factors = new Map<number, number>();
    for (const [term, factor] of builder.linearOf(s.index).terms)
      if (term.tag === "axis") factors.set(term.axis, factor);
    return [factors];
  });
}
