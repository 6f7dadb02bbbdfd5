/** Running without compilation: jitted functions as plain ones, whose values can be looked at. */
import { type Scope, currentScope, withScope } from "../core/interpreter";
import { Literal } from "../core/tracer";
import { copy } from "../ops/convert";
import { unflatten } from "../tree/flatten";
import { map } from "../tree/index";
import { type AnyFunction, flattenResult, leafToTracer, release } from "./arguments";

let disabled = false;

/** Whether a call is inside of `disableJit`. */
export const jitIsDisabled = (): boolean => disabled;

/**
 * Runs a function in which calls of jitted functions are plain calls, operation by operation, and `lax.scan`,
 * `whileLoop`, `foriLoop`, `cond` and `switch` run in JavaScript: values inside can be printed, and a debugger stops there.
 *
 * It ends when `run` returns: what a promise does later is compiled again. Loops and branches are compiled as always where
 * their condition cannot be read: in `vmap`, in `makeJaxpr` and `lower`, and on webgpu.
 * Errors: those of `run`.
 * Source: https://docs.jax.dev/en/latest/_autosummary/jax.disable_jit.html
 * @example
 * const seen = [];
 * const f = jit((x) => (seen.push(x.item()), x.mul(2)));
 * disableJit(() => f(np.array(3)).item()); // => 6
 * seen; // => [3]
 */
export function disableJit<R>(run: () => R): R {
  const before = disabled;
  disabled = true;
  try {
    return run();
  } finally {
    disabled = before;
  }
}

/** What a jitted function gives, by a call of f: numbers become arrays on the way in and out, results have own handles. */
export function callPlain(f: AnyFunction, args: readonly unknown[], statics: readonly number[]): unknown {
  const outer = currentScope();
  const made: Scope = new Set();
  const lifted = (arg: unknown, i: number): unknown =>
    map((leaf: unknown) => {
      const x = leafToTracer("jit", leaf, () => `a part of argument ${i}`);
      return x instanceof Literal ? copy(x) : x;
    }, arg);
  const [outs, tree] = withScope(made, () => {
    const all = args.map((arg, i) => (statics.includes(i) ? arg : lifted(arg, i)));
    return flattenResult("jit", f(...all));
  });
  const released = release(outs, made);
  for (const x of made) outer?.add(x);
  return unflatten(tree, released);
}
