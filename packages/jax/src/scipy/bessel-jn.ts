/** Bessel functions of the first kind, of all orders up to one. */
import { checkOptions } from "../base/option-names";
import { ShapeError } from "../base/errors";
import type { Tracer } from "../core/tracer";
import { divide } from "../numpy/arithmetic";
import { stack } from "../numpy/joining";
import { type ArrayLike, constantLike } from "../numpy/lift";
import { compiled, evaluateAll, withRules } from "./formula";
import { owned } from "../numpy/owned";

/** J_0 ... J_v, from the ratios `J_k / J_(k-1) = z / (2k - z J_(k+1) / J_k)` downward and `J_0 + 2 J_2 + 2 J_4 + ... = 1`. */
function orders(v: number, nIter: number): (z: Tracer) => Tracer[] {
  return compiled((z: Tracer): Tracer[] => {
    const ratios: Tracer[] = [];
    let ratio = constantLike(z, 0);
    for (let k = nIter; k >= 1; k--) {
      ratio = divide(
        z,
        z
          .mul(ratio)
          .neg()
          .add(2 * k),
      );
      ratios[k] = ratio;
    }
    let evens = constantLike(z, 0); // (J_2k + J_2k+2 + ...) / J_2k-2
    for (let k = nIter - (nIter % 2); k >= 2; k -= 2) evens = ratios[k]!.mul(ratios[k - 1]!).mul(evens.add(1));
    const out = [divide(1, evens.mul(2).add(1))];
    for (let k = 1; k <= v; k++) out.push(out[k - 1]!.mul(ratios[k]!));
    return out;
  });
}

/** With the derivative `J_k' = (J_(k-1) - J_(k+1)) / 2`. */
function besselFormula(v: number, nIter: number): (z: Tracer) => Tracer[] {
  return withRules(orders(v, nIter), (t, _out, z) => {
    const all = besselFormula(v + 1, nIter + 1)(z);
    return all.slice(0, -1).map((_, k) => t.mul(k === 0 ? all[1]!.neg() : all[k - 1]!.sub(all[k + 1]!).mul(0.5)));
  });
}

const known = new Map<string, (z: Tracer) => Tracer[]>();

export interface BesselOptions {
  /** The highest order. */
  readonly v: number;
  /** The order from which the recurrence runs down: well above v and |z|. 50 unless given. */
  readonly nIter?: number | undefined;
}

/**
 * Bessel functions of the first kind J_0(z) to J_v(z).
 *
 * Shapes: `f32[...s] -> f32[v + 1, ...s]`. Dtypes: floats. Errors: ShapeError unless `0 <= v < nIter`.
 * Differs from JAX: small z does not overflow the recurrence.
 * @example
 * scipy.special.besselJn(1, { v: 1 }).js(); // => [0.765198, 0.440051]
 */
export function besselJn(z: ArrayLike, options: BesselOptions): Tracer {
  checkOptions("besselJn", options, { v: true, nIter: true });
  const { v, nIter = 50 } = options;
  if (!Number.isInteger(v) || v < 0 || v >= nIter) {
    throw new ShapeError(`besselJn: expected whole numbers 0 <= v < nIter, got v = ${v} and nIter = ${nIter}`);
  }
  const key = `${v},${nIter}`;
  const f = known.get(key) ?? besselFormula(v, nIter);
  known.set(key, f);
  return owned(() => stack(evaluateAll("besselJn", f, z)));
}
