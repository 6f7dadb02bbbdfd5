/** Nodes of the expression graph with other operands. */
import type { Expr, MultiExpr } from "../kernel/expr";
import { orderOf } from "./graph";

/**
 * The node with `get` of its operands; the same node if all of them are. `whole` is for operands that are read from
 * memory as they are, `multis` for nodes of several outputs: what they became, shared by their outputs, after `finish`.
 */
export function withOperands(
  x: Expr,
  get: (y: Expr) => Expr,
  whole: (y: Expr) => Expr,
  multis: Map<MultiExpr, MultiExpr>,
  finish: (of: MultiExpr) => MultiExpr = (of) => of,
): Expr {
  switch (x.kind) {
    case "input":
    case "constant":
    case "iota":
      return x;
    case "view":
    case "reduce":
      return keep(x, { x: get(x.x) });
    case "cumulative":
      return keep(x, { x: whole(x.x) });
    case "pad":
      return keep(x, { x: get(x.x), fill: get(x.fill) });
    case "concat":
      return keep(x, { xs: same(x.xs, x.xs.map(get)) });
    case "scalar":
      return keep(x, { args: same(x.args, x.args.map(get)) });
    case "contract":
      return keep(x, { lhs: get(x.lhs), rhs: get(x.rhs) });
    case "gather":
      return keep(x, { operand: get(x.operand), indices: get(x.indices) });
    case "scatter":
      return keep(x, { operand: whole(x.operand), indices: get(x.indices), updates: get(x.updates) });
    case "project": {
      let of = multis.get(x.of);
      if (of === undefined) {
        const moved = keep(x.of as MultiExpr & object, {
          operands: same(x.of.operands, x.of.operands.map(whole)),
          ...("after" in x.of && x.of.after ? { after: get(x.of.after) } : {}),
        });
        of = finish(moved);
        multis.set(x.of, of);
      }
      return keep(x, { of });
    }
    default:
      x satisfies never;
      return x;
  }
}

/**
 * Rewrites expressions: `change` gives what stands for a node, null for the same with its operands rewritten; `get` is
 * what became of an operand. `finish` changes nodes of several outputs, their operands rewritten.
 */
export function rewriter(
  change: (x: Expr, get: (y: Expr) => Expr) => Expr | null,
  finish?: (of: MultiExpr) => MultiExpr,
): (roots: readonly Expr[]) => readonly Expr[] {
  const now = new Map<Expr, Expr>();
  const multis = new Map<MultiExpr, MultiExpr>();
  const get = (x: Expr): Expr => now.get(x)!;
  return (roots) => {
    for (const x of orderOf(roots)) now.set(x, change(x, get) ?? withOperands(x, get, get, multis, finish));
    return roots.map(get);
  };
}

function keep<T extends object>(x: T, changes: Partial<T>): T {
  for (const k in changes) if (changes[k] !== x[k]) return Object.freeze({ ...x, ...changes });
  return x;
}

function same<T>(before: readonly T[], after: readonly T[]): readonly T[] {
  return before.every((x, i) => x === after[i]) ? before : after;
}
