/**
 * Rewrites what kernels cannot take as it is: contractions of narrow dtypes compute wide, empty sums are zeros, and
 * strided inputs of kernels that need row-major operands are copied.
 */
import { computeDType } from "../aval/dtype";
import type { ContractExpr, Expr, MultiExpr } from "../kernel/expr";
import { exprCopy, exprFull, exprScalar } from "../kernel/expr-build";
import { orderOf } from "./graph";
import { withNarrowOperands } from "./narrow-operands";

/**
 * Rewriting for inputs with these strides (null for row-major), which shares what was rewritten before. `narrowOperands`:
 * products of integers may have operands of 8 and 16 bits.
 */
export function normalizer(strides: readonly (readonly number[] | null)[], narrowOperands: boolean): (x: Expr) => Expr {
  const done = new Map<Expr, Expr>();
  const multis = new Map<MultiExpr, MultiExpr>();
  const plain = (x: Expr): Expr => (x.kind === "input" && strides[x.index]! !== null ? exprCopy(x) : x);
  const rewrite = (x: Expr, get: (y: Expr) => Expr): Expr => {
    switch (x.kind) {
      case "input":
      case "constant":
      case "iota":
        return x;
      case "view":
      case "reduce":
        return keep(x, { x: get(x.x) });
      case "cumulative":
        return keep(x, { x: plain(get(x.x)) });
      case "pad":
        return keep(x, { x: get(x.x), fill: get(x.fill) });
      case "concat":
        return keep(x, { xs: same(x.xs, x.xs.map(get)) });
      case "scalar":
        return keep(x, { args: same(x.args, x.args.map(get)) });
      case "gather":
        return keep(x, { operand: get(x.operand), indices: get(x.indices) });
      case "scatter":
        return keep(x, { operand: plain(get(x.operand)), indices: get(x.indices), updates: get(x.updates) });
      case "project": {
        let of = multis.get(x.of);
        if (of === undefined) {
          of = keep(x.of as MultiExpr & object, {
            operands: same(
              x.of.operands,
              x.of.operands.map((o) => plain(get(o))),
            ),
            ...("after" in x.of && x.of.after ? { after: get(x.of.after) } : {}),
          });
          multis.set(x.of, of);
        }
        return keep(x, { of });
      }
      case "contract":
        return contractNormal(keep(x, { lhs: get(x.lhs), rhs: get(x.rhs) }), narrowOperands);
      default:
        x satisfies never;
        return x;
    }
  };
  return (root) => {
    for (const x of orderOf([root]))
      if (!done.has(x))
        done.set(
          x,
          rewrite(x, (y) => done.get(y)!),
        );
    return done.get(root)!;
  };
}

function contractNormal(x: ContractExpr, narrowOperands: boolean): Expr {
  if (x.lhsContract.some((axis) => x.lhs.shape[axis] === 0)) return exprFull(0, x.shape, x.dtype);
  const wide = computeDType(x.dtype);
  const narrowed = (y: ContractExpr): ContractExpr => (narrowOperands ? withNarrowOperands(y) : y);
  if (wide === x.dtype) return narrowed(x);
  const out: ContractExpr = Object.freeze({
    ...x,
    lhs: exprScalar("cast", [x.lhs], wide),
    rhs: exprScalar("cast", [x.rhs], wide),
    dtype: wide,
  });
  return exprScalar("cast", [narrowed(out)], x.dtype);
}

function keep<T extends object>(x: T, changes: Partial<T>): T {
  for (const k in changes) if (changes[k] !== x[k]) return Object.freeze({ ...x, ...changes });
  return x;
}

function same<T>(before: readonly T[], after: readonly T[]): readonly T[] {
  return before.every((x, i) => x === after[i]) ? before : after;
}
