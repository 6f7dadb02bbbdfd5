/** Complex arrays are pairs `{ real, imag }`, as Fourier transforms give and take them. */
import { Tracer } from "../core/tracer";
import type { ArrayLike } from "./lift";

/** Real and imaginary parts, of one shape. */
export interface ComplexPair {
  real: Tracer;
  imag: Tracer;
}

/** Whether a value is a pair, rather than an array, a number or a list. */
export function isPair(x: ComplexPair | ArrayLike): x is ComplexPair {
  return typeof x === "object" && x !== null && !(x instanceof Tracer) && "real" in x && "imag" in x;
}
