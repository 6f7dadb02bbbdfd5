/** Decides which expressions get memory of their own: the cuts between kernels. */
import { isInteger } from "../aval/dtype";
import type { ContractExpr, Expr, PadExpr, ReduceExpr, ViewExpr } from "../kernel/expr";
import { affineOf } from "./affine-view";
import { isWorthComputing } from "./computed-operand";
import { decideTurned } from "./gathered-rows";
import { baseOf, hasOwnKernel, isCostly, operands, ownCost, sizeOf } from "./graph";
import { MemoryDecision } from "./memory-decision";
import { decideShared } from "./shared-values";

/**
 * Decides for all nodes. `order` has operands before users. `computesOperands`: contractions may compute operands as they
 * read them.
 */
export function decideMemory(
  order: readonly Expr[],
  outs: ReadonlySet<Expr>,
  inputStrides: readonly (readonly number[] | null)[],
  computesOperands: boolean,
): MemoryDecision {
  const memory = new MemoryDecision(inputStrides);
  const computing: ContractExpr[] = [];
  const turned = new Set(order.flatMap((x) => (x.kind === "view" && x.view.op === "permute" ? [x.x] : [])));
  const users = computesOperands ? userCounts(order) : new Map<Expr, number>();
  for (const x of order) {
    if (outs.has(x)) memory.add(x, "result");
    if (hasOwnKernel(x)) memory.add(x, x.kind === "project" ? x.of.kind : x.kind);
    if (x.kind === "contract") {
      const isComputed = (side: "lhs" | "rhs"): boolean =>
        computesOperands && isWorthComputing(x, side, (y) => memory.stridesOf(y) !== null, users);
      for (const side of ["lhs", "rhs"] as const) {
        if (isComputed(side)) computing.push(x);
        else memory.makeAffine(x[side], OPERAND);
      }
    } else {
      const plain =
        x.kind === "project"
          ? x.of.operands
          : x.kind === "cumulative"
            ? [x.x]
            : x.kind === "scatter"
              ? [x.operand]
              : [];
      for (const o of plain)
        if (o.kind !== "input") memory.add(o, `operand of ${x.kind === "project" ? x.of.kind : x.kind}`);
      if (x.kind === "reduce") decideWindows(x, memory, turned);
    }
  }
  decidePadded(order, memory);
  decideTurned(order, memory);
  decideHashed(order, memory);
  decideDeep(order, memory);
  decideShared(order, memory);
  decideWide(order, memory);
  // What is in memory after all is read from there.
  for (const { lhs, rhs } of computing) {
    for (const x of [lhs, rhs]) if (memory.has(baseOf(x))) memory.makeAffine(x, OPERAND);
  }
  return memory;
}

const OPERAND = "operand of a contraction";

/** How many nodes use each node. */
function userCounts(order: readonly Expr[]): Map<Expr, number> {
  const counts = new Map<Expr, number>();
  for (const x of order) for (const o of new Set(operands(x))) counts.set(o, (counts.get(o) ?? 0) + 1);
  return counts;
}

/** With fewer products than this for each element read or written, an image is left in the order it is in. */
const WORTH_TURNING = 3;

/**
 * Weighted windows slide along rows. What is computed is in memory before; an image whose rows do not lie along (channels
 * last) is turned, and its results are turned back.
 */
function decideWindows(x: ReduceExpr, memory: MemoryDecision, turned: ReadonlySet<Expr>): void {
  if (isPaddedWide(x)) memory.add(x.x.x, "padded, and read by many windows");
  const window = x.x.kind === "scalar" && x.x.op === "mul" ? x.x.args[0]! : x;
  if (window.kind !== "view" || window.view.op !== "window") return;
  let source = window.x;
  while (source.kind === "pad" || (source.kind === "view" && source.view.op === "slice")) source = source.x;
  const isTurned = source.kind === "view" && source.view.op === "permute";
  if (isTurned && turned.has(x) && sizeOf(x.x) < WORTH_TURNING * (sizeOf(source) + sizeOf(x)))
    return memory.makeAffine(source, WINDOWS);
  const copied = source.kind === "scalar" && source.args[0]!.kind === "input" ? source.args[0]! : source;
  if (affineOf(copied, memory.stridesOf)?.strides.at(-1) === 1) return;
  memory.add(source, WINDOWS);
  if (isTurned) memory.add(x, "windows along rows");
}

const WINDOWS = "windows slide over it";

/** Rows of fewer results than this, reads of each element, and results at a border: padding is asked for too often. */
const SHORT_ROW = 8;
const MANY_READS = 16;
const WIDE_BORDER = 4;

/** Windows that slide along rows of something padded, which is better written to memory than asked for by each window. */
function isPaddedWide(x: ReduceExpr): x is ReduceExpr & { readonly x: ViewExpr & { readonly x: PadExpr } } {
  if (x.x.kind !== "view" || x.x.view.op !== "window" || x.x.x.kind !== "pad") return false;
  const { view, x: padded } = x.x;
  const row = x.shape.at(-1)!;
  if (x.x.shape.at(-1) === 1 || row === 1 || baseOf(padded.x).kind === "constant") return false;
  if (row < SHORT_ROW || sizeOf(x.x) >= MANY_READS * sizeOf(padded)) return true;
  const border = (size: number, axis: number): number => Math.ceil(size / (view.strides[axis - view.nLead] ?? 1));
  return padded.low.some((low, axis) => border(low, axis) + border(padded.high[axis]!, axis) >= WIDE_BORDER);
}

/** Reductions that are padded or joined: inside a kernel they would be made under a guard, at every place around them. */
function decidePadded(order: readonly Expr[], memory: MemoryDecision): void {
  const seen = new Set<Expr>();
  const stack = order.flatMap((x) => (x.kind === "pad" ? [x.x] : x.kind === "concat" ? x.xs : []));
  while (stack.length > 0) {
    const x = stack.pop()!;
    if (seen.has(x) || memory.has(x)) continue;
    seen.add(x);
    if (x.kind === "reduce") memory.add(x, "reduction that is padded or joined");
    else stack.push(...operands(x));
  }
}

/** Longer formulas than this are cut: what goes through a kernel calls itself for every operand. */
const MAX_DEPTH = 512;

/** Formulas of thousands of operations, one on the other, as loops that were unrolled leave them. */
function decideDeep(order: readonly Expr[], memory: MemoryDecision): void {
  const depths = new Map<Expr, number>();
  for (const x of order) {
    let depth = x.kind === "reduce" ? 1 : ownCost(x);
    let below = 0;
    for (const o of operands(x)) below = Math.max(below, memory.has(o) ? 0 : depths.get(o)!);
    depth += below;
    if (depth > MAX_DEPTH && x.kind === "scalar") {
      memory.add(x, "end of a long formula");
      depth = 0;
    }
    depths.set(x, depth);
  }
}

/** Arrays that one value is computed from, and a function of a kernel takes: eight such values may share a kernel. */
const MAX_READS = 100;

/** Values of more arrays than a kernel can be given are computed in parts. */
function decideWide(order: readonly Expr[], memory: MemoryDecision): void {
  const reads = new Map<Expr, ReadonlySet<Expr>>();
  const readsOf = (x: Expr): ReadonlySet<Expr> => (memory.has(x) || x.kind === "input" ? new Set([x]) : reads.get(x)!);
  for (const x of order) {
    let mine: ReadonlySet<Expr> = new Set();
    for (const o of hasOwnKernel(x) ? [] : operands(x)) {
      const base = baseOf(o);
      if (mine.size + readsOf(base).size > MAX_READS && base.kind !== "input")
        memory.add(base, "part of a value of many arrays");
      const theirs = readsOf(base);
      if (mine.size === 0) mine = theirs;
      else if ([...theirs].some((y) => !mine.has(y))) mine = new Set([...mine, ...theirs]);
    }
    reads.set(x, mine);
  }
}

/** Operations on integers, one on the other, that are a hash, and elements of which a kernel of their own is cheap. */
const HASH_DEPTH = 64;
const MANY_HASHED = 1 << 12;

/** Random words before something costly is made of them: both together leave no registers, and take twice their time. */
function decideHashed(order: readonly Expr[], memory: MemoryDecision): void {
  const depths = new Map<Expr, number>();
  for (const x of order) {
    const open = operands(x).filter((o) => !memory.has(o));
    const isWork =
      x.kind === "scalar" && (isCostly(x.op) || (isInteger(x.dtype) && (x.op === "div" || x.op === "rem")));
    if (isWork && sizeOf(x) >= MANY_HASHED)
      for (const o of open) if (depths.get(o)! > HASH_DEPTH) memory.makeAffine(o, "random words");
    // A key that was split: each kernel that reads it would be twice as long.
    if (x.kind === "view" && sizeOf(x) > sizeOf(x.x) && (depths.get(x.x) ?? 0) > HASH_DEPTH)
      memory.makeAffine(x.x, "key of random words");
    const below = open.reduce((most, o) => Math.max(most, memory.has(o) ? 0 : depths.get(o)!), 0);
    depths.set(x, below + (x.kind === "scalar" && isInteger(x.dtype) ? 1 : 0));
  }
}
