/** Window functions of signal processing. All give float32 vectors of length M, with 1 for M = 1. */
import { needNumber } from "../base/needed";
import { ShapeError } from "../base/errors";
import { type Tracer } from "../core/tracer";
import { arrayFromHost } from "./host";

/** Samples `f(t)` for t from -1 to 1; the values are computed in double precision. */
function samples(op: string, M: number, f: (t: number) => number): Tracer {
  if (!Number.isInteger(M) || M < 0) throw new ShapeError(`${op}: the length must be a whole number >= 0, got ${M}`);
  const values = Float64Array.from({ length: M }, (_, n) => (M === 1 ? 1 : f((2 * n) / (M - 1) - 1)));
  return arrayFromHost(op, values, { dtype: "float32" });
}

/** Triangle. @example np.bartlett(3).js(); // => [0, 1, 0] */
export function bartlett(M: number): Tracer {
  return samples("bartlett", M, (t) => 1 - Math.abs(t));
}

/** Sum of three cosines, zero at the ends. @example np.blackman(3).js(); // => [0, 1, 0] */
export function blackman(M: number): Tracer {
  return samples("blackman", M, (t) => 0.42 + 0.5 * Math.cos(Math.PI * t) + 0.08 * Math.cos(2 * Math.PI * t));
}

/** Raised cosine on a pedestal. @example np.hamming(3).js(); // => [0.08, 1, 0.08] */
export function hamming(M: number): Tracer {
  return samples("hamming", M, (t) => 0.54 + 0.46 * Math.cos(Math.PI * t));
}

/** Raised cosine. @example np.hanning(3).js(); // => [0, 1, 0] */
export function hanning(M: number): Tracer {
  return samples("hanning", M, (t) => 0.5 + 0.5 * Math.cos(Math.PI * t));
}

/** As `hanning`. @example np.hann(3).js(); // => [0, 1, 0] */
export function hann(M: number): Tracer {
  return hanning(M);
}

/** Kaiser window; `beta` sets how narrow it is. @example np.kaiser(3, 0).js(); // => [1, 1, 1] */
export function kaiser(M: number, beta: number): Tracer {
  needNumber("kaiser", "beta", beta);
  return samples("kaiser", M, (t) => besselI0(beta * Math.sqrt(Math.max(0, 1 - t * t))) / besselI0(beta));
}

/** Modified Bessel function of order 0, by its power series: sum of (x/2)^2k / k!^2. */
function besselI0(x: number): number {
  let term = 1;
  let total = 1;
  for (let k = 1; term > 1e-17 * total; k++) {
    term *= (x / (2 * k)) ** 2;
    total += term;
  }
  return total;
}
