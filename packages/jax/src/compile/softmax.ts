/**
 * What only softmax allows, e = exp(x - max x) / sum e over a row, after `keepValues` left the exponentials in the
 * result's memory. The division becomes a product, with one division a row: a result is rounded twice, but 1 stays 1,
 * as its sum is 1. And the maximum need not find NaNs: with one, the sum is NaN, and so is all of the row.
 */
import { type ScalarBuilder, topological } from "../kernel/build";
import type { LoopKernel, Reduction, Stage } from "../kernel/program";
import type { OpScalar, ReducedScalar, Scalar } from "../kernel/scalar";
import { replaceNode, sameSizes, substitution } from "./keep-values";

export function simplifySoftmax(builder: ScalarBuilder, kernel: LoopKernel): LoopKernel {
  const { stages } = kernel;
  const last = stages.at(-1)!;
  const at = stages.findIndex((s) => s !== last && s.stores.length === 1);
  if (at < 0 || last.stores.length !== 1) return kernel;
  const [store] = last.stores as [Stage["stores"][number]];
  const { buffer, value: kept } = stages[at]!.stores[0]!;
  const difference = kept.tag === "op" && kept.op === "exp" ? kept.args[0]! : kept;
  if (store.buffer !== buffer || !isDifference(difference)) return kernel;
  const [x, max] = difference.args;
  const sum = stages[at]!.reductions.findIndex((r) => r.op === "add" && r.value === kept);
  const quotient = topological([store.value]).find(
    (s): s is OpScalar =>
      s.tag === "op" && s.op === "div" && isLoad(s.args[0]!, buffer) && isReduced(s.args[1]!, at, sum),
  );
  if (quotient === undefined) return kernel;
  const [e, total] = quotient.args as [Scalar, Scalar];
  const inverse = builder.op("div", [builder.const(1, total.dtype), total], total.dtype);
  const value = replaceNode(builder, store.value, quotient, builder.op("mul", [e, inverse], total.dtype));
  const out = [...stages.slice(0, -1), { ...last, stores: [{ ...store, value }] }];

  const first = stages[max.stage]!;
  const greatest = first.reductions[max.slot]!;
  const overSame = sameSizes(first, stages[at]!) && substitution(builder, first, stages[at]!)(greatest.value) === x;
  const rest = replaceNode(builder, store.value, quotient, total);
  const others = [rest, ...stages.flatMap((s) => s.reductions.map((r) => r.value))];
  const alone = [...users(others, max)].every((s) => s === difference) && users([rest], e).size === 0;
  if (greatest.op !== "max" || !overSame || !alone) return { ...kernel, stages: out };
  const reductions = first.reductions.map((r): Reduction => (r === greatest ? { ...r, skipsNaN: true } : r));
  return { ...kernel, stages: out.map((s) => (s === first ? { ...s, reductions } : s)) };
}

const isDifference = (s: Scalar): s is OpScalar & { readonly args: readonly [Scalar, ReducedScalar] } =>
  s.tag === "op" && s.op === "sub" && s.args[1]!.tag === "reduced";
const isLoad = (s: Scalar, buffer: number): boolean => s.tag === "load" && s.buffer === buffer;
const isReduced = (s: Scalar, stage: number, slot: number): boolean =>
  s.tag === "reduced" && s.stage === stage && s.slot === slot;

/** Operations under `roots` that have `x` as an argument. */
const users = (roots: readonly Scalar[], x: Scalar): Set<Scalar> =>
  new Set(topological(roots).filter((s) => s.tag === "op" && s.args.includes(x)));
