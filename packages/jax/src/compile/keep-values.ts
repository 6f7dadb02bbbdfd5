/**
 * Softmax in two passes of exp instead of three: where the last stage of a kernel computes again what an earlier
 * reduction over the same elements has computed, and that is costly, the earlier stage leaves it in the result's memory.
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
  for (let i = stages.length - 2; i >= 0; i--) {
    const stage = stages[i]!;
    if (!sameSizes(stage, last)) continue;
    const toLast = substitution(builder, stage, last);
    const toStage = substitution(builder, last, stage);
    for (const { value } of stage.reductions) {
      // Largest first: operands come before their users.
      for (const kept of topological([value]).reverse()) {
        if (kept.dtype !== dtypeOf(store.buffer) || !holdsCostly(kept)) continue;
        const again = toLast(kept);
        if (!wanted.has(again)) continue;
        const load = builder.load(store.buffer, store.index, null, kept.dtype);
        const replaced = replaceNode(builder, store.value, again, load);
        const early: Stage = { ...stage, stores: [{ buffer: store.buffer, index: toStage(store.index), value: kept }] };
        const late: Stage = { ...last, stores: [{ ...store, value: replaced }] };
        return { ...kernel, stages: [...stages.slice(0, i), early, ...stages.slice(i + 1, -1), late] };
      }
    }
  }
  return kernel;
}

const holdsCostly = (s: Scalar): boolean => topological([s]).some((t) => t.tag === "op" && isCostly(t.op));

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
