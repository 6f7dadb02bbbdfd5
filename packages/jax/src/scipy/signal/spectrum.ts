/** Complex arrays as pairs, elementwise. */
import type { ComplexPair } from "../../numpy/fft";
import * as ops from "../../ops/index";

/** x y. */
export const product = (x: ComplexPair, y: ComplexPair): ComplexPair => ({
  real: ops.sub(ops.mul(x.real, y.real), ops.mul(x.imag, y.imag)),
  imag: ops.add(ops.mul(x.real, y.imag), ops.mul(x.imag, y.real)),
});

/** The conjugate. */
export const conjugate = (x: ComplexPair): ComplexPair => ({ real: x.real, imag: ops.neg(x.imag) });
