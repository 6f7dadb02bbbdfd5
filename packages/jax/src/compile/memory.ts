/** Which expressions get memory of their own, with the reason: the cuts between kernels. */
import { contiguousStrides, prod } from "../base/list";
import type { ContractExpr, Expr, GatherExpr, PadExpr, ReduceExpr, ViewExpr } from "../kernel/expr";
import { affineOf } from "./affine-view";
import { isWorthComputing } from "./computed-operand";
import { baseOf, hasOwnKernel, operands, ownCost, sizeOf } from "./graph";

/** Costlier than this, a value that several kernels need is computed once. */
const RECOMPUTE_LIMIT = 8;
/** Costlier than this, what a scatter takes one by one is computed before, by vectors and by all threads. */
const ONE_BY_ONE_LIMIT = 12;
/** Costlier than this, a value that is read more often than it has elements is computed once. */
const REPEAT_LIMIT = 4;

export class MemoryDecision {
  /** Nodes in memory, with the reason. Inputs are in memory without being here. */
  readonly reasons = new Map<Expr, string>();
  private readonly inputStrides: readonly (readonly number[] | null)[];

  constructor(inputStrides: readonly (readonly number[] | null)[]) {
    this.inputStrides = inputStrides;
  }

  has(x: Expr): boolean {
    return this.reasons.has(x);
  }

  add(x: Expr, reason: string): void {
    if (!this.reasons.has(x)) this.reasons.set(x, reason);
  }

  /** Strides of a node in memory; null for one that is not. */
  stridesOf = (x: Expr): readonly number[] | null => {
    if (x.kind === "input") return this.inputStrides[x.index] ?? contiguousStrides(x.shape);
    return this.reasons.has(x) ? contiguousStrides(x.shape) : null;
  };

  /** Makes `x` a strided view of something in memory. */
  makeAffine(x: Expr, reason: string): void {
    if (affineOf(x, this.stridesOf) !== null) return;
    const base = baseOf(x);
    if (base.kind !== "input") this.add(base, reason);
    if (affineOf(x, this.stridesOf) === null) this.add(x, `${reason}, reshaped across its strides`);
  }

  /** True if x lies row-major in memory. */
  isPlain(x: Expr): boolean {
    return x.kind === "input" ? (this.inputStrides[x.index] ?? null) === null : this.reasons.has(x);
  }
}

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
  decideDeep(order, memory);
  decideShared(order, memory);
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

/** Sums of gathered rows that are turned: they are made along the rows, and turned then. */
function decideTurned(order: readonly Expr[], memory: MemoryDecision): void {
  for (const x of order) {
    if (x.kind !== "view" || x.view.op !== "permute" || x.view.perm.at(-1) === x.shape.length - 1) continue;
    const value = withoutMoves(x.x);
    if (value.kind !== "view" && sumsRows(value)) memory.add(value, "sums of gathered rows, turned");
  }
}

function sumsRows(x: Expr): boolean {
  if (x.kind === "reduce") return !x.axes.includes(x.x.shape.length - 1) && gathersRows(x.x);
  return x.kind === "scalar" && x.args.some(sumsRows);
}

function gathersRows(x: Expr): boolean {
  if (x.kind === "gather") return x.offsetDims.includes(x.shape.length - 1) && x.shape.at(-1)! > 1;
  return x.kind === "scalar" && x.args.some(gathersRows);
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

/** More places of one kernel than this, and a value that costs something is computed once for all of them. */
const MAX_PLACES = 4;

/**
 * At how many indices of its kernels a node is wanted. A place is a path of nodes that change the index: users at one
 * place share the value, a view makes another place.
 */
class Places {
  private readonly ofNode = new Map<Expr, Set<number>>();
  private readonly ids = new Map<string, number>();

  count(x: Expr): number {
    return this.ofNode.get(x)?.size ?? 0;
  }

  /** Gives the places of x to its operands; a node in memory begins a path of its own. */
  spread(x: Expr, inMemory: boolean): void {
    const mine = inMemory ? [this.id(`root${this.ids.size}`)] : [...(this.ofNode.get(x) ?? [])];
    operands(x).forEach((o, i) => {
      let set = this.ofNode.get(o);
      if (set === undefined) this.ofNode.set(o, (set = new Set()));
      for (const place of mine) {
        // More would not change a decision.
        if (set.size > 16 * MAX_PLACES) break;
        set.add(x.kind === "scalar" ? place : this.id(`${place}:${i}:${this.nodeId(x)}`));
      }
    });
  }

  private id(key: string): number {
    let id = this.ids.get(key);
    if (id === undefined) this.ids.set(key, (id = this.ids.size));
    return id;
  }

  private readonly nodeIds = new Map<Expr, number>();
  private nodeId(x: Expr): number {
    let id = this.nodeIds.get(x);
    if (id === undefined) this.nodeIds.set(x, (id = this.nodeIds.size));
    return id;
  }
}

/** Elements beyond which an array that is joined of joined ones is computed once, if it is read more than once. */
const SMALL_JOINED = 64;

/** Elements that a gather reads at each index, from which on the index is computed once for them. */
const MANY_AT_INDEX = 8;

/** Whether x wants each element of its operand more than once. */
function isRepeated(x: Expr, o: Expr): boolean {
  if (sizeOf(o) <= 1) return false;
  if (x.kind === "gather") return o === x.indices && sizeOf(x) >= MANY_AT_INDEX * sizeOf(o);
  return x.kind === "view" && sizeOf(x) > sizeOf(o);
}

/** Whether a gather reads rows of something turned, whose elements lie apart, and more of them than one copy would. */
function gathersAcross({ operand, sliceSizes, shape }: GatherExpr, memory: MemoryDecision): boolean {
  if (operand.kind !== "view" || (sliceSizes.at(-1) ?? 1) === 1 || prod(shape) < sizeOf(operand)) return false;
  const layout = affineOf(operand, memory.stridesOf);
  if (layout !== null) return layout.strides.at(-1) !== 1;
  for (let y: Expr = operand; y.kind === "view"; y = y.x) if (y.view.op === "permute") return true;
  return false;
}

/** What views of as many elements are views of. */
function withoutMoves(x: Expr): Expr {
  while (x.kind === "view" && sizeOf(x) === sizeOf(x.x)) x = x.x;
  return x;
}

/** Values that several kernels would compute, or that one would compute many times. */
function decideShared(order: readonly Expr[], memory: MemoryDecision): void {
  const cost = new Map<Expr, number>();
  /** How many arrays are joined one in the other. */
  const joins = new Map<Expr, number>();
  const reduces = new Map<Expr, boolean>();
  for (const x of order) {
    const open = operands(x).filter((o) => !memory.has(o));
    cost.set(
      x,
      open.reduce((sum, o) => sum + cost.get(o)!, ownCost(x)),
    );
    reduces.set(x, x.kind === "reduce" || open.some((o) => reduces.get(o)!));
    const inside = open.reduce((most, o) => Math.max(most, joins.get(o)!), 0);
    joins.set(x, inside + (x.kind === "concat" ? 1 : 0));
  }
  // Kernels in which a node is computed, from users to operands.
  const kernels = new Map<Expr, Set<Expr>>();
  const places = new Places();
  /** How many elements gathers read of a node, or of views of it. */
  const gathered = new Map<Expr, number>();
  for (let i = order.length - 1; i >= 0; i--) {
    const x = order[i]!;
    const mine = kernels.get(x) ?? new Set<Expr>();
    if (!memory.has(x)) {
      if (x.kind === "reduce" && mine.size > 1) memory.add(x, "reduction used by several kernels");
      else if (x.kind !== "view" && mine.size > 1 && cost.get(x)! > RECOMPUTE_LIMIT)
        memory.add(x, "used by several kernels");
      else if (x.kind !== "view" && places.count(x) > MAX_PLACES && cost.get(x)! > REPEAT_LIMIT)
        memory.add(x, "computed at many places of one kernel");
      else if (
        x.kind === "concat" &&
        joins.get(x)! > 1 &&
        sizeOf(x) > SMALL_JOINED &&
        (mine.size > 1 || places.count(x) > 1)
      )
        memory.add(x, "joined of joined arrays, and read more than once");
      else if (
        x.kind !== "view" &&
        (gathered.get(x) ?? 0) > sizeOf(x) &&
        (reduces.get(x)! || cost.get(x)! > REPEAT_LIMIT)
      )
        memory.add(x, "gathered more often than it has elements");
    }
    if (x.kind === "gather") {
      if (gathersAcross(x, memory)) memory.add(x.operand, "rows are gathered that lie across it");
      const from = baseOf(x.operand);
      gathered.set(from, (gathered.get(from) ?? 0) + sizeOf(x));
    }
    const into = memory.has(x) ? new Set([x]) : mine;
    places.spread(x, memory.has(x));
    for (const o of operands(x)) {
      if (isRepeated(x, o) && into.size > 0) {
        const value = withoutMoves(o);
        if (value.kind !== "view" && value.kind !== "input" && !reduces.get(value)! && cost.get(value)! > REPEAT_LIMIT)
          memory.add(value, "repeated along an axis");
      }
      if (x.kind === "scatter" && o !== x.operand && cost.get(o)! > ONE_BY_ONE_LIMIT && !reduces.get(o)!) {
        const base = baseOf(o);
        if (base.kind !== "input") memory.add(base, "costly operand of a scatter");
      }
      // Operands that are plain memory are not computed in a kernel.
      if (x.kind === "cumulative" || x.kind === "project") continue;
      if (x.kind === "scatter" && o === x.operand) continue;
      let set = kernels.get(o);
      if (set === undefined) kernels.set(o, (set = new Set()));
      for (const k of into) set.add(k);
    }
  }
}
