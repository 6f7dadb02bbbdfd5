/** Products with and diagonals of matrices of second derivatives. Parameters are taken as vectors. */
import { type Array, grad, jvp, numpy as np, ravelPytree, vmap } from "@jax-js/jax";
import { pure, valueAndGradOf } from "../base";

/** A loss of parameters, inputs and targets; a scalar. */
// eslint-disable-next-line @typescript-eslint/no-explicit-any -- parameters are trees of any depth
export type LossFn = (params: any, inputs: any, targets: any) => Array;

const vectorOf = (x: unknown): Array => ravelPytree(x as never)[0];

/** The product as a tree like the parameters. */
function product(loss: LossFn, v: Array, params: unknown, inputs: unknown, targets: unknown): unknown {
  const [, unravel] = ravelPytree(params as never);
  const gradient = grad(((p: unknown) => loss(p, inputs, targets)) as never);
  return (jvp(gradient as never, [params], [unravel(v)]) as unknown as [unknown, unknown])[1];
}

/**
 * Product of the Hessian of a loss with a vector; a tree like the parameters.
 *
 * Shapes: v is `[n]`, n the number of all elements of the parameters.
 * Source: optax.second_order.hvp.
 * @example
 * const loss = (p) => np.sum(np.power(p, 3));
 * hvp(loss, np.array([1, 1]), np.array([1, 2]), null, null).js(); // => [6, 12]
 */
export function hvp<P>(loss: LossFn, v: Array, params: P, inputs: unknown, targets: unknown): P {
  return pure(() => product(loss, v, params, inputs, targets) as P, [v, params, inputs, targets]);
}

/**
 * Diagonal of the Hessian of a loss; a vector of all elements of the parameters.
 *
 * Source: optax.second_order.hessian_diag.
 * @example
 * const loss = (p) => np.sum(np.power(p, 3));
 * hessianDiag(loss, np.array([1, 2]), null, null).js(); // => [6, 12]
 */
export function hessianDiag(loss: LossFn, params: unknown, inputs: unknown, targets: unknown): Array {
  return pure(() => {
    const entry = (v: Array): Array => np.sum(v.mul(vectorOf(product(loss, v, params, inputs, targets))));
    return vmap(entry)(np.eye(vectorOf(params).size));
  }, [params, inputs, targets]);
}

/**
 * Diagonal of the observed Fisher information: squared elements of the gradient; a vector.
 *
 * Source: optax.second_order.fisher_diag.
 * @example
 * const negativeLogLikelihood = (p) => np.sum(np.power(p, 2));
 * fisherDiag(negativeLogLikelihood, np.array([1, 2]), null, null).js(); // => [4, 16]
 */
export function fisherDiag(negativeLogLikelihood: LossFn, params: unknown, inputs: unknown, targets: unknown): Array {
  return pure(() => {
    const [, gradient] = valueAndGradOf((p) => negativeLogLikelihood(p, inputs, targets))(params);
    return np.square(vectorOf(gradient));
  }, [params, inputs, targets]);
}
