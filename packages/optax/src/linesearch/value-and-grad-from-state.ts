/** Values and gradients that a line search has computed already. */
import { type Array, lax, numpy as np } from "@jax-js/jax";
import { type OptState, pure, valueAndGradOf } from "../base";
import { treeGet } from "../tree/search";

type ValueFn = (params: never, ...args: never[]) => Array;
type AfterFirst<F> = F extends (first: never, ...rest: infer R) => unknown ? R : never;

/**
 * As valueAndGrad, but takes value and gradient from the state of a line search (or of lbfgs) where they are: they are known at
 * the parameters that its last step gave. The state comes in a last argument `{ state }`.
 *
 * Errors: TypeError if the state has no value and gradient.
 * Source: optax.value_and_grad_from_state.
 * @example
 * const valueFn = (x) => np.sum(x.mul(x));
 * const params = np.array([3]);
 * const [value, grad] = valueAndGradFromState(valueFn)(params, { state: lbfgs().init(params) });
 * [value.item(), grad.js()]; // => [9, [6]]
 */
export function valueAndGradFromState<F extends ValueFn>(
  valueFn: F,
): <P>(params: P, ...args: [...AfterFirst<F>, { state: OptState }]) => [value: Array, grad: P] {
  return <P>(params: P, ...args: unknown[]): [Array, P] => {
    const { state } = (args[args.length - 1] ?? {}) as { state?: OptState };
    const others = args.slice(0, -1);
    return pure(() => {
      const value = treeGet(state, "value") as Array | null;
      const grad = treeGet(state, "grad") as unknown;
      if (value === null || grad === null) {
        throw new TypeError(
          "valueAndGradFromState: the state has no value and grad; give { state } of a line search that stores them",
        );
      }
      const compute = (): [Array, unknown] => {
        const [v, g] = valueAndGradOf(valueFn as never)(params, ...others);
        return [v.astype(value.dtype), g];
      };
      return lax.cond(np.isfinite(value), (() => [value, grad]) as never, compute as never) as [Array, P];
    }, [params, args]);
  };
}
