/** Functions with a rule of the user's own for batches. */
import { isFloat } from "../aval/dtype";
import { JaxError, ShapeError } from "../base/errors";
import { range } from "../base/list";
import { bind, currentTrace, withTrace } from "../core/interpreter";
import type { BatchDim, Primitive } from "../core/primitive";
import type { Tracer } from "../core/tracer";
import { evalJaxpr } from "../jaxpr/evaluate";
import type { Jaxpr } from "../jaxpr/jaxpr";
import { lowerJaxpr } from "../jaxpr/lower";
import { broadcastInDim } from "../ops/broadcast";
import { moveaxis } from "../ops/transpose";
import { flatten, map } from "../tree/index";
import { unflatten } from "../tree/flatten";
import type { JsTreeDef } from "../tree/treedef";
import { type AnyFunction, flattenArgs, flattenResult, needFunction } from "./arguments";
import { bindFromRule, bindFromUser, pair, sameTree } from "./custom-call";
import { jvpJaxpr, reorder } from "./derived";
import { JVPTrace, instantiate } from "./jvp";
import type { PartialEvalRule } from "./partial-eval";
import { scanParams, scan_p } from "./scan";
import { releaseCaptured, subFunction } from "./sub-program";

/** Leaves whose batch axis, if they have one, is in front, to results and which of them are batched. */
type FlatVmapRule = (size: number, batched: readonly boolean[], xs: readonly Tracer[]) => [Tracer[], boolean[]];

export interface CustomVmapParams {
  readonly name: string;
  /** [captured..., arguments...] to results. */
  readonly jaxpr: Jaxpr;
  readonly rule: FlatVmapRule;
}

export const custom_vmap_call_p: Primitive<CustomVmapParams> & PartialEvalRule = {
  name: "custom_vmap_call",
  type: (_xs, { jaxpr }) => jaxpr.outAvals,
  derivative: {
    kind: "jvp",
    jvp(primals, tangents, { name, jaxpr, rule }) {
      const nonzero = tangents.map((t) => t !== null);
      const forced = jaxpr.outAvals.map((a) => isFloat(a.dtype));
      const { jaxpr: both, outHasTangent } = jvpJaxpr(jaxpr, nonzero, forced);
      const params: CustomVmapParams = { name, jaxpr: both, rule: jvpOfRule(rule, nonzero, outHasTangent) };
      const outs = bindFromRule(custom_vmap_call_p, [...primals, ...tangents.filter((t) => t !== null)], params);
      let next = jaxpr.outs.length;
      return [outs.slice(0, next), outHasTangent.map((has) => (has ? outs[next++]! : null))];
    },
  },
  batch(xs, dims, size, { jaxpr, rule }) {
    const moved = xs.map((x, i) => (dims[i] === null ? x : moveaxis(x, dims[i]!, 0)));
    const [outs, batched] = rule(
      size,
      dims.map((d) => d !== null),
      moved,
    );
    const avals = jaxpr.outAvals;
    outs.forEach((y, i) => {
      const wanted = batched[i] ? [size, ...avals[i]!.shape] : avals[i]!.shape;
      if (y.shape.join() === wanted.join() && y.dtype === avals[i]!.dtype) return;
      throw new ShapeError(
        `customVmap: the rule gave ${y.aval} for a result of ${avals[i]!}; expected the shape [${wanted.join()}], ` +
          `since the rule says that it is ${batched[i] ? "" : "not "}batched`,
      );
    });
    return [outs, batched.map((b): BatchDim => (b ? 0 : null))];
  },
  lower: (xs, _avals, { jaxpr }) => lowerJaxpr(jaxpr, xs),
  partialEval: (trace, args, { jaxpr }: CustomVmapParams) => withTrace(trace, () => evalJaxpr(jaxpr, args)),
};

/** The rule for [arguments..., tangents of those that have one...]: the derivative of the rule. */
function jvpOfRule(rule: FlatVmapRule, nonzero: readonly boolean[], outHasTangent: readonly boolean[]): FlatVmapRule {
  const n = nonzero.length;
  return (size, batched, xs) => {
    const trace = new JVPTrace(currentTrace(), new Set());
    let at = n;
    const flags: boolean[] = [];
    const inputs = range(n).map((i) => {
      if (!nonzero[i]) {
        flags.push(batched[i]!);
        return xs[i]!;
      }
      // A value and its tangent are both batched if one of them is.
      const both = batched[i]! || batched[at]!;
      flags.push(both);
      const [x, t] = [xs[i]!, xs[at]!].map((v, k) =>
        both && !batched[k === 0 ? i : at] ? broadcastInDim(v, [size, ...v.shape], range(1, v.ndim + 1)) : v,
      );
      at++;
      return trace.wrap(x!, t!);
    });
    const [outs, outBatched] = withTrace(trace, () => rule(size, flags, inputs));
    const tangents = outs.flatMap((y, i) => (outHasTangent[i] ? [instantiate(trace.tangentOf(y), y.aval)] : []));
    return [
      [...outs.map((y) => trace.primalOf(y)), ...tangents],
      [...outBatched, ...outBatched.filter((_, i) => outHasTangent[i])],
    ];
  };
}

function flatRule(rule: AnyFunction, inTree: JsTreeDef, outTree: JsTreeDef): FlatVmapRule {
  return (size, batched, xs) => {
    const args = unflatten(inTree, xs as Tracer[]) as unknown as unknown[];
    const inBatched: unknown = unflatten(inTree, batched as boolean[]);
    const [out, outBatched] = pair(
      "customVmap",
      "[result, which parts of it are batched]",
      rule(size, inBatched, ...args),
    );
    const [outs, tree] = flattenResult("customVmap", out);
    sameTree("customVmap", "the result of the rule", tree, outTree);
    const [flags, flagTree] = flatten<boolean>(outBatched);
    if (flags.length === 1 && flagTree.nodeType === "Leaf") return [outs, outs.map(() => flags[0]!)];
    sameTree("customVmap", "what the rule says is batched", flagTree, outTree);
    return [outs, flags];
  };
}

export type CustomVmap<F extends AnyFunction> = F & {
  /** rule(axisSize, inBatched, ...args) => [out, outBatched]. Gives the rule back. */
  defVmap<R extends AnyFunction>(rule: R): R;
};

/**
 * f with a rule of your own for vmap, given by `.defVmap(rule)`.
 *
 * `rule(axisSize, inBatched, ...args)` gets arguments whose batch axis is in front and, in `inBatched`, a list that says
 * of each leaf whether it has one; it gives `[out, outBatched]`. `outBatched` may be one boolean for all of a tree.
 * Gradient: forward mode differentiates the rule; reverse mode is that of f itself.
 * Errors: JaxError if no rule was given; TreeMismatchError, ShapeError if what the rule gives does not fit.
 * Source: https://docs.jax.dev/en/latest/_autosummary/jax.custom_batching.custom_vmap.html
 * @example
 * const f = customVmap((x) => x.add(1));
 * f.defVmap((_n, [batched], x) => [x.add(10), batched]);
 * vmap(f)(np.array([1, 2])).js(); // => [11, 12]
 */
export function customVmap<F extends AnyFunction>(f: F): CustomVmap<F> {
  needFunction("customVmap", f);
  let rule: AnyFunction | null = null;
  const name = f.name || "anonymous";
  const call = (...args: unknown[]): unknown => {
    if (rule === null) throw new JaxError(`customVmap: ${name} has no rule; give one with defVmap`);
    if (currentTrace().parent === null) return f(...args) as unknown;
    const [xs, inTree] = flattenArgs("customVmap", args);
    const sub = subFunction(
      "customVmap",
      f,
      inTree,
      xs.map((x) => x.aval),
    );
    try {
      const flat = flatRule(rule, inTree, sub.outTree);
      const n = sub.consts.length;
      const params: CustomVmapParams = {
        name,
        jaxpr: sub.jaxpr,
        rule: (size, batched, operands) => {
          if (batched.slice(0, n).includes(true)) {
            throw new JaxError(`customVmap: ${name} captured a batched value; make it an argument of the function`);
          }
          return flat(size, batched.slice(n), operands.slice(n));
        },
      };
      return unflatten(sub.outTree, bindFromUser(custom_vmap_call_p, [...sub.consts, ...xs], params));
    } finally {
      releaseCaptured(sub);
    }
  };
  const self = Object.assign(call, {
    defVmap: <R extends AnyFunction>(given: R): R => {
      rule = given;
      return given;
    },
  });
  return Object.defineProperty(self, "name", { value: name }) as unknown as CustomVmap<F>;
}

/**
 * f as a function whose batches run one example after the other, in a loop.
 *
 * Source: https://docs.jax.dev/en/latest/_autosummary/jax.custom_batching.sequential_vmap.html
 * @example
 * vmap(sequentialVmap((x) => x.mul(2)))(np.array([1, 2])).js(); // => [2, 4]
 */
export function sequentialVmap<F extends AnyFunction>(f: F): CustomVmap<F> {
  const self = customVmap(f);
  self.defVmap((size: number, inBatched: unknown, ...args: unknown[]) => {
    const [xs, inTree] = flattenArgs("sequentialVmap", args);
    const [flags] = flatten<boolean>(inBatched);
    const avals = xs.map((x, i) => (flags[i] ? x.aval.withShape(x.shape.slice(1)) : x.aval));
    const sub = subFunction("sequentialVmap", f, inTree, avals);
    try {
      const n = sub.consts.length;
      const fixed = range(xs.length).filter((i) => !flags[i]);
      const sliced = range(xs.length).filter((i) => flags[i]);
      const order = [...range(n), ...[...fixed, ...sliced].map((i) => n + i)];
      const body = reorder(sub.jaxpr, order, range(sub.jaxpr.outs.length));
      const operands = [...sub.consts, ...[...fixed, ...sliced].map((i) => xs[i]!)];
      const outs = bind(scan_p, operands, scanParams(body, size, 0, n + fixed.length, false));
      const out = unflatten(sub.outTree, outs);
      return [out, map(() => true, out as unknown)];
    } finally {
      releaseCaptured(sub);
    }
  });
  return self;
}

/** As in JAX, `customBatching.customVmap`. */
export const customBatching = { customVmap, sequentialVmap } as const;
