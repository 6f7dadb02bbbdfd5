/** The expression graph: children, order, users, and what it costs to compute a node again. */
import { prod } from "../base/list";
import type { Expr, MultiExpr, SubProgram } from "../kernel/expr";
import type { ScalarOp } from "../kernel/scalar-op";

/** Direct operands. */
export function operands(x: Expr): readonly Expr[] {
  switch (x.kind) {
    case "input":
    case "constant":
    case "iota":
      return [];
    case "view":
    case "reduce":
    case "cumulative":
      return [x.x];
    case "pad":
      return [x.x, x.fill];
    case "concat":
      return x.xs;
    case "scalar":
      return x.args;
    case "contract":
      return [x.lhs, x.rhs];
    case "gather":
      return [x.operand, x.indices];
    case "scatter":
      return [x.operand, x.indices, x.updates];
    case "project":
      return "after" in x.of && x.of.after ? [...x.of.operands, x.of.after] : x.of.operands;
    default:
      x satisfies never;
      return [];
  }
}

/** All nodes that the roots depend on, operands before their users. Does not recurse: programs may be deep. */
export function orderOf(roots: readonly Expr[]): Expr[] {
  const out: Expr[] = [];
  const state = new Map<Expr, boolean>();
  const stack: Expr[] = [...roots].reverse();
  while (stack.length > 0) {
    const x = stack[stack.length - 1]!;
    const known = state.get(x);
    if (known === undefined) {
      state.set(x, false);
      for (const child of operands(x)) if (!state.has(child)) stack.push(child);
    } else {
      stack.pop();
      if (!known) {
        state.set(x, true);
        out.push(x);
      }
    }
  }
  return out;
}

type Results = Pick<SubProgram, "outs" | "effect">;

/** All that a program must compute: its results, and its last effect. */
export const rootsOf = ({ outs, effect }: Results): readonly Expr[] => (effect === null ? outs : [...outs, effect]);

/** What became of the roots of `old`, each in its place. */
export const fromRoots = (roots: readonly Expr[], old: Results): Results => ({
  outs: roots.slice(0, old.outs.length),
  effect: old.effect && roots.at(-1)!,
});

/** Outputs of one sort or routine are computed together. */
export const multiOf = (x: Expr): MultiExpr | null => (x.kind === "project" ? x.of : null);

/** Parts beyond which joined arrays are written to their places: a kernel that asks where it is asks for each part. */
const MOST_ASKED = 4;

/** True for nodes that have kernels of their own. */
export const hasOwnKernel = (x: Expr): boolean =>
  x.kind === "contract" ||
  x.kind === "cumulative" ||
  x.kind === "scatter" ||
  x.kind === "project" ||
  (x.kind === "concat" && x.xs.length > MOST_ASKED);

const CHEAP: ReadonlySet<ScalarOp> = /* @__PURE__ */ new Set<ScalarOp>([
  "add", "sub", "mul", "neg", "abs", "max", "min", "and", "or", "xor", "not", "eq", "ne", "lt", "le", "select", "fma",
  "cast", "bitcast", "shl", "shr_logical", "shr_arithmetic", "is_finite", "floor", "ceil", "round", "trunc", "sign",
]); // prettier-ignore

/** True for operations that cost more than a few instructions. */
export const isCostly = (op: ScalarOp): boolean =>
  !CHEAP.has(op) && op !== "div" && op !== "rem" && op !== "sqrt" && op !== "rsqrt";

/** Rough cost of one element of the node alone, in simple operations. */
export function ownCost(x: Expr): number {
  switch (x.kind) {
    case "scalar":
      return CHEAP.has(x.op) ? 1 : x.op === "div" || x.op === "sqrt" || x.op === "rsqrt" ? 3 : 12;
    case "gather":
      return 4;
    case "pad":
      return 2;
    case "concat":
      return x.xs.length;
    case "reduce":
      return Math.max(1, prod(x.x.shape) / Math.max(1, prod(x.shape)));
    default:
      return 0;
  }
}

/** What a chain of views is a view of. */
export function baseOf(x: Expr): Expr {
  while (x.kind === "view") x = x.x;
  return x;
}

/** What views of as many elements are views of. */
export function withoutMoves(x: Expr): Expr {
  while (x.kind === "view" && sizeOf(x) === sizeOf(x.x)) x = x.x;
  return x;
}

export const sizeOf = (x: Expr): number => prod(x.shape);
