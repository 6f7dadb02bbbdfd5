/**
 * x * y + z as one operation, where relaxed SIMD has it: half the work, and one rounding instead of two. XLA does the
 * same on the CPU. A product that something else needs too stays one, so x * x - x * x is 0.
 */
import type { LoopKernel } from "../../kernel/program";
import type { OpScalar, Scalar } from "../../kernel/scalar";
import { childrenOf, rootsOf, topological } from "./loop-analysis";

const isProduct = (s: Scalar): s is OpScalar => s.tag === "op" && s.op === "mul" && s.dtype === "float32";

/** How often each value is an operand, or stored, or reduced. */
function usesOf(roots: readonly Scalar[]): Map<Scalar, number> {
  const uses = new Map<Scalar, number>();
  const use = (s: Scalar): void => void uses.set(s, (uses.get(s) ?? 0) + 1);
  for (const s of topological(roots)) childrenOf(s).forEach(use);
  roots.forEach(use);
  return uses;
}

/** The kernel with sums of a product and something as `fma`. */
export function withMultiplyAdd(kernel: LoopKernel): LoopKernel {
  const roots = rootsOf(kernel);
  const uses = usesOf(roots);
  const memo = new Map<Scalar, Scalar>();
  const of = (s: Scalar): Scalar => memo.get(s)!;
  for (const s of topological(roots)) memo.set(s, rewritten(s, uses, of));
  return {
    ...kernel,
    stages: kernel.stages.map((stage) => ({
      ...stage,
      reductions: stage.reductions.map((r) => ({ ...r, value: of(r.value) })),
      stores: stage.stores.map((x) => ({ ...x, index: of(x.index), value: of(x.value) })),
    })),
  };
}

function rewritten(s: Scalar, uses: ReadonlyMap<Scalar, number>, of: (s: Scalar) => Scalar): Scalar {
  if (s.tag === "load") {
    const [index, guard] = [of(s.index), s.guard === null ? null : of(s.guard)];
    return index === s.index && guard === s.guard ? s : { ...s, index, guard };
  }
  if (s.tag !== "op") return s;
  if (s.op === "add" && s.dtype === "float32") {
    const product = s.args.findLast((a): a is OpScalar => isProduct(a) && uses.get(a) === 1);
    if (product !== undefined) {
      const other = s.args.find((a) => a !== product)!;
      return { ...s, op: "fma", args: [...product.args, other].map(of) };
    }
  }
  const args = s.args.map(of);
  return args.every((a, i) => a === s.args[i]) ? s : { ...s, args };
}
