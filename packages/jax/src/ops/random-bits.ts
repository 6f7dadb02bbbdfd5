/** Threefry-2x32 with 20 rounds, elementwise. Source: Salmon et al., "Parallel random numbers: as easy as 1, 2, 3", SC11. */
import type { Aval } from "../aval/shaped-array";
import { DTypeError } from "../base/errors";
import { bind } from "../core/interpreter";
import type { BatchDim, Primitive } from "../core/primitive";
import type { Tracer } from "../core/tracer";
import type { Expr } from "../kernel/expr";
import { exprFull, exprScalar } from "../kernel/expr-build";
import { type NoParams, alignBatch, checkElementwise } from "./families";

const ROTATIONS = [
  [13, 15, 26, 6],
  [17, 29, 16, 24],
] as const;

export const threefry2x32_p: Primitive<NoParams> = {
  name: "threefry2x32",
  derivative: { kind: "zero", because: "its results are integers" },
  type(xs: readonly Aval[]) {
    const out = checkElementwise("threefry2x32", xs, "integer");
    if (out.dtype !== "uint32") throw new DTypeError(`threefry2x32: expected uint32, got ${out}`);
    return [out, out];
  },
  batch: (xs: readonly Tracer[], dims: readonly BatchDim[], size) => [
    bind(threefry2x32_p, alignBatch(xs, dims, size), {}),
    [0, 0],
  ],
  lower([k1, k2, x1, x2]) {
    const c = (value: number): Expr => exprFull(value, k1!.shape, "uint32");
    const add = (a: Expr, b: Expr): Expr => exprScalar("add", [a, b]);
    const xor = (a: Expr, b: Expr): Expr => exprScalar("xor", [a, b]);
    const rotate = (a: Expr, by: number): Expr =>
      exprScalar("or", [exprScalar("shl", [a, c(by)]), exprScalar("shr_logical", [a, c(32 - by)])]);
    const keys = [k1!, k2!, xor(xor(k1!, k2!), c(0x1bd11bda))];
    let [a, b] = [add(x1!, keys[0]!), add(x2!, keys[1]!)];
    for (let group = 0; group < 5; group++) {
      for (const by of ROTATIONS[group % 2]!) {
        a = add(a, b);
        b = xor(rotate(b, by), a);
      }
      a = add(a, keys[(group + 1) % 3]!);
      // The key and the number of the group are the same for all counters: added first, once.
      b = add(b, add(keys[(group + 2) % 3]!, c(group + 1)));
    }
    return [a, b];
  },
};

/** Two random words for each pair of counters x1, x2 under the key k1, k2; all uint32 of one shape. */
export function threefry2x32(k1: Tracer, k2: Tracer, x1: Tracer, x2: Tracer): [Tracer, Tracer] {
  return bind(threefry2x32_p, [k1, k2, x1, x2], {}) as [Tracer, Tracer];
}
