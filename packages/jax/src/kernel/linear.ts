/** Sums of int32 scalars with constant factors, modulo 2^32: the form in which index arithmetic is kept. */
import type { Scalar } from "./scalar";

/** constant + sum of factor * term; terms are int32 scalars that are not such sums themselves. */
export interface Linear {
  readonly constant: number;
  readonly terms: ReadonlyMap<Scalar, number>;
}

export const NO_TERMS: ReadonlyMap<Scalar, number> = /* @__PURE__ */ new Map<Scalar, number>();

/** a + factor * b */
export function addLinear(a: Linear, b: Linear, factor: number): Linear {
  const constant = (a.constant + Math.imul(factor, b.constant)) | 0;
  if (b.terms.size === 0) return { constant, terms: a.terms };
  if (a.terms.size === 0) return { constant, terms: factor === 1 ? b.terms : scaleTerms(b.terms, factor) };
  const terms = new Map(a.terms);
  for (const [term, f] of b.terms) {
    const sum = ((terms.get(term) ?? 0) + Math.imul(factor, f)) | 0;
    if (sum === 0) terms.delete(term);
    else terms.set(term, sum);
  }
  return { constant, terms };
}

export function scaleLinear(a: Linear, factor: number): Linear {
  return { constant: Math.imul(a.constant, factor), terms: scaleTerms(a.terms, factor) };
}

function scaleTerms(terms: ReadonlyMap<Scalar, number>, factor: number): ReadonlyMap<Scalar, number> {
  const out = new Map<Scalar, number>();
  for (const [t, f] of terms) {
    const scaled = Math.imul(f, factor);
    if (scaled !== 0) out.set(t, scaled);
  }
  return out;
}
