/** Running without compilation: jitted functions as plain ones, whose values can be looked at. */
import { withPlainMode } from "../transforms/plain-mode";
import { plainControl } from "./plain-control";

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
  return withPlainMode(plainControl, run);
}
