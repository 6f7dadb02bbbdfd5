/**
 * The incomplete gamma functions near x = a for large a, uniformly: an error function and a series in 1 / a, whose
 * coefficients are power series in eta, `eta^2 / 2 = x / a - 1 - log(x / a)`, used up to |eta| = 1.
 *
 * Source: Temme, "The asymptotic expansion of the incomplete gamma functions" (1979); DLMF 8.12.
 */
import type { Tracer } from "../core/tracer";
import { divide } from "../numpy/arithmetic";
import { exp } from "../numpy/elementwise";
import { constantLike } from "../numpy/lift";
import { where } from "../numpy/selection";
import * as ops from "../ops/index";
import { erfcxFormula } from "./scaled-error";
import { deviance } from "./stirling";

const ORDER = 64;
const N_FUNCTIONS = 11;

interface Expansion {
  /** `(x / a - 1) / eta` in powers of eta. */
  readonly ratio: readonly number[];
  /** c_0, c_1, ... in powers of eta. */
  readonly functions: readonly (readonly number[])[];
}

let known: Expansion | null = null;

function expansion(): Expansion {
  if (known !== null) return known;
  // mu = x / a - 1 = alpha_1 eta + alpha_2 eta^2 + ...; mu mu' = eta (1 + mu).
  const alpha = [0, 1];
  for (let n = 3; n <= ORDER + 1; n++) {
    let sum = 0;
    for (let i = 2; i <= n - 2; i++) sum += alpha[i]! * alpha[n - i]!;
    alpha[n - 1] = ((2 * alpha[n - 2]!) / n - sum) / 2;
  }
  const ratio = alpha.slice(1);
  // eta / mu
  const inverse = [1];
  for (let k = 1; k < ratio.length; k++) {
    let sum = 0;
    for (let i = 1; i <= k; i++) sum += ratio[i]! * inverse[k - i]!;
    inverse[k] = -sum;
  }
  // c_0 = 1/mu - 1/eta; c_k = c_(k-1)' / eta + gamma_k / mu with no pole at 0.
  const functions = [inverse.slice(1)];
  for (let k = 1; k < N_FUNCTIONS; k++) {
    const last = functions[k - 1]!;
    functions.push(last.slice(2).map((c, j) => (j + 2) * c - last[1]! * inverse[j + 1]!));
  }
  return (known = { ratio, functions });
}

/** As many terms as |eta| <= 1 and the dtype need. */
function polynomial(coefficients: readonly number[], eta: Tracer, weight = 1): Tracer {
  const [least, most] = eta.dtype === "float64" ? [1e-18, 36] : [1e-10, 18];
  const used = coefficients.slice(0, most);
  while (used.length > 1 && Math.abs(used[used.length - 1]! * weight) < least) used.pop();
  let sum = constantLike(eta, used[used.length - 1]!);
  for (let k = used.length - 2; k >= 0; k--) sum = sum.mul(eta).add(used[k]!);
  return sum;
}

/** The expansion is used from this a on: it bounds the weight of each power of 1 / a. */
const LEAST = 20;
const nFunctions = (x: Tracer): number => (x.dtype === "float64" ? N_FUNCTIONS : 4);

/** `sum of c_k(eta) a^-k` */
function total(a: Tracer, eta: Tracer): Tracer {
  const inverse = divide(1, a);
  const n = nFunctions(a);
  let sum = constantLike(a, 0);
  for (let k = n - 1; k >= 0; k--) sum = sum.mul(inverse).add(polynomial(expansion().functions[k]!, eta, LEAST ** -k));
  return sum;
}

interface Place {
  /** `a eta^2 / 2` */
  readonly exponent: Tracer;
  readonly eta: Tracer;
}

function place(a: Tracer, x: Tracer): Place {
  const exponent = deviance(a, x);
  const size = ops.sqrt(divide(exponent.mul(2), a));
  return { exponent, eta: where(x.less(a), size.neg(), size) };
}

/** P for x < a, else Q. */
export function temmeTail(a: Tracer, x: Tracer): Tracer {
  const { exponent, eta } = place(a, x);
  const waves = erfcxFormula(ops.sqrt(exponent)).mul(0.5);
  const rest = divide(total(a, eta), ops.sqrt(a.mul(2 * Math.PI)));
  return exp(exponent.neg()).mul(waves.add(where(x.less(a), rest.neg(), rest)));
}

/** Derivative of P with respect to a. */
export function temmeSlope(a: Tracer, x: Tracer): Tracer {
  const { exponent, eta } = place(a, x);
  const { ratio, functions } = expansion();
  const m = polynomial(ratio, eta);
  const inverse = divide(1, a);
  const sum = total(a, eta);
  // d eta / da = -m / a; sum of (k c_k + m c_k') a^-k
  let change = constantLike(a, 0);
  for (let k = nFunctions(a) - 1; k >= 0; k--) {
    const c = functions[k]!;
    const slope = c.slice(1).map((v, j) => (j + 1) * v);
    const term = polynomial(c, eta, LEAST ** -k)
      .mul(k)
      .add(m.mul(polynomial(slope, eta, LEAST ** -k)));
    change = change.mul(inverse).add(term);
  }
  const half = eta.mul(0.5);
  const logs = eta.mul(half.sub(m)); // -log(x / a)
  const first = half.sub(m);
  const parts = first.add(sum.mul(logs.add(inverse.mul(0.5)))).add(inverse.mul(change));
  return divide(exp(exponent.neg()), ops.sqrt(a.mul(2 * Math.PI))).mul(parts);
}
