/** Functions with a derivative of the user's own, in reverse mode. */
import { checkOptions } from "../base/option-names";
import { isFloat } from "../aval/dtype";
import type { Aval } from "../aval/shaped-array";
import { JaxError, TreeMismatchError } from "../base/errors";
import { bind, currentTrace, withTrace } from "../core/interpreter";
import type { Primitive } from "../core/primitive";
import type { Tracer } from "../core/tracer";
import { evalJaxpr } from "../jaxpr/evaluate";
import { Jaxpr } from "../jaxpr/jaxpr";
import { lowerJaxpr } from "../jaxpr/lower";
import { zerosLike } from "../ops/broadcast";
import { moveaxis } from "../ops/transpose";
import { unflatten } from "../tree/flatten";
import type { JsTreeDef } from "../tree/treedef";
import { type AnyFunction, flattenArgs, flattenResult, needFunction } from "./arguments";
import {
  type FlatRule,
  type NondiffOptions,
  applyRule,
  batchRule,
  bindFromRule,
  bindFromUser,
  fitTo,
  padded,
  pair,
  sameTree,
  splitNondiff,
  stageRule,
} from "./custom-call";
import { refuseCaptured } from "./custom-jvp";
import { type CustomLinParams, custom_lin_p, floatsOf, summed } from "./custom-lin";
import { batchJaxpr } from "./derived";
import { instantiate } from "./jvp";
import type { PartialEvalRule } from "./partial-eval";
import { releaseCaptured, subFunction } from "./sub-program";

export interface CustomVjpParams {
  readonly name: string;
  /** [captured by f..., by fwd..., by bwd..., arguments...] to results. */
  readonly jaxpr: Jaxpr;
  /** [captured by fwd..., arguments...] to [results..., residuals...]. */
  readonly fwd: FlatRule;
  /** [captured by bwd..., residuals..., cotangents of results that are floats...] to those of such arguments. */
  readonly bwd: FlatRule;
  readonly nCaptured: number;
  readonly nFwd: number;
  readonly nBwd: number;
}

/** Operands by where they come from. */
function parts<T>(xs: readonly T[], { nCaptured, nFwd, nBwd }: CustomVjpParams) {
  const [a, b] = [nCaptured + nFwd, nCaptured + nFwd + nBwd];
  return { captured: xs.slice(0, nCaptured), fwd: xs.slice(nCaptured, a), bwd: xs.slice(a, b), args: xs.slice(b) };
}

export const custom_vjp_call_p: Primitive<CustomVjpParams> & PartialEvalRule = {
  name: "custom_vjp_call",
  type: (_xs, { jaxpr }) => jaxpr.outAvals,
  derivative: {
    kind: "jvp",
    jvp(primals, tangents, params) {
      const p = parts(primals, params);
      const t = parts(tangents, params);
      refuseCaptured("customVjp", params.name, t.captured);
      if (t.args.every((x) => x === null)) return [bindFromRule(custom_vjp_call_p, primals, params), []];
      const results = applyRule(params.fwd, [...p.fwd, ...p.args]);
      const n = params.jaxpr.outs.length;
      const residuals = [...p.bwd, ...results.slice(n)];
      const ts = p.args.flatMap((x, i) => (isFloat(x.dtype) ? [instantiate(t.args[i]!, x.aval)] : []));
      const outAvals = params.jaxpr.outAvals;
      const lin: CustomLinParams = {
        name: params.name,
        bwd: params.bwd,
        nResiduals: residuals.length,
        outs: floatsOf(outAvals),
      };
      const dys = bind(custom_lin_p, [...residuals, ...ts], lin);
      let next = 0;
      return [results.slice(0, n), outAvals.map((a) => (isFloat(a.dtype) ? dys[next++]! : null))];
    },
  },
  batch(xs, dims, size, params) {
    const moved = xs.map((x, i) => (dims[i] === null ? x : moveaxis(x, dims[i]!, 0)));
    const batched = dims.map((d) => d !== null);
    const { fwd, bwd, args } = parts(batched, params);
    const floats = args.filter((_, i) => isFloat(parts(xs, params).args[i]!.dtype));
    const forced = params.jaxpr.outs.map(() => true);
    const batchedBwd = batchRule(params.bwd, size, (n) => [...bwd, ...new Array<boolean>(n - bwd.length).fill(true)]);
    const outs = bindFromRule(custom_vjp_call_p, moved, {
      ...params,
      jaxpr: batchJaxpr(params.jaxpr, size, batched, forced).jaxpr,
      fwd: batchRule(params.fwd, size, () => [...fwd, ...args]),
      bwd: summed(batchedBwd, floats),
    });
    return [outs, outs.map(() => 0)];
  },
  lower: (xs, _avals, { jaxpr }) => lowerJaxpr(jaxpr, xs),
  // Unknown arguments here are those of a function that is transposed: it is linear as it stands.
  partialEval: (trace, args, { jaxpr }: CustomVjpParams) => withTrace(trace, () => evalJaxpr(jaxpr, args)),
};

/** Both rules as functions of leaves. The structure of the residuals is known after fwd ran. */
function flatRules(
  fwd: AnyFunction,
  bwd: AnyFunction,
  inTree: JsTreeDef,
  avals: readonly Aval[],
  outTree: JsTreeDef,
  outAvals: readonly Aval[],
) {
  const op = "customVjp";
  let residualTree: JsTreeDef | null = null;
  return {
    fwd(xs: readonly Tracer[]): Tracer[] {
      const args = unflatten(inTree, xs as Tracer[]) as unknown as unknown[];
      const [out, residuals] = pair(op, "[result, residuals]", fwd(...args));
      const [outs, tree] = flattenResult(op, out);
      sameTree(op, "the result of fwd", tree, outTree);
      const [flat, treedef] = flattenResult(op, residuals);
      residualTree = treedef;
      return [...fitTo(op, "the result of fwd", outs, outAvals), ...flat];
    },
    bwd(xs: readonly Tracer[]): Tracer[] {
      const n = residualTree!.size;
      let next = n;
      const cts = outAvals.map((a) => (isFloat(a.dtype) ? xs[next++]! : zerosLike(a)));
      const result: unknown = bwd(unflatten(residualTree!, xs.slice(0, n)), unflatten(outTree, cts));
      const trees = inTree.childTreedefs;
      if (!Array.isArray(result) || result.length !== trees.length) {
        throw new TreeMismatchError(
          `${op}: bwd must return a list of ${trees.length} cotangent(s), one for each argument (null for none), ` +
            `got ${Array.isArray(result) ? `a list of ${result.length}` : "something else"}`,
        );
      }
      let at = 0;
      return trees.flatMap((tree, i) => {
        const wanted = avals.slice(at, (at += tree.size));
        const floats = wanted.map((a) => isFloat(a.dtype));
        if (result[i] === null || result[i] === undefined) return floatsOf(wanted).map((a) => zerosLike(a));
        const [leaves, treedef] = flattenResult(op, result[i]);
        sameTree(op, `the cotangent of argument ${i}`, treedef, tree);
        const keep = <T>(list: readonly T[]): T[] => list.filter((_, k) => floats[k]);
        return fitTo(op, `the cotangent of argument ${i}`, keep(leaves), keep(wanted));
      });
    },
  };
}

function callWithVjp(name: string, f: AnyFunction, fwd: AnyFunction, bwd: AnyFunction, args: readonly unknown[]) {
  const [xs, inTree] = flattenArgs("customVjp", args);
  const avals = xs.map((x) => x.aval);
  const sub = subFunction("customVjp", f, inTree, avals);
  const held: Tracer[] = [];
  try {
    const outAvals = sub.jaxpr.outAvals;
    const flat = flatRules(fwd, bwd, inTree, avals, sub.outTree, outAvals);
    const forward = stageRule(flat.fwd, avals);
    held.push(...forward.consts);
    const backward =
      forward.rule instanceof Jaxpr
        ? stageRule(flat.bwd, [...forward.rule.outAvals.slice(outAvals.length), ...floatsOf(outAvals)])
        : { rule: flat.bwd, consts: [] };
    held.push(...backward.consts);
    const nCaptured = sub.consts.length;
    const params: CustomVjpParams = {
      name,
      jaxpr: padded(
        sub.jaxpr,
        nCaptured,
        held.map((c) => c.aval),
      ),
      fwd: forward.rule,
      bwd: backward.rule,
      nCaptured,
      nFwd: forward.consts.length,
      nBwd: backward.consts.length,
    };
    return unflatten(sub.outTree, bindFromUser(custom_vjp_call_p, [...sub.consts, ...held, ...xs], params));
  } finally {
    for (const c of held) c[Symbol.dispose]();
    releaseCaptured(sub);
  }
}

export type CustomVjp<F extends AnyFunction> = F & {
  /** fwd(...args) => [out, residuals]; bwd(...nondiff, residuals, ct) => cotangents, one for each argument. */
  defvjp(fwd: AnyFunction, bwd: AnyFunction): void;
};

/**
 * f with a reverse-mode derivative of your own, given by `.defvjp(fwd, bwd)`.
 *
 * `fwd(...args)` gives `[out, residuals]`; `bwd(...nondiff, residuals, ct)` gives a list of cotangents, one for each
 * argument that is differentiated, null for zero. Residuals are any tree of arrays.
 * Errors: JaxError if no rule was given; DifferentiationError in forward mode, and for derivatives with respect to values
 * that f captured; TreeMismatchError, ShapeError, DTypeError if what the rules give does not fit.
 * Differs from JAX: inside jit, scan and other traced code the rules are traced together with the function.
 * Source: https://docs.jax.dev/en/latest/_autosummary/jax.custom_vjp.html
 * @example
 * const clipGradient = customVjp((x) => x.mul(1));
 * clipGradient.defvjp((x) => [x.mul(1), null], (_res, ct) => [np.clip(ct, -1, 1)]);
 * grad((x) => clipGradient(x).mul(5))(np.array(2)).item(); // => 1
 */
export function customVjp<F extends AnyFunction>(f: F, options: NondiffOptions = {}): CustomVjp<F> {
  needFunction("customVjp", f);
  checkOptions("customVjp", options, { nondiffArgnums: true });
  let rules: { fwd: AnyFunction; bwd: AnyFunction } | null = null;
  const name = f.name || "anonymous";
  const call = (...args: unknown[]): unknown => {
    if (rules === null) throw new JaxError(`customVjp: ${name} has no rules; give them with defvjp`);
    if (currentTrace().parent === null) return f(...args) as unknown;
    const { fwd, bwd } = rules;
    const split = splitNondiff(f, args, options);
    const back: AnyFunction = (residuals, ct) => bwd(...split.nondiff, residuals, ct) as unknown;
    return callWithVjp(name, split.f, splitNondiff(fwd, args, options).f, back, split.args);
  };
  const self = Object.assign(call, {
    defvjp(fwd: AnyFunction, bwd: AnyFunction): void {
      rules = { fwd, bwd };
    },
  });
  return Object.defineProperty(self, "name", { value: name }) as unknown as CustomVjp<F>;
}
