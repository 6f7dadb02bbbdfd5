/**
 * Rewrites what kernels cannot take as it is: contractions of narrow dtypes compute wide, empty sums are zeros, and
 * strided inputs of kernels that need row-major operands are copied.
 */
import { computeDType } from "../aval/dtype";
import type { ContractExpr, Expr, MultiExpr } from "../kernel/expr";
import { exprCopy, exprFull, exprScalar } from "../kernel/expr-build";
import { orderOf } from "./graph";
import { withNarrowOperands } from "./narrow-operands";
import { withOperands } from "./with-operands";

/**
 * Rewriting for inputs with these strides (null for row-major), which shares what was rewritten before. `narrowOperands`:
 * products of integers may have operands of 8 and 16 bits.
 */
export function normalizer(strides: readonly (readonly number[] | null)[], narrowOperands: boolean): (x: Expr) => Expr {
  const done = new Map<Expr, Expr>();
  const multis = new Map<MultiExpr, MultiExpr>();
  const plain = (x: Expr): Expr => (x.kind === "input" && strides[x.index]! !== null ? exprCopy(x) : x);
  const rewrite = (x: Expr, get: (y: Expr) => Expr): Expr => {
    const y = withOperands(x, get, (o) => plain(get(o)), multis);
    return y.kind === "contract" ? contractNormal(y, narrowOperands) : y;
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
