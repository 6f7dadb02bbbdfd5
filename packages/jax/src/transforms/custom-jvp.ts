/** Functions with a derivative of the user's own, in forward mode; reverse mode follows by transposing it. */
import { checkOptions } from "../base/option-names";
import { isFloat } from "../aval/dtype";
import type { Aval } from "../aval/shaped-array";
import { DifferentiationError, JaxError } from "../base/errors";
import { currentTrace, withTrace } from "../core/interpreter";
import type { Primitive } from "../core/primitive";
import type { Tracer } from "../core/tracer";
import { evalJaxpr } from "../jaxpr/evaluate";
import type { Jaxpr } from "../jaxpr/jaxpr";
import { lowerJaxpr } from "../jaxpr/lower";
import { add } from "../ops/arith";
import { zerosLike } from "../ops/broadcast";
import { moveaxis } from "../ops/transpose";
import { map } from "../tree/index";
import { unflatten } from "../tree/flatten";
import type { JsTreeDef } from "../tree/treedef";
import { type AnyFunction, flattenArgs, flattenResult, needFunction } from "./arguments";
import {
  type FlatRule,
  type NondiffOptions,
  type StagedRule,
  applyRule,
  batchRuleOnce,
  bindFromRule,
  bindFromUser,
  fitTo,
  padded,
  pair,
  sameTree,
  splitNondiff,
  stageRule,
} from "./custom-call";
import { batchJaxpr } from "./derived";
import { instantiate } from "./jvp";
import type { PartialEvalRule } from "./partial-eval";
import { releaseCaptured, subFunction } from "./sub-program";

export interface CustomJvpParams {
  readonly name: string;
  /** [captured by the function..., captured by the rule..., arguments...] to results. */
  readonly jaxpr: Jaxpr;
  /** [captured by the rule..., arguments..., tangents...] to [results..., tangents...]. */
  readonly jvp: FlatRule;
  readonly nCaptured: number;
  readonly nRule: number;
  /** The rule knows what the function captured. */
  readonly knowsCaptured: boolean;
}

export function refuseCaptured(op: string, name: string, tangents: readonly (Tracer | null)[]): void {
  const t = tangents.find((x) => x !== null);
  if (t === undefined) return;
  throw new DifferentiationError(
    `${op}: ${name} was differentiated with respect to a captured value ${t.aval}, of which its rule knows nothing; ` +
      `make the value an argument of the function`,
  );
}

export const custom_jvp_call_p: Primitive<CustomJvpParams> & PartialEvalRule = {
  name: "custom_jvp_call",
  type: (_xs, { jaxpr }) => jaxpr.outAvals,
  derivative: {
    kind: "jvp",
    jvp(primals, tangents, params) {
      const { name, jaxpr, jvp, nCaptured, nRule, knowsCaptured } = params;
      if (!knowsCaptured) refuseCaptured("customJvp", name, tangents.slice(0, nCaptured));
      const args = primals.slice(nCaptured + nRule);
      const ts = tangents.slice(nCaptured + nRule);
      if (ts.every((t) => t === null)) return [bindFromRule(custom_jvp_call_p, primals, params), []];
      const all = ts.map((t, i) => instantiate(t, args[i]!.aval));
      const outs = applyRule(jvp, [...primals.slice(nCaptured), ...all]);
      const n = jaxpr.outs.length;
      return [outs.slice(0, n), outs.slice(n).map((t) => (isFloat(t.dtype) ? t : null))];
    },
  },
  batch(xs, dims, size, params) {
    const { jaxpr, jvp, nCaptured, nRule } = params;
    const moved = xs.map((x, i) => (dims[i] === null ? x : moveaxis(x, dims[i]!, 0)));
    const batched = dims.map((d) => d !== null);
    const forced = jaxpr.outs.map(() => true);
    const forRule = [...batched.slice(nCaptured), ...batched.slice(nCaptured + nRule)];
    const outs = bindFromRule(custom_jvp_call_p, moved, {
      ...params,
      jaxpr: batchJaxpr(jaxpr, size, batched, forced).jaxpr,
      jvp: batchRuleOnce(jvp, size, forRule),
    });
    return [outs, outs.map(() => 0)];
  },
  lower: (xs, _avals, { jaxpr }) => lowerJaxpr(jaxpr, xs),
  // Unknown arguments here are those of a function that is transposed: it is linear as it stands.
  partialEval: (trace, args, { jaxpr }: CustomJvpParams) => withTrace(trace, () => evalJaxpr(jaxpr, args)),
};

/** rule(primals, tangents) => [out, tangentOut] as a function of leaves. */
function flatRule(op: string, rule: AnyFunction, inTree: JsTreeDef, outTree: JsTreeDef, avals: readonly Aval[]) {
  return (xs: readonly Tracer[]): Tracer[] => {
    const n = xs.length / 2;
    const result: unknown = rule(unflatten(inTree, xs.slice(0, n)), unflatten(inTree, xs.slice(n)));
    const [out, tangentOut] = pair(op, "[result, tangent of the result]", result);
    const [outs, tree] = flattenResult(op, out);
    const [ts, tangentTree] = flattenResult(op, tangentOut);
    sameTree(op, "the result of the rule", tree, outTree);
    sameTree(op, "the tangent of the result", tangentTree, outTree);
    const floats = ts.map((t, i) => (isFloat(avals[i]!.dtype) ? t : zerosLike(avals[i]!)));
    return [
      ...fitTo(op, "the result of the rule", outs, avals),
      ...fitTo(op, "the tangent of the result", floats, avals),
    ];
  };
}

export interface JvpCall {
  readonly op: string;
  readonly name: string;
  readonly f: AnyFunction;
  /** (primals, tangents) => [out, tangentOut] */
  readonly rule: AnyFunction;
  readonly knowsCaptured?: boolean;
  /** For a rule that captures nothing, what is known of it for arguments of each kind: it runs when a derivative is asked for. */
  readonly closed?: Map<string, FlatRule>;
}

/** f(...args), whose derivative is the rule. */
export function callWithJvp(call: JvpCall, args: readonly unknown[]): unknown {
  const { op, name, f, rule, knowsCaptured = false, closed } = call;
  const [xs, inTree] = flattenArgs(op, args);
  const avals = xs.map((x) => x.aval);
  const sub = subFunction(op, f, inTree, avals);
  try {
    const make = () => flatRule(op, rule, inTree, sub.outTree, sub.jaxpr.outAvals);
    const { rule: jvp, consts } =
      closed === undefined ? stageRule(make(), [...avals, ...avals]) : closedRule(closed, inTree, avals, make);
    try {
      const nCaptured = sub.consts.length;
      const outs = bindFromUser(custom_jvp_call_p, [...sub.consts, ...consts, ...xs], {
        name,
        jaxpr: padded(
          sub.jaxpr,
          nCaptured,
          consts.map((c) => c.aval),
        ),
        jvp,
        nCaptured,
        nRule: consts.length,
        knowsCaptured,
      } as CustomJvpParams);
      return unflatten(sub.outTree, outs);
    } finally {
      for (const c of consts) c[Symbol.dispose]();
    }
  } finally {
    releaseCaptured(sub);
  }
}

/** The same function for equal calls, so that programs that hold it are found again. */
function closedRule(
  known: Map<string, FlatRule>,
  inTree: JsTreeDef,
  avals: readonly Aval[],
  make: () => FlatRule,
): StagedRule {
  const key = `${inTree}|${avals.map((a) => a.id).join()}`;
  let rule = known.get(key);
  if (rule === undefined) known.set(key, (rule = make()));
  return { rule, consts: [] };
}

/** Rule for one argument: (tangent, out, ...primals) => its part of the tangent of the result. */
export type ArgumentRule = AnyFunction | null;

export type CustomJvp<F extends AnyFunction> = F & {
  /** rule(...nondiff, primals, tangents) => [out, tangentOut]. Gives the rule back. */
  defjvp<R extends AnyFunction>(rule: R): R;
  /** One rule for each argument: (tangent, out, ...primals) => its part of the tangent of the result; null for none. */
  defjvps(...rules: readonly ArgumentRule[]): void;
};

/**
 * f with a derivative of your own, given by `.defjvp(rule)` or `.defjvps(...rules)`.
 *
 * `rule(...nondiff, primals, tangents)` gives `[out, tangentOut]` and must be linear in the tangents, which makes reverse
 * mode work too. Rules may call the function itself, which gives higher derivatives.
 * Errors: JaxError if no rule was given; DifferentiationError for derivatives with respect to values that f captured;
 * TreeMismatchError, ShapeError, DTypeError if what the rule gives does not fit.
 * Differs from JAX: inside jit, scan and other traced code the rule is traced together with the function.
 * Source: https://docs.jax.dev/en/latest/_autosummary/jax.custom_jvp.html
 * @example
 * const log1pexp = customJvp((x) => np.log(np.exp(x).add(1)));
 * log1pexp.defjvps((t, _out, x) => t.mul(nn.sigmoid(x)));
 * grad(log1pexp)(np.array(100)).item(); // => 1
 */
export function customJvp<F extends AnyFunction>(f: F, options: NondiffOptions = {}): CustomJvp<F> {
  checkOptions("customJvp", options, { nondiffArgnums: true });
  return withJvp(f, options, undefined);
}

/** As `customJvp`, for rules that capture no arrays: inside of traced code they are not traced before a derivative is asked for. */
export const closedJvp = <F extends AnyFunction>(f: F): CustomJvp<F> => withJvp(f, {}, new Map<string, FlatRule>());

function withJvp<F extends AnyFunction>(
  f: F,
  options: NondiffOptions,
  closed: Map<string, FlatRule> | undefined,
): CustomJvp<F> {
  needFunction("customJvp", f);
  let rule: AnyFunction | null = null;
  const name = f.name || "anonymous";
  const call = (...args: unknown[]): unknown => {
    if (rule === null) throw new JaxError(`customJvp: ${name} has no rule; give one with defjvp or defjvps`);
    if (currentTrace().parent === null) return f(...args) as unknown;
    const defined = rule;
    // What is kept of a closed rule must not hold the arguments of the call that it was made in.
    if (closed !== undefined) return callWithJvp({ op: "customJvp", name, f, rule: defined, closed }, args);
    const split = splitNondiff(f, args, options);
    const flat: AnyFunction = (...both) => defined(...split.nondiff, ...(both as unknown[])) as unknown;
    return callWithJvp({ op: "customJvp", name, f: split.f, rule: flat }, split.args);
  };
  const self = Object.assign(call, {
    defjvp: <R extends AnyFunction>(given: R): R => {
      rule = given;
      return given;
    },
    defjvps: (...rules: readonly ArgumentRule[]): void => {
      if (typeof options.nondiffArgnums === "number" || (options.nondiffArgnums ?? []).length > 0) {
        throw new JaxError("customJvp: defjvps does not go with nondiffArgnums; use defjvp");
      }
      rule = (primals: unknown[], tangents: unknown[]) => {
        if (rules.length !== primals.length) {
          throw new JaxError(`customJvp: defjvps got ${rules.length} rules for ${primals.length} arguments of ${name}`);
        }
        const out = call(...primals);
        const parts = rules.flatMap((r, i) => (r === null ? [] : [r(tangents[i], out, ...primals) as unknown]));
        const zeros = map((x: Tracer) => zerosLike(x), out as Tracer);
        const total = parts.reduce(
          (a, b) => map((x: Tracer, y: Tracer) => add(x, y), a as Tracer, b as Tracer),
          parts.shift() ?? zeros,
        );
        return [out, total];
      };
    },
  });
  return Object.defineProperty(self, "name", { value: name }) as unknown as CustomJvp<F>;
}
