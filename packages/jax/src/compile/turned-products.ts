/** Products that are only wanted with their rows and columns exchanged, as derivatives by weights are, made that way. */
import { listsEqual, range } from "../base/list";
import type { ContractExpr, Expr } from "../kernel/expr";
import { exprContract } from "../kernel/expr-build";
import { operands, orderOf } from "./graph";
import { rewriter } from "./with-operands";

/** The same results without transpositions of products. */
export function withTurnedProducts(results: readonly Expr[]): readonly Expr[] {
  const order = orderOf(results);
  const turned = new Set<Expr>();
  for (const x of order) if (x.kind === "view" && x.x.kind === "contract" && isExchange(x, x.x)) turned.add(x.x);
  if (turned.size === 0) return results;
  // What is wanted as it is too would be made twice.
  for (const x of results) turned.delete(x);
  for (const x of order) {
    for (const o of operands(x)) if (o.kind === "contract" && turned.has(o) && !isExchange(x, o)) turned.delete(o);
  }
  return rewriter((x, get) => {
    if (x.kind !== "view" || x.x.kind !== "contract" || !turned.has(x.x)) return null;
    const { lhs, rhs, lhsBatch, rhsBatch, lhsContract, rhsContract } = x.x;
    return exprContract({
      lhs: get(rhs),
      rhs: get(lhs),
      lhsBatch: rhsBatch,
      rhsBatch: lhsBatch,
      lhsContract: rhsContract,
      rhsContract: lhsContract,
    });
  })(results);
}

/** Whether a view exchanges the rows and the columns of a product. */
function isExchange(x: Expr, { lhs, rhs, lhsBatch, lhsContract }: ContractExpr): boolean {
  if (x.kind !== "view" || x.view.op !== "permute") return false;
  const batch = lhsBatch.length;
  const rows = lhs.shape.length - batch - lhsContract.length;
  const columns = rhs.shape.length - batch - lhsContract.length;
  const [first, second] = [batch + rows, batch + rows + columns];
  return listsEqual(x.view.perm, [...range(batch), ...range(first, second), ...range(batch, first)]);
}
