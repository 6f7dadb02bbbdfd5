/** Functions that give their derivative together with their value. */
import { currentScope } from "../core/interpreter";
import type { Tracer } from "../core/tracer";
import { evalJaxpr } from "../jaxpr/evaluate";
import type { Jaxpr } from "../jaxpr/jaxpr";
import { unflatten } from "../tree/flatten";
import { type AnyFunction, flattenArgs, flattenResult, needFunction } from "./arguments";
import { pair, sameTree } from "./custom-call";
import { customVjp } from "./custom-vjp";
import { stage } from "./stage";

/**
 * A function whose derivative is given where it is computed: `f(...xs)` gives `[y, vjpFun]`, and `vjpFun(ct)` the list of
 * cotangents (or, for one argument, the cotangent itself).
 *
 * Source: https://docs.jax.dev/en/latest/_autosummary/jax.custom_gradient.html
 * @example
 * const f = customGradient((x) => [x.mul(x), (ct) => ct.mul(x)]);
 * grad(f)(np.array(3)).item(); // => 3
 */
export function customGradient(f: AnyFunction): AnyFunction {
  needFunction("customGradient", f);
  return (...args: unknown[]): unknown => {
    let back: Jaxpr | null = null;
    const first: AnyFunction = (...xs) => pair("customGradient", "[result, vjpFun]", f(...xs))[0];
    const fwd: AnyFunction = (...xs) => {
      const [y, vjpFun] = pair("customGradient", "[result, vjpFun]", f(...xs));
      const [ys, outTree] = flattenResult("customGradient", y);
      const run = (cts: readonly Tracer[]): Tracer[] => {
        const given: unknown = (vjpFun as AnyFunction)(unflatten(outTree, cts as Tracer[]));
        const list = Array.isArray(given) && (xs.length > 1 || given.length === 1) ? given : [given];
        const [flat, tree] = flattenArgs("customGradient", list as unknown[]);
        const [, inTree] = flattenArgs("customGradient", xs);
        sameTree("customGradient", "what vjpFun gives", tree, inTree);
        return flat;
      };
      const { jaxpr, consts } = stage(
        run,
        ys.map((v) => v.aval),
      );
      back = jaxpr;
      // What vjpFun captured are the residuals, by handles that belong to whoever runs this.
      const residuals = consts.map((c) => {
        const own = c.handle();
        c[Symbol.dispose]();
        if (own !== c) currentScope()?.add(own);
        return own;
      });
      return [y, residuals];
    };
    const bwd: AnyFunction = (residuals: Tracer[], ct: unknown) => {
      const [cts] = flattenArgs("customGradient", [ct]);
      return unflatten(flattenArgs("customGradient", args)[1], evalJaxpr(back!, [...residuals, ...cts]));
    };
    const whole = customVjp(Object.defineProperty(first, "name", { value: f.name || "anonymous" }));
    whole.defvjp(fwd, bwd);
    return whole(...args) as unknown;
  };
}
