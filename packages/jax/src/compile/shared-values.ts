/** Values that are better computed once: several kernels would compute them, or one would at many places. */
import type { Expr } from "../kernel/expr";
import { gathersAcross } from "./gathered-rows";
import { baseOf, hasOwnKernel, operands, ownCost, sizeOf, withoutMoves } from "./graph";
import type { MemoryDecision } from "./memory-decision";
import { MAX_ROOTS } from "./schedule";

/** Costlier than this, a value that several kernels need is computed once. */
const RECOMPUTE_LIMIT = 8;
/** Costlier than this, what a scatter takes one by one is computed before, by vectors and by all threads. */
const ONE_BY_ONE_LIMIT = 12;
/** Costlier than this, a value that is read more often than it has elements is computed once. */
const REPEAT_LIMIT = 4;
/** How often it is looked whether values that were put in memory parted what would have been one kernel. */
const MOST_ROUNDS = 3;

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

  /** Gives the places of x to its operands; a path begins at a node in memory, with those that share its `kernel`. */
  spread(x: Expr, kernel: Expr | string | null): void {
    const root = typeof kernel === "string" ? kernel : `root${this.ids.size}`;
    const mine = kernel === null ? [...(this.ofNode.get(x) ?? [])] : [this.id(root)];
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

/**
 * What the kernel of each node in memory is known by: roots of one shape, none of which needs another, share kernels (as
 * in schedule.ts), `MAX_ROOTS` of them each.
 */
function kernelsOf(order: readonly Expr[], memory: MemoryDecision, reduces: ReadonlyMap<Expr, boolean>) {
  const levels = new Map<Expr, number>();
  const counts = new Map<string, number>();
  const places = new Map<Expr, string>();
  for (const x of order) {
    const level = operands(x).reduce((most, o) => Math.max(most, levels.get(o)! + (memory.has(o) ? 1 : 0)), 0);
    levels.set(x, level);
    const place = `${level}:${x.shape.join()}`;
    const count = counts.get(place) ?? 0;
    if (memory.has(x)) counts.set(place, count + 1);
    places.set(x, `${place}:${Math.floor(count / MAX_ROOTS)}`);
  }
  return (x: Expr): Expr | string => (hasOwnKernel(x) || reduces.get(x)! ? x : places.get(x)!);
}

/** Values that several kernels would compute, or that one would compute many times: memory for some parts others' kernels. */
export function decideShared(order: readonly Expr[], memory: MemoryDecision): void {
  for (let round = 0; round < MOST_ROUNDS; round++) {
    const known = memory.reasons.size;
    decideOnce(order, memory);
    if (memory.reasons.size === known) return;
  }
}

function decideOnce(order: readonly Expr[], memory: MemoryDecision): void {
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
  const kernelOf = kernelsOf(order, memory, reduces);
  const kernels = new Map<Expr, Set<Expr | string>>();
  const places = new Places();
  /** How many elements gathers read of a node, or of views of it. */
  const gathered = new Map<Expr, number>();
  for (let i = order.length - 1; i >= 0; i--) {
    const x = order[i]!;
    const mine = kernels.get(x) ?? new Set<Expr | string>();
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
    const kernel = memory.has(x) ? kernelOf(x) : null;
    const into = kernel === null ? mine : new Set([kernel]);
    places.spread(x, kernel);
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
