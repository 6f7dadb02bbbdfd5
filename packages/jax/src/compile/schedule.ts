/** The order of kernels, which nodes share one, and which contraction does the elementwise work on its sums. */
import { prod } from "../base/list";
import type { ContractExpr, Expr } from "../kernel/expr";
import { hasOwnKernel, operands } from "./graph";
import type { MemoryDecision } from "./memory-decision";

export type Group =
  /** Loop roots of one shape that share a kernel. */
  | { readonly kind: "loop"; readonly roots: readonly Expr[] }
  /** A node with a kernel of its own; `hosted` are loop roots computed by a contraction's epilogue. */
  | { readonly kind: "own"; readonly node: Expr; readonly hosted: readonly Expr[] };

/** Results of one kernel. */
export const MAX_ROOTS = 8;

export function schedule(order: readonly Expr[], memory: MemoryDecision): Group[] {
  // Nodes in memory that a node's value is computed from, looking through what is not in memory.
  const deps = new Map<Expr, ReadonlySet<Expr>>();
  const holdsReduce = new Map<Expr, boolean>();
  const level = new Map<Expr, number>();
  const hostOf = new Map<Expr, ContractExpr>();
  const hostedBy = new Map<Expr, Expr[]>();
  for (const x of order) {
    const mine = new Set<Expr>();
    let reduces = x.kind === "reduce";
    for (const o of operands(x)) {
      if (memory.has(o)) mine.add(o);
      else {
        for (const d of deps.get(o) ?? []) mine.add(d);
        reduces ||= holdsReduce.get(o) ?? false;
      }
    }
    deps.set(x, mine);
    holdsReduce.set(x, reduces);
    if (!memory.has(x)) continue;
    let at = 0;
    for (const d of mine) at = Math.max(at, level.get(d)! + 1);
    const host = hasOwnKernel(x) || reduces ? null : hostFor(x, mine, level, hostOf);
    if (host !== null) {
      hostOf.set(x, host);
      hostedBy.set(host, [...(hostedBy.get(host) ?? []), x]);
      at = level.get(host)!;
    }
    level.set(x, at);
  }
  return grouped(order, memory, level, holdsReduce, hostOf, hostedBy);
}

/** The contraction whose epilogue can compute x: everything else x needs is there before its sums are. */
function hostFor(
  x: Expr,
  deps: ReadonlySet<Expr>,
  level: ReadonlyMap<Expr, number>,
  hostOf: ReadonlyMap<Expr, ContractExpr>,
): ContractExpr | null {
  let best: ContractExpr | null = null;
  for (const d of deps) {
    if (d.kind !== "contract" || prod(d.shape) !== prod(x.shape)) continue;
    if (best === null || level.get(d)! > level.get(best)!) best = d;
  }
  if (best === null || !readsInPlace(x, best)) return null;
  const at = level.get(best)!;
  for (const d of deps) {
    if (d === best) continue;
    // At the same level, only plain kernels run before contractions with an epilogue.
    if (level.get(d)! > at || (level.get(d) === at && (hostOf.has(d) || d.kind === "contract"))) return null;
  }
  return best;
}

/** True if every path from x to the contraction keeps the row-major position of elements. */
function readsInPlace(x: Expr, host: Expr): boolean {
  const reaches = new Map<Expr, boolean>();
  const visit = (y: Expr): boolean => {
    if (y === host) return true;
    const known = reaches.get(y);
    if (known !== undefined) return known;
    reaches.set(y, false);
    let found = false;
    if (y.kind === "scalar") for (const a of y.args) found = visit(a) || found;
    else if (y.kind === "view" && y.view.op === "reshape") found = visit(y.x);
    reaches.set(y, found);
    return found;
  };
  return visit(x);
}

function grouped(
  order: readonly Expr[],
  memory: MemoryDecision,
  level: ReadonlyMap<Expr, number>,
  holdsReduce: ReadonlyMap<Expr, boolean>,
  hostOf: ReadonlyMap<Expr, ContractExpr>,
  hostedBy: ReadonlyMap<Expr, readonly Expr[]>,
): Group[] {
  const nLevels = 1 + Math.max(-1, ...level.values());
  const loops: Map<string, Expr[][]>[] = Array.from({ length: nLevels }, () => new Map());
  const own: Expr[][] = Array.from({ length: nLevels }, () => []);
  for (const x of order) {
    if (!memory.has(x) || hostOf.has(x)) continue;
    const at = level.get(x)!;
    if (hasOwnKernel(x)) {
      own[at]!.push(x);
      continue;
    }
    const key = holdsReduce.get(x) ? null : x.shape.join();
    const map = loops[at]!;
    if (key === null) {
      map.set(`#${map.size}`, [[x]]);
      continue;
    }
    const lists = map.get(key) ?? [];
    const last = lists[lists.length - 1];
    if (last !== undefined && last.length < MAX_ROOTS) last.push(x);
    else lists.push([x]);
    map.set(key, lists);
  }
  const out: Group[] = [];
  for (let at = 0; at < nLevels; at++) {
    for (const lists of loops[at]!.values()) for (const roots of lists) out.push({ kind: "loop", roots });
    const hosts = own[at]!.filter((x) => hostedBy.has(x));
    for (const node of own[at]!) if (!hostedBy.has(node)) out.push({ kind: "own", node, hosted: [] });
    for (const node of hosts) out.push({ kind: "own", node, hosted: hostedBy.get(node)! });
  }
  return out;
}
