/**
 * Softmax in one pass of exp instead of two: where the last stage of a kernel computes again what an earlier reduction over
 * the same elements has computed, and that is costly, the first that does leaves it in the result's memory.
 */
import type { ScalarBuilder } from "../kernel/build";
import { topological } from "../kernel/build";
import type { LoopKernel, Stage } from "../kernel/program";
import type { Scalar } from "../kernel/scalar";
import type { DType } from "../aval/dtype";
import { isCostly } from "./graph";
import { rebuild } from "../kernel/rebuild";

/** The kernel with such a value kept, or as it is. */
export function keepValues(builder: ScalarBuilder, kernel: LoopKernel, dtypeOf: (buffer: number) => DType): LoopKernel {
  const { stages } = kernel;
  const last = stages[stages.length - 1]!;
  if (stages.length < 2 || last.stores.length !== 1) return kernel;
  const store = last.stores[0]!;
  const wanted = new Set(topological([store.value]));
  let best: Kept | null = null;
  let most = 0;
  for (const stage of stages.slice(0, -1).reverse()) {
    if (!sameSizes(stage, last)) continue;
    const toLast = substitution(builder, stage, last);
    // Largest first: operands come before their users.
    for (const value of topological(valuesOf(stage)).reverse()) {
      if (value.dtype !== dtypeOf(store.buffer)) continue;
      const cost = costlyIn(value);
      if (cost === 0 || !wanted.has(toLast(value))) continue;
      const kept = knownIn(builder, kernel, stage, value);
      const saved = cost * kept.filter((k) => k !== null).length;
      if (saved > most) [best, most] = [kept, saved];
    }
  }
  return best === null ? kernel : keep(builder, kernel, best);
}

/** What a value is in each stage that computes it. */
type Kept = readonly (Scalar | null)[];

const valuesOf = (s: Stage): Scalar[] => s.reductions.map((r) => r.value);
const costlyIn = (s: Scalar): number => topological([s]).filter((t) => t.tag === "op" && isCostly(t.op)).length;

function knownIn(builder: ScalarBuilder, { stages }: LoopKernel, stage: Stage, value: Scalar): Kept {
  return stages.map((s) => {
    if (!sameSizes(s, stage)) return null;
    const here = substitution(builder, stage, s)(value);
    return topological([...valuesOf(s), ...s.stores.map((t) => t.value)]).includes(here) ? here : null;
  });
}

/** The first stage that computes it writes it to the memory of the result, from which the others read it. */
function keep(builder: ScalarBuilder, kernel: LoopKernel, kept: Kept): LoopKernel {
  const { stages } = kernel;
  const last = stages[stages.length - 1]!;
  const { buffer, index } = last.stores[0]!;
  const first = kept.findIndex((value) => value !== null);
  return {
    ...kernel,
    stages: stages.map((s, i): Stage => {
      const value = kept[i]!;
      if (value === null) return s;
      const at = substitution(builder, last, s)(index);
      if (i === first) return { ...s, stores: [{ buffer, index: at, value }] };
      const load = builder.load(buffer, at, null, value.dtype);
      const read = <T extends { value: Scalar }>(of: T): T => ({
        ...of,
        value: replaceNode(builder, of.value, value, load),
      });
      return { ...s, reductions: s.reductions.map(read), stores: s.stores.map(read) };
    }),
  };
}

/** True if two stages run over the same elements. */
export const sameSizes = (a: Stage, b: Stage): boolean =>
  a.axes.length > 0 && a.axes.length === b.axes.length && a.axes.every((axis, k) => axis.size === b.axes[k]!.size);

/** Axes of one stage replaced by those of another. */
export function substitution(builder: ScalarBuilder, from: Stage, to: Stage): (s: Scalar) => Scalar {
  const axes = new Map(from.axes.map((a, k) => [a.id, to.axes[k]!]));
  return (root) => {
    const memo = new Map<Scalar, Scalar>();
    for (const s of topological([root])) {
      const leaf = (t: Scalar): Scalar | null => {
        const axis = t.tag === "axis" ? axes.get(t.axis) : undefined;
        return axis === undefined ? null : builder.axis(axis.id, axis.size);
      };
      memo.set(s, rebuild(builder, s, memo, leaf));
    }
    return memo.get(root)!;
  };
}

/** A value with one node in it replaced. */
export function replaceNode(builder: ScalarBuilder, root: Scalar, node: Scalar, by: Scalar): Scalar {
  const memo = new Map<Scalar, Scalar>();
  for (const s of topological([root])) memo.set(s, s === node ? by : rebuild(builder, s, memo, () => null));
  return memo.get(root)!;
}
