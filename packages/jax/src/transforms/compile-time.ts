/** Work that is done while a function is traced, and not each time that it runs. */
import { LeakedTracerError } from "../base/errors";
import { type Trace, currentTrace, withTrace } from "../core/interpreter";

/**
 * Runs a function at once, also while another is being traced: its arrays are concrete, and their values can be read.
 * Results that the traced function uses become constants of its program.
 *
 * Errors: LeakedTracerError if it works on traced values.
 * @example
 * const f = jit((x) => {
 *   const n = ensureCompileTimeEval(() => np.arange(4).sum().item());
 *   return n > 5 ? x.mul(n) : x;
 * });
 * f(np.array(2)).item(); // => 12
 */
export function ensureCompileTimeEval<R>(run: () => R): R {
  let bottom: Trace = currentTrace();
  while (bottom.parent !== null) bottom = bottom.parent;
  try {
    return withTrace(bottom, run);
  } catch (error) {
    if (!(error instanceof LeakedTracerError)) throw error;
    throw new LeakedTracerError(
      `ensureCompileTimeEval: the function works on a traced value; compute only with arrays that are there while tracing`,
    );
  }
}
