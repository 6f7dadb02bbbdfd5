/**
 * Long chains of operations in two passes. A processor overlaps the work of neighbouring elements only as far as it
 * looks ahead (some hundred instructions): a chain longer than that runs at its latency. Where a chain has a waist, one
 * value through which all goes that varies (random bits become a uniform number, that a normal one), a block is computed
 * up to there, left in the result's memory, and finished from there while it is in the cache.
 */
import type { LoopKernel } from "../../kernel/program";
import type { Scalar } from "../../kernel/scalar";
import type { ScalarOp } from "../../kernel/scalar-op";
import { childrenOf } from "./loop-analysis";

/** Operations that are many instructions, roughly. */
const COSTLY: ReadonlySet<ScalarOp> = /* @__PURE__ */ new Set<ScalarOp>([
  "exp", "exp2", "expm1", "log", "log2", "log1p", "sin", "cos", "tan", "asin", "acos", "atan", "atan2", "sinh", "cosh",
  "tanh", "asinh", "acosh", "atanh", "erf", "erfc", "erf_inv", "pow", "logistic", "cbrt", "lgamma", "digamma",
]); // prettier-ignore
const COST = 30;

/** Operations below the waist and above it that are worth two passes. */
const MIN_BELOW = 80;
const MIN_ABOVE = 25;
/** Elements of a block: what it leaves fits the L1 cache beside everything else. */
const BLOCKS: readonly number[] = [1024, 2048, 512, 768, 1000, 1536, 256];
const MIN_BLOCKS = 4;

/** The kernel in two stages over blocks, or as it is. */
export function inTwoPasses(kernel: LoopKernel): LoopKernel {
  const [stage] = kernel.stages;
  const [axis] = kernel.axes;
  if (kernel.axes.length !== 1 || axis!.sizeParam !== undefined) return kernel;
  if (kernel.stages.length !== 1 || stage!.axes.length > 0 || stage!.reductions.length > 0) return kernel;
  const [store] = stage!.stores;
  if (stage!.stores.length !== 1 || store!.index.tag !== "axis") return kernel;
  const block = BLOCKS.find((n) => axis!.size % n === 0 && axis!.size >= MIN_BLOCKS * n);
  const waist = block === undefined ? null : findWaist(store!.value);
  if (block === undefined || waist === null) return kernel;

  const row = { id: 0, size: axis!.size / block };
  const stages = [1, 2].map((id) => {
    const point = pointOf(row, { id, size: block });
    const loaded: Scalar = { tag: "load", dtype: waist.dtype, buffer: store!.buffer, index: point, guard: null };
    const value = id === 1 ? substitute(waist, point, null) : substitute(store!.value, point, [waist, loaded]);
    return { axes: [{ id, size: block }], reductions: [], stores: [{ buffer: store!.buffer, index: point, value }] };
  });
  return { kind: "loop", axes: [row], stages };
}

/** Number of the element in a column of a row. */
function pointOf(row: { id: number; size: number }, column: { id: number; size: number }): Scalar {
  const axis = ({ id, size }: { id: number; size: number }): Scalar => ({
    tag: "axis",
    dtype: "int32",
    axis: id,
    size,
  });
  const int = (op: "add" | "mul", ...args: Scalar[]): Scalar => ({ tag: "op", dtype: "int32", op, args });
  return int("add", int("mul", axis(row), { tag: "const", dtype: "int32", value: column.size }), axis(column));
}

/** The value with its axis replaced by `point`, and one node by another. */
function substitute(root: Scalar, point: Scalar, replaced: readonly [Scalar, Scalar] | null): Scalar {
  const memo = new Map<Scalar, Scalar>(replaced === null ? [] : [replaced]);
  const visit = (s: Scalar): Scalar => {
    let out = memo.get(s);
    if (out === undefined) {
      if (s.tag === "axis") out = point;
      else if (s.tag === "op") out = { ...s, args: s.args.map(visit) };
      else out = s;
      memo.set(s, out);
    }
    return out;
  };
  return visit(root);
}

/** Operands before users. */
function orderOf(root: Scalar): Scalar[] {
  const order: Scalar[] = [];
  const seen = new Set<Scalar>();
  const visit = (s: Scalar): void => {
    if (seen.has(s)) return;
    seen.add(s);
    childrenOf(s).forEach(visit);
    order.push(s);
  };
  visit(root);
  return order;
}

const costOf = (order: readonly Scalar[]): number =>
  order.reduce((sum, s) => sum + (s.tag !== "op" ? 0 : COSTLY.has(s.op) ? COST : 1), 0);

/** The highest value of the result's dtype through which all goes that varies, with enough work on both sides. */
function findWaist(root: Scalar): Scalar | null {
  const order = orderOf(root);
  const varying = new Set<Scalar>();
  for (const s of order) {
    if (s.tag === "axis" || childrenOf(s).some((a) => varying.has(a))) varying.add(s);
    // What is loaded from changing places may lie in the result's memory.
    if (s.tag === "load" && varying.has(s)) return null;
  }
  const total = costOf(order);
  for (let s = root; s.tag === "op";) {
    const below = costOf(orderOf(s));
    if (below < MIN_BELOW) return null;
    if (s !== root && s.dtype === root.dtype && total - below >= MIN_ABOVE) return s;
    const [next, ...others] = s.args.filter((a) => varying.has(a));
    if (next === undefined || others.length > 0) return null;
    s = next;
  }
  return null;
}
