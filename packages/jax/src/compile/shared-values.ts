/** Values that are better computed once: several kernels would compute them, or one would at many places. */
import type { Expr } from "../kernel/expr";
import { gathersAcross } from "./gathered-rows";
import { baseOf, operands, ownCost, sizeOf, withoutMoves } from "./graph";
import type { MemoryDecision } from "./memory-decision";

/** Costlier than this, a value that several kernels need is computed once. */
const RECOMPUTE_LIMIT = 8;
/** Costlier than this, what a scatter takes one by one is computed before, by vectors and by all threads. */
const ONE_BY_ONE_LIMIT = 12;
/** Costlier than this, a value that is read more often than it has elements is computed once. */
const REPEAT_LIMIT = 4;
/** Costlier than this, one value for all elements (a key that is split) is no part of the kernels that read it. */
const ONE_VALUE_LIMIT = 64;

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
  if (x.kind === "gather") return o === x.indices && sizeOf(x) >= MANY_AT_INDEX * sizeOf(o);
  return x.kind === "view" && sizeOf(x) > sizeOf(o);
}

/** Values that several kernels would compute, or that one would compute many times. */
export function decideShared(order: readonly Expr[], memory: MemoryDecision): void {
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
        const limit = sizeOf(value) <= 1 ? ONE_VALUE_LIMIT : REPEAT_LIMIT;
        if (value.kind !== "view" && value.kind !== "input" && !reduces.get(value)! && cost.get(value)! > limit)
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
