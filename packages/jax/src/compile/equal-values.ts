/** Values that a program computes more than once, as derivatives and calls that are repeated do, become one. */
import type { Expr, MultiExpr } from "../kernel/expr";
import { orderOf } from "./graph";
import { withOperands } from "./with-operands";

/** The same results, with one node for all that are equal. Nodes with effects, and nodes that hold programs, stay. */
export function withEqualValuesShared(results: readonly Expr[]): readonly Expr[] {
  const now = new Map<Expr, Expr>();
  const multis = new Map<MultiExpr, MultiExpr>();
  const known = new Map<string, Expr | MultiExpr>();
  const numbers = new Map<object, number>();
  const first = <T extends Expr | MultiExpr>(x: T): T => {
    const key = keyOf(x, numbers);
    const same = known.get(key) as T | undefined;
    if (same !== undefined) return same;
    known.set(key, x);
    numbers.set(x, numbers.size);
    return x;
  };
  const firstOf = (of: MultiExpr): MultiExpr => {
    if (of.kind === "sort" || of.kind === "routine") return first(of);
    numbers.set(of, numbers.size);
    return of;
  };
  const get = (x: Expr): Expr => now.get(x)!;
  for (const x of orderOf(results)) now.set(x, first(withOperands(x, get, get, multis, firstOf)));
  return results.map(get);
}

/** Text that is equal for nodes of equal operands that do the same. */
function keyOf(x: object, numbers: ReadonlyMap<object, number>): string {
  let key = "";
  for (const name in x) {
    const value = (x as Record<string, unknown>)[name];
    key += `${name}:${textOf(value, numbers)};`;
  }
  return key;
}

function textOf(value: unknown, numbers: ReadonlyMap<object, number>): string {
  if (typeof value !== "object" || value === null) return Object.is(value, -0) ? "-0" : String(value);
  const number = numbers.get(value);
  if (number !== undefined) return `#${number}`;
  if (!Array.isArray(value)) return `{${keyOf(value, numbers)}}`;
  let text = "[";
  for (const one of value) text += `${textOf(one, numbers)},`;
  return text;
}
