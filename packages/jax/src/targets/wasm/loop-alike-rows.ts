/**
 * Windows over pixels whose channels lie along (depthwise convolutions, pooling, stencils): each element is read for
 * several neighbours, and weights for all of them. Four rows of a map are computed side by side, instead of four vectors
 * of one, where that reads much less.
 */
import { ScalarBuilder } from "../../kernel/build";
import type { LoopKernel, Store } from "../../kernel/program";
import { importer } from "../../kernel/rebuild";
import type { Scalar } from "../../kernel/scalar";
import { loadsOf } from "./loop-analysis";
import { type MapLoop, isMap, nodesOf, part, placed } from "./loop-pieces";

const ROWS = 4;
/** Loads of one point from which on there is something to share, and the part of them that is left at most. */
const [LEAST_LOADS, MOST_LEFT] = [8, 0.7];
const LEAST_COLUMNS = 8;
const SIMPLE = /^(add|sub|mul|fma|max|min|neg|abs)$/;

/** The kernel by groups of rows and what is left of them, or as it is. */
export function inAlikeRows(kernel: LoopKernel): readonly LoopKernel[] {
  const { axes, stages } = kernel;
  const [rows, columns] = [axes.at(-2), axes.at(-1)];
  if (rows === undefined || !isMap(kernel) || axes.some((a) => a.sizeParam !== undefined)) return [kernel];
  if (stages[0]!.stores.length > 1 || rows.size < 2 * ROWS || columns!.size < LEAST_COLUMNS || columns!.size % 4 > 0)
    return [kernel];
  if (loadsOf(stages[0]!.stores.map((s) => s.value)).length < LEAST_LOADS) return [kernel];
  const b = new ScalarBuilder();
  const imported = importer(b);
  const stores = stages[0]!.stores.map((s): Store => ({ ...s, index: imported(s.index), value: imported(s.value) }));
  const whole: MapLoop = { axes, stores };
  const written = stores[0]!.buffer;
  const isPlain = (s: Scalar): boolean =>
    s.dtype === "int32" ||
    (s.tag === "op" ? SIMPLE.test(s.op) : s.tag !== "load" || (s.guard === null && s.buffer !== written));
  if (!nodesOf(whole).every(isPlain)) return [kernel];
  const left = rows.size % ROWS;
  const main = left === 0 ? whole : part(b, whole, rows, 0, rows.size - left);
  const groups = { ...rows, size: (rows.size - left) / ROWS };
  const versions = Array.from({ length: ROWS }, (_, r) =>
    placed(b, main.stores, new Map([[rows.id, b.dot([b.axis(groups.id, groups.size)], [ROWS], r)]])),
  ).flat();
  const count = (of: readonly Store[]): number => new Set(loadsOf(of.map((s) => s.value))).size;
  if (count(versions) > MOST_LEFT * ROWS * count(stores)) return [kernel];
  const grouped: LoopKernel = {
    kind: "loop",
    axes: axes.map((a) => (a.id === rows.id ? groups : a)),
    stages: [{ axes: [], reductions: [], stores: versions, areAlike: true }],
  };
  if (left === 0) return [grouped];
  const rest = part(b, whole, rows, rows.size - left, rows.size);
  return [grouped, { kind: "loop", axes: rest.axes, stages: [{ axes: [], reductions: [], stores: rest.stores }] }];
}
