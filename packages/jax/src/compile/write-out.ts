/**
 * Reductions of few terms of something padded, as pooling has them, written out: neighbouring results read neighbouring
 * elements, and most results none of the padding, which a loop over a handful of terms would ask for every term.
 */
import { isFloat } from "../aval/dtype";
import { prod } from "../base/list";
import { ScalarBuilder, topological } from "../kernel/build";
import type { Axis, LoopKernel, Reduction, Stage } from "../kernel/program";
import type { Scalar } from "../kernel/scalar";
import type { ScalarOp } from "../kernel/scalar-op";
import { importer, rebuild } from "../kernel/rebuild";

/** More terms than this are a loop. */
const MAX_TERMS = 32;
/** Operations of all terms together. */
const MAX_OPS = 600;
/** Rows of results shorter than this leave lanes idle; rows of sums of products are short ones more often. */
const MIN_ROW = 8;
const MIN_ROW_OF_PRODUCTS = 4;
/** Elements for neighbouring results that are further apart are better reduced where they are. */
const MAX_STEP = 2;

const COMBINE: Partial<Record<Reduction["op"], ScalarOp>> = { add: "add", mul: "mul", max: "max", min: "min", and: "and", or: "or" }; // prettier-ignore

/** Whether reductions are better written out than done as loops. */
export function areWrittenOut(builder: ScalarBuilder, { axes, stages }: LoopKernel): boolean {
  const row = axes.findLast((a) => a.size > 1);
  if (stages.length < 2 || stages.at(-1)!.axes.some((a) => a.size > 1)) return false;
  if (row === undefined) return false;
  return stages.slice(0, -1).every((s) => isSmall(builder, s, row));
}

/** Sums over windows with weights. */
const areProducts = ({ reductions }: Stage): boolean =>
  reductions.every(({ op, value }) => op === "add" && value.tag === "op" && value.op === "mul");

/** The kernel without its reductions. */
export function writeOutReductions(kernel: LoopKernel): LoopKernel {
  const builder = new ScalarBuilder();
  const imported = importer(builder);
  const stages = kernel.stages.slice(0, -1);
  const last = kernel.stages.at(-1)!;
  const done: Scalar[][] = [];
  const finished = (root: Scalar, at: ReadonlyMap<number, number>): Scalar => {
    const memo = new Map<Scalar, Scalar>();
    const replace = (leaf: Scalar): Scalar | null => {
      if (leaf.tag === "reduced") return done[leaf.stage]![leaf.slot]!;
      const value = leaf.tag === "axis" ? at.get(leaf.axis) : undefined;
      return value === undefined ? null : builder.int(value);
    };
    const own = imported(root);
    for (const s of topological([own])) memo.set(s, rebuild(builder, s, memo, replace));
    return memo.get(own)!;
  };
  for (const { axes, reductions } of stages) {
    const points = pointsOf(axes);
    done.push(
      reductions.map(({ op, value }) => {
        const terms = points.map((at) => finished(value, at));
        const combine = COMBINE[op];
        if (combine === undefined) return placeOfExtreme(builder, op === "argmax", terms);
        return terms.reduce((all, term) => builder.op(combine, [all, term], value.dtype));
      }),
    );
  }
  const nowhere = new Map<number, number>();
  const stores = last.stores.map((s) => ({ ...s, index: imported(s.index), value: finished(s.value, nowhere) }));
  return { ...kernel, stages: [{ axes: [], reductions: [], stores }], inStages: kernel.stages };
}

/** The number of the first greatest or least term; a NaN is greater and less than all numbers. */
function placeOfExtreme(b: ScalarBuilder, greatest: boolean, terms: readonly Scalar[]): Scalar {
  let [best, place] = [terms[0]!, b.int(0) as Scalar];
  const { dtype } = best;
  for (const [i, x] of terms.entries()) {
    if (i === 0) continue;
    const beyond = b.op("lt", greatest ? [best, x] : [x, best], "bool");
    const isNew = isFloat(dtype)
      ? b.op(
          "or",
          [beyond, b.op("and", [b.op("ne", [x, x], "bool"), b.op("eq", [best, best], "bool")], "bool")],
          "bool",
        )
      : beyond;
    best = b.op("select", [isNew, x, best], dtype);
    place = b.op("select", [isNew, b.int(i), place], "int32");
  }
  return place;
}

function isSmall(builder: ScalarBuilder, stage: Stage, row: Axis): boolean {
  const { axes, reductions, stores } = stage;
  const terms = prod(axes.map((a) => a.size));
  const products = areProducts(stage);
  if (row.size < (products ? MIN_ROW_OF_PRODUCTS : MIN_ROW)) return false;
  if (terms < 2 || terms > MAX_TERMS || stores.length > 0) return false;
  const nodes = topological(reductions.map((r) => r.value));
  if (terms * nodes.filter((s) => s.tag === "op" && s.dtype !== "int32").length > MAX_OPS) return false;
  let [moves, padded] = [false, false];
  for (const s of nodes) {
    if (s.tag !== "load") continue;
    const step = stepOf(builder, s.index, row);
    if (step === null || step < 0 || step > MAX_STEP) return false;
    moves ||= step > 0;
    padded ||= s.guard !== null;
  }
  return moves && (padded || products);
}

/** How far an address moves along an axis; null if that is not one distance. */
function stepOf(builder: ScalarBuilder, index: Scalar, { id }: Axis): number | null {
  let step = 0;
  for (const [term, factor] of builder.linearOf(index).terms) {
    if (term.tag === "axis") step += term.axis === id ? factor : 0;
    else if (topological([term]).some((s) => s.tag === "axis" && s.axis === id)) return null;
  }
  return step;
}

/** The values of axes at all points of their loops, in order. */
function pointsOf(axes: readonly Axis[]): Map<number, number>[] {
  return axes.reduce<Map<number, number>[]>(
    (points, { id, size }) => points.flatMap((at) => Array.from({ length: size }, (_, i) => new Map(at).set(id, i))),
    [new Map<number, number>()],
  );
}
