/** Functions of complex pairs that oracles/scipy-linalg.py names. */
import { type Array as Tensor, numpy as np } from "@jax-js/jax";

interface Pair {
  readonly real: Tensor;
  readonly imag: Tensor;
}

export const functions = {
  exp: ({ real, imag }: Pair) => ({ real: np.exp(real).mul(np.cos(imag)), imag: np.exp(real).mul(np.sin(imag)) }),
  cube: ({ real: a, imag: b }: Pair) => ({
    real: a.mul(a).sub(b.mul(b).mul(3)).mul(a),
    imag: a.mul(a).mul(3).sub(b.mul(b)).mul(b),
  }),
  one: ({ real }: Pair) => np.onesLike(real),
};
