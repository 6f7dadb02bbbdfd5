/** The derivative of a `customVjp` function: a linear map of which only the transpose is known. */
import { isFloat } from "../aval/dtype";
import type { Aval } from "../aval/shaped-array";
import { DifferentiationError } from "../base/errors";
import { bind } from "../core/interpreter";
import type { Primitive, Tangent } from "../core/primitive";
import type { Tracer } from "../core/tracer";
import { evalJaxpr } from "../jaxpr/evaluate";
import { Jaxpr } from "../jaxpr/jaxpr";
import { reduceSum } from "../ops/reduce";
import { moveaxis } from "../ops/transpose";
import { type FlatRule, applyRule, batchRule } from "./custom-call";
import { mask, memo, stageClosed } from "./derived";
import { instantiate } from "./jvp";
import type { TransposeRule } from "./transpose";

export const floatsOf = <T extends { readonly dtype: Aval["dtype"] }>(xs: readonly T[]): T[] =>
  xs.filter((x) => isFloat(x.dtype));

export interface CustomLinParams {
  readonly name: string;
  /** [residuals..., cotangents of the results...] to cotangents of the tangents. */
  readonly bwd: FlatRule;
  readonly nResiduals: number;
  readonly outs: readonly Aval[];
}

/** The derivative of a `customVjp` function as a linear map that only has a transpose: [residuals..., tangents...]. */
export const custom_lin_p: Primitive<CustomLinParams> & TransposeRule = {
  name: "custom_lin",
  type: (_xs, { outs }) => [...outs],
  derivative: {
    kind: "jvp",
    jvp: (_primals, _tangents, { name }) => {
      throw noForward(name);
    },
  },
  batch(xs, dims, size, params) {
    const { bwd, nResiduals, outs } = params;
    const moved = xs.map((x, i) => (dims[i] === null ? x : moveaxis(x, dims[i]!, 0)));
    const batched = dims.map((d) => d !== null);
    const batchedBwd = batchRule(bwd, size, (n) => [
      ...batched.slice(0, nResiduals),
      ...new Array<boolean>(n - nResiduals).fill(true),
    ]);
    const results = bind(custom_lin_p, moved, {
      ...params,
      bwd: summed(batchedBwd, batched.slice(nResiduals)),
      outs: outs.map((a) => a.withShape([size, ...a.shape])),
    });
    return [results, results.map(() => 0)];
  },
  lower(_xs, _avals, { name }) {
    throw noForward(name);
  },
  transposeJaxpr(cts: readonly Tangent[], xs, { bwd, nResiduals, outs }: CustomLinParams) {
    const all = cts.map((ct, i) => instantiate(ct, outs[i]!));
    const back = applyRule(bwd, [...(xs.slice(0, nResiduals) as Tracer[]), ...all]);
    return xs.map((_, i) => (i < nResiduals ? null : back[i - nResiduals]!));
  },
};

const noForward = (name: string): DifferentiationError =>
  new DifferentiationError(
    `customVjp: ${name} has a rule for reverse mode only, and was differentiated in forward mode (jvp, jacfwd, ` +
      `linearize, hessian); use jacrev or grad, or give the rule with customJvp`,
  );

const summedMemo = /* @__PURE__ */ memo<Jaxpr>((jaxpr, key) =>
  stageClosed((xs) => evalJaxpr(jaxpr, xs).map((ct, i) => (key[i] === "1" ? ct : reduceSum(ct, [0]))), jaxpr.inAvals),
);

/** Cotangents of arguments that are not batched are sums over the batch. */
export function summed(bwd: FlatRule, batched: readonly boolean[]): FlatRule {
  if (!batched.includes(false)) return bwd;
  if (bwd instanceof Jaxpr) return summedMemo(bwd, mask(batched));
  return (xs) => bwd(xs).map((ct, i) => (batched[i] ? ct : reduceSum(ct, [0])));
}
