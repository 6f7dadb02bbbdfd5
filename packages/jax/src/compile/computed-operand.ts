/**
 * Operands of contractions that are computed as they are read: weights of 8 or 16 bits are converted, quantized ones
 * scaled, a block at a time. In memory the converted operand would be written and read again at every call.
 */
import { computeDType } from "../aval/dtype";
import { contiguousStrides, pick, prod, range } from "../base/list";
import { ScalarBuilder, gcd, topological } from "../kernel/build";
import type { ContractExpr, Expr } from "../kernel/expr";
import { COMPUTED_AXES, type ComputedOperand } from "../kernel/program";
import type { Scalar } from "../kernel/scalar";
import { baseOf, hasOwnKernel, isCostly, operands, ownCost, sizeOf } from "./graph";
import { Inliner, type Memory, NotInline, unflatten } from "./inline";
import { replacer } from "../kernel/rebuild";

/** Elements of an operand from which on writing it down matters. */
const LEAST_SIZE = 4096;
/** Terms up to which a contraction may be a loop over its results (`window.ts`). */
const MOST_WINDOW_TERMS = 32;
/** Rows up to which an operand is small beside the other one. */
const FEW_ROWS = 4;
/** Simple operations of an element: threads may each compute it, or one anew for every thousand columns. */
const MOST_COST = 16;
/** The same where several kernels compute it. */
const MOST_SHARED_COST = 4;

const GROUPS = ["batch", "outer", "k"] as const;

/** Axes of an operand: of the batch, its own, and contracted ones. */
export type AxisGroups = readonly [batch: readonly number[], outer: readonly number[], k: readonly number[]];

/** Whether an operand is better computed than read. */
export function isWorthComputing(
  contract: ContractExpr,
  side: "lhs" | "rhs",
  isInMemory: (x: Expr) => boolean,
  users: ReadonlyMap<Expr, number>,
): boolean {
  const x = contract[side];
  const k = prod(pick(x.shape, contract[`${side}Contract`]));
  const rows = sizeOf(x) / (k * prod(pick(x.shape, contract[`${side}Batch`])));
  if (computeDType(x.dtype) !== x.dtype || x.dtype === "bool") return false;
  if (sizeOf(x) < LEAST_SIZE || k <= MOST_WINDOW_TERMS || rows <= FEW_ROWS) return false;
  const base = baseOf(x);
  // Elements that a view repeats (windows of a convolution) would be computed again and again.
  if (base.kind !== "scalar" || isInMemory(base) || sizeOf(base) < sizeOf(x)) return false;
  const cost = costOf(base, isInMemory);
  if (cost > MOST_COST) return false;
  for (let y = x; ; y = y.x) {
    if ((users.get(y) ?? 0) > 1 && cost > MOST_SHARED_COST) return false;
    if (y.kind !== "view") return true;
  }
}

/** Operations of an element; infinite where it is not elementwise work on what is in memory. */
function costOf(base: Expr, isInMemory: (x: Expr) => boolean): number {
  const seen = new Set<Expr>([base]);
  let cost = 0;
  for (const x of seen) {
    if (isInMemory(x)) {
      // The epilogue of another contraction computes it while its sums are in the cache.
      if (x.kind === "contract") return Infinity;
      continue;
    }
    if (hasOwnKernel(x) || x.kind === "reduce" || x.kind === "gather" || x.kind === "pad") return Infinity;
    if (x.kind === "scalar" && isCostly(x.op)) return Infinity;
    // What is repeated (scales of rows or blocks) is computed less often.
    cost += ownCost(x) * Math.min(1, sizeOf(x) / sizeOf(base));
    for (const o of operands(x)) seen.add(o);
  }
  return cost;
}

/** Strides of an array [batch, outer, k] with these axes. */
export function stridesOfNobody(shape: readonly number[], groups: AxisGroups): number[] {
  const axes = groups.flat();
  const dense = contiguousStrides(pick(shape, axes));
  return shape.map((_, axis) => dense[axes.indexOf(axis)]!);
}

/** The operand as an expression of its place. */
export function computedOperand(x: Expr, groups: AxisGroups, memoryOf: (x: Expr) => Memory | null): ComputedOperand {
  const b = new ScalarBuilder();
  const index = new Array<Scalar>(x.shape.length);
  groups.forEach((axes, i) => {
    const sizes = pick(x.shape, axes);
    const flat = prod(sizes) === 1 ? b.int(0) : b.axis(COMPUTED_AXES[GROUPS[i]!], prod(sizes));
    unflatten(b, flat, sizes).forEach((at, i) => (index[axes[i]!] = at));
  });
  const inliner = new Inliner({
    builder: b,
    memoryOf,
    reduction: (reduce) => {
      throw new NotInline(reduce, "reduction in an operand of a contraction");
    },
  });
  const value = inliner.at(x, index);
  const depth = prod(pick(x.shape, groups[2]));
  const whole = { values: [value], run: depth, step: 1, turn: depth };
  const runs = splitRuns(b, value, depth) ?? whole;
  const along = contiguousAxis(b, runs.values[0]!);
  const computed = { along, ...(along === "k" ? runs : whole) };
  const lanes = along === "k" ? COMPUTED_AXES.k : COMPUTED_AXES.outer;
  if (computed.values.some((v) => topological([v]).some((s) => divisorOf(s, lanes) !== null)))
    throw new NotInline(baseOf(x), "operand of a contraction, at places of divisions");
  return computed;
}

/** Numbers up to so many in one byte or word are values of their own. */
const MOST_VALUES = 8;
const LEAST_RUN = 8;
/** Blocks of all k are multiples of those that divide this. */
const MOST_BLOCK = 128;

/**
 * Values of blocks along k, and of several numbers in one byte, hold divisions of k, which SIMD has not. As values at
 * places of runs they have none; null where there are none to begin with, or no runs.
 */
function splitRuns(b: ScalarBuilder, value: Scalar, depth: number): Omit<ComputedOperand, "along"> | null {
  const divisors = [...new Set(topological([value]).flatMap((s) => divisorOf(s, COMPUTED_AXES.k) ?? []))].sort(
    (x, y) => x - y,
  );
  if (divisors.length === 0) return null;
  const [least, next = depth] = divisors as [number, number?];
  if (next % least !== 0 || depth % next !== 0) return null;
  const takeTurns = least <= MOST_VALUES;
  // Pieces of a concatenation: runs of their own.
  const piece = takeTurns
    ? 1
    : topological([value])
        .map(boundOf)
        .reduce<number>((g, at) => gcd(g, at), least);
  const run = takeTurns ? next / least : piece;
  const count = takeTurns ? least : least / piece;
  if (run < LEAST_RUN || count > MOST_VALUES || (!takeTurns && MOST_BLOCK % least !== 0)) return null;
  const [step, turn] = takeTurns ? [count, 1] : [1, run];
  const nRuns = depth / (run * count);
  const place = [nRuns === 1 ? b.int(0) : b.axis(COMPUTED_AXES.run, nRuns), b.axis(COMPUTED_AXES.k, run)];
  const values = range(count).map((i) => {
    const k = b.dot(place, [run * count, step], i * turn);
    return replacer(b, (s) => (s.tag === "axis" && s.axis === COMPUTED_AXES.k ? k : null))(value);
  });
  return { values, run, step, turn };
}

/** Where a comparison cuts k (or what is left of it), 0 for what is none. */
function boundOf(s: Scalar): number {
  if (s.tag !== "op" || (s.op !== "lt" && s.op !== "le")) return 0;
  const [x, bound] = s.args[1]!.tag === "const" ? s.args : [s.args[1]!, s.args[0]!];
  const isOfK = topological([x!]).some((y) => y.tag === "axis" && y.axis === COMPUTED_AXES.k);
  return isOfK && bound!.tag === "const" && x!.dtype === "int32" ? bound!.value : 0;
}

/** What an axis itself is divided by in a division; null for what is none. */
function divisorOf(s: Scalar, axis: number): number | null {
  const division = divisionOf(s);
  if (division === null || !topological([s]).some((y) => y.tag === "axis" && y.axis === axis)) return null;
  let divisor = division.by;
  for (let x = divisionOf(division.x); x !== null; x = divisionOf(x.x)) if (x.op === "div") divisor *= x.by;
  return divisor;
}

function divisionOf(s: Scalar): { readonly op: "div" | "rem"; readonly x: Scalar; readonly by: number } | null {
  if (s.tag !== "op" || s.dtype !== "int32" || (s.op !== "div" && s.op !== "rem")) return null;
  const [x, d] = s.args as [Scalar, Scalar];
  return d.tag === "const" && d.value > 0 ? { op: s.op, x, by: d.value } : null;
}

/** The axis, outer or k, along which most loads are of neighbours. */
function contiguousAxis(b: ScalarBuilder, value: Scalar): "outer" | "k" {
  const costs = { outer: 0, k: 0 };
  for (const s of topological([value])) {
    if (s.tag !== "load") continue;
    const { terms } = b.linearOf(s.index);
    const steps = [...terms].map(([term, factor]) => [term.tag === "axis" ? term.axis : -1, factor] as const);
    const others = topological([...terms.keys()].filter((term) => term.tag !== "axis"));
    (
      [
        ["outer", COMPUTED_AXES.outer],
        ["k", COMPUTED_AXES.k],
      ] as const
    ).forEach(([name, id]) => {
      const step = steps.find(([axis]) => axis === id)?.[1] ?? 0;
      const gathers = others.some((y) => y.tag === "axis" && y.axis === id);
      costs[name] += gathers ? 6 : step === 0 ? 0.5 : step === 1 ? 1 : 4;
    });
  }
  return costs.outer < costs.k ? "outer" : "k";
}
