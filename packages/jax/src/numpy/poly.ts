/** Polynomials as vectors of coefficients, the highest power first. */
import { checkOptions } from "../base/option-names";
import { ConcretizationError, ShapeError } from "../base/errors";
import { range } from "../base/list";
import { type Tracer } from "../core/tracer";
import * as ops from "../ops/index";
import { add, multiply, power, subtract } from "./arithmetic";
import { arrayFromHost } from "./host";
import { concatenate } from "./joining";
import { type ArrayLike, constantLike, convert, inexact, lift, promoteDTypes, promoteInexactDTypes } from "./lift";
import { trimZeros } from "./sets";
import { type Named, byPosition, named } from "./arguments";
import { owned } from "./owned";
import { eagerProgram } from "../transforms/eager-program";
import { convolve } from "./signal";
import { flip } from "./rearrange";
import { atleast1d, expandDims, reshape } from "./shape";

/** The value of a polynomial at each point. @example np.polyval(np.array([1, 0, 2]), 3).js(); // => 11 */
export function polyval(p: ArrayLike, x: ArrayLike): Tracer {
  return owned(() => valuesOf(...(promoteDTypes([p, x]) as [Tracer, Tracer])));
}

const valuesOf = /* @__PURE__ */ eagerProgram(function polyval(c: Tracer, at: Tracer): Tracer {
  return owned(() => {
    const coefficient = (i: number): Tracer =>
      ops.reshape(
        ops.slice(
          c,
          c.shape.map((_, k) => (k === 0 ? i : 0)),
          c.shape.map((n, k) => (k === 0 ? i + 1 : n)),
        ),
        c.shape.slice(1),
      );
    let out: Tracer = constantLike(at, 0);
    for (let i = 0; i < c.shape[0]!; i++) out = add(multiply(out, at), coefficient(i));
    return out;
  });
});

const combine = (a1: ArrayLike, a2: ArrayLike, f: (x: ArrayLike, y: ArrayLike) => Tracer): Tracer =>
  owned(() => {
    const [a, b] = promoteDTypes([atleast1d(a1), atleast1d(a2)]) as [Tracer, Tracer];
    const n = Math.max(a.size, b.size);
    const grow = (x: Tracer): Tracer => ops.pad(x, convert(lift(0), x.dtype), [n - x.size], [0], [0]);
    return f(grow(a), grow(b));
  });

/** Sum of two polynomials. @example np.polyadd(np.array([1]), np.array([1, 0])).js(); // => [1, 1] */
export function polyadd(a1: ArrayLike, a2: ArrayLike): Tracer {
  return combine(a1, a2, add);
}

/** Difference of two polynomials. @example np.polysub(np.array([1]), np.array([1, 0])).js(); // => [-1, 1] */
export function polysub(a1: ArrayLike, a2: ArrayLike): Tracer {
  return combine(a1, a2, subtract);
}

/** Product of two polynomials. @example np.polymul(np.array([1, 1]), np.array([1, -1])).js(); // => [1, 0, -1] */
export function polymul(a1: ArrayLike, a2: ArrayLike, options: PolydivOptions = {}): Tracer {
  checkOptions("polymul", options, { trimLeadingZeros: true });
  return owned(() => {
    const [a, b] = [a1, a2].map((given) => {
      const factor = options.trimLeadingZeros === true ? trimZeros(atleast1d(given), "f") : atleast1d(given);
      return factor.size === 0 ? ops.full([1], 0, factor.dtype) : factor;
    }) as [Tracer, Tracer];
    return convolve(a, b);
  });
}

export interface PolydivOptions {
  /** Leaves out the zeros that the remainder, or a factor, starts with; reads it. */
  trimLeadingZeros?: boolean | undefined;
}

/**
 * Quotient and remainder of polynomial division; the remainder is as long as `u`.
 * @example
 * np.polydiv(np.array([1, 0, -1]), np.array([1, 1]))[0].js(); // => [1, -1]
 */
export function polydiv(u: ArrayLike, v: ArrayLike, options: PolydivOptions = {}): [Tracer, Tracer] {
  checkOptions("polydiv", options, { trimLeadingZeros: true });
  return owned((): [Tracer, Tracer] => {
    const [num, den] = promoteDTypes([inexact(atleast1d(u)), inexact(atleast1d(v))]) as [Tracer, Tracer];
    const steps = num.size - den.size + 1;
    let rest = num;
    const quotient: Tracer[] = [];
    const lead = ops.slice(den, [0], [1]);
    for (let k = 0; k < steps; k++) {
      const q = ops.div(ops.slice(rest, [k], [k + 1]), lead);
      quotient.push(q);
      const shifted = ops.pad(multiply(den, q), convert(lift(0), num.dtype), [k], [steps - 1 - k], [0]);
      rest = ops.sub(rest, shifted);
    }
    const quotients = steps > 0 ? concatenate(quotient) : ops.full([1], 0, num.dtype);
    return [quotients, options.trimLeadingZeros === true ? trimZeros(rest, "f") : ops.copy(rest)];
  });
}

/** Derivative, `m` times. @example np.polyder(np.array([1, 2, 3])).js(); // => [2, 2] */
export function polyder(p: ArrayLike, times?: number | Named<"m", number>): Tracer {
  const m = named("m", times, 1);
  if (!Number.isInteger(m) || m < 0) throw new ShapeError(`polyder: the order must be a whole number >= 0, got ${m}`);
  return owned(() => {
    let c = inexact(atleast1d(p));
    for (let k = 0; k < m; k++) {
      const n = c.size - 1;
      if (n <= 0) return ops.full([0], 0, c.dtype);
      const powers = ops.sub(constantLike(ops.iota(c.dtype, [n], 0), n), ops.iota(c.dtype, [n], 0));
      c = ops.mul(ops.slice(c, [0], [n]), powers);
    }
    return c === p ? ops.copy(c) : c;
  });
}

interface IntegralOptions {
  m?: number;
  k?: ArrayLike | null;
}

/** Integral, `m` times, with constants `k`. Dtypes: floats. @example np.polyint(np.array([2, 2])).js(); // => [1, 2, 0] */
export function polyint(p: ArrayLike, m?: number | IntegralOptions, k?: ArrayLike | null | IntegralOptions): Tracer {
  const o = byPosition<IntegralOptions>(["m", "k"], [m, k]);
  return owned(() => {
    const [coefficients, constants] = promoteInexactDTypes([atleast1d(p), atleast1d(o.k ?? 0)]) as [Tracer, Tracer];
    let c = coefficients;
    const times = o.m ?? 1;
    for (let step = 0; step < times; step++) {
      const n = c.size;
      const down = ops.iota(c.dtype, [n], 0);
      const grown = ops.div(c, ops.sub(constantLike(down, n), down));
      const at = Math.min(step, constants.size - 1);
      c = concatenate([grown, ops.slice(constants, [at], [at + 1])]);
    }
    return c;
  });
}

/** The polynomial with these zeros. @example np.poly(np.array([1, 2])).js(); // => [1, -3, 2] */
export function poly(seqOfZeros: ArrayLike): Tracer {
  return owned(() => {
    const zeros = inexact(seqOfZeros);
    if (zeros.ndim > 1) throw new ShapeError(`poly: expected a vector of zeros, got ${zeros.aval}`);
    const list = reshape(zeros, [-1]);
    let c: Tracer = ops.full([1], 1, zeros.dtype);
    for (let i = 0; i < list.size; i++) {
      const factor = concatenate([ops.full([1], 1, zeros.dtype), ops.neg(ops.slice(list, [i], [i + 1]))]);
      c = convolve(c, factor);
    }
    return c;
  });
}

/**
 * Real zeros of a polynomial, the largest first. Reads the coefficients.
 *
 * Errors: ConcretizationError on traced arrays, and for polynomials with complex zeros: there are no complex arrays.
 * @example
 * np.roots(np.array([1, -3, 2])).js(); // => [2, 1]
 */
export function roots(p: ArrayLike): Tracer {
  const c = atleast1d(inexact(p));
  const given = [...c.dataSync()];
  while (given.length > 0 && given[0] === 0) given.shift();
  let nZeros = 0;
  while (given.length > 0 && given[given.length - 1] === 0) {
    given.pop();
    nZeros++;
  }
  const found = [...complexRoots(given), ...new Array<[number, number]>(nZeros).fill([0, 0])];
  const complex = found.find(([re, im]) => Math.abs(im) > 1e-6 * Math.max(1, Math.abs(re)));
  if (complex !== undefined) {
    throw new ConcretizationError(
      `roots: the polynomial has complex zeros, such as ${complex[0]} + ${complex[1]}i, and there are no complex arrays`,
    );
  }
  return arrayFromHost(
    "roots",
    Float64Array.from(found, ([re]) => re)
      .sort()
      .reverse(),
    { dtype: c.dtype },
  );
}

/** All zeros at once, by the iteration of Durand and Kerner in double precision. */
function complexRoots(c: readonly number[]): [number, number][] {
  const n = c.length - 1;
  if (n < 1) return [];
  const monic = c.map((v) => v / c[0]!);
  const radius = 1 + Math.max(...monic.slice(1).map(Math.abs));
  let z = range(n).map((k): [number, number] => [
    radius * Math.cos((2 * Math.PI * k) / n + 0.4),
    radius * Math.sin((2 * Math.PI * k) / n + 0.4),
  ]);
  for (let step = 0; step < 500; step++) {
    let moved = 0;
    z = z.map(([x, y], i): [number, number] => {
      let [vr, vi] = [1, 0];
      for (const a of monic.slice(1)) [vr, vi] = [vr * x - vi * y + a, vr * y + vi * x];
      let [dr, di] = [1, 0];
      z.forEach(([u, w], k) => {
        if (k !== i) [dr, di] = [dr * (x - u) - di * (y - w), dr * (y - w) + di * (x - u)];
      });
      const d = dr * dr + di * di || 1e-300;
      const [sr, si] = [(vr * dr + vi * di) / d, (vi * dr - vr * di) / d];
      moved = Math.max(moved, Math.hypot(sr, si));
      return [x - sr, y - si];
    });
    if (moved < 1e-14 * radius) break;
  }
  return z;
}

/** Powers of a vector as columns, the highest first unless `increasing`. @example np.vander(np.array([1, 2]), { n: 2 }).js(); // => [[1, 1], [2, 1]] */
export function vander(
  x: ArrayLike,
  n?: number | null | { n?: number; increasing?: boolean },
  increasing?: boolean | { increasing?: boolean },
): Tracer {
  const o = byPosition<{ n?: number; increasing?: boolean }>(["n", "increasing"], [n, increasing]);
  return owned(() => {
    const v = lift(x);
    if (v.ndim !== 1) throw new ShapeError(`vander: expected a vector, got ${v.aval}`);
    const m = o.n ?? v.size;
    if (m === 0) return ops.full([v.size, 0], 0, v.dtype);
    const base = v.dtype === "bool" ? convert(v, "int32") : v;
    const columns = range(m).map((k) => expandDims(power(base, k), 1));
    const out = concatenate(columns, 1);
    return o.increasing === true ? out : flip(out, 1);
  });
}
