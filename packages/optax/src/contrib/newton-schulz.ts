/** Orthogonal matrices near others, by polynomials of matrices. */
import { type Array, numpy as np } from "@jax-js/jax";
import { type Scalar } from "../base";
import { like, plus } from "../scalars";
import { type DimensionNumbers, asMatrices } from "./dimension-numbers";

/** How a matrix is scaled so that its singular values are at most 1. */
export type Preconditioning = "frobenius" | "spectral" | "aol" | "schatten";

export interface NewtonSchulzOptions {
  /** Of the polynomial `a x + b x³ + c x⁵`, one triple `[3]` or one for each step `[steps, 3]`. */
  nsCoeffs: Array;
  nsSteps: number;
  preconditioning: Preconditioning;
  eps: Scalar;
}

const PRECONDITIONINGS: readonly Preconditioning[] = ["frobenius", "spectral", "aol", "schatten"];

/** Errors: RangeError unless it is the name of one. */
export function checkPreconditioning(name: Preconditioning): void {
  if (!PRECONDITIONINGS.includes(name)) {
    throw new RangeError(`muon: expected a preconditioning of ${PRECONDITIONINGS.join(", ")}, got ${String(name)}`);
  }
}

const transposed = (x: Array): Array => np.swapaxes(x, -1, -2);

/** The squared row scales that bound the singular values of x by 1, from the Gram matrix of its rows `[b, m, m]`. */
function rowScales(gram: Array, kind: "aol" | "schatten", eps: Scalar): Array {
  const bound =
    kind === "aol"
      ? np.sum(np.abs(gram), -1, { keepdims: true }) // [b, m, 1]
      : np.sqrt(np.sum(np.square(gram), [-2, -1], { keepdims: true })); // [b, 1, 1]
  return np.reciprocal(np.maximum(bound, like(eps, bound)));
}

/** Matrices `[b, m, n]` with m at most n. */
function iterate(x: Array, { nsCoeffs, nsSteps, preconditioning, eps }: NewtonSchulzOptions): Array {
  const steps = nsCoeffs.ndim === 1 ? nsSteps : nsCoeffs.shape[0]!;
  const coefficients = nsCoeffs.astype(x.dtype);
  let y = x;
  for (let i = 0; i < steps; i++) {
    const row = nsCoeffs.ndim === 1 ? coefficients : coefficients.slice(i);
    const [a, b, c] = [row.slice(0), row.slice(1), row.slice(2)];
    let gram = np.matmul(y, transposed(y));
    if (i === 0 && (preconditioning === "aol" || preconditioning === "schatten")) {
      const scale = np.sqrt(rowScales(gram, preconditioning, eps));
      y = y.mul(scale);
      gram = gram.mul(scale).mul(transposed(scale));
    }
    const polynomial = gram.mul(b).add(np.matmul(gram.mul(c), gram));
    y = y.mul(a).add(np.matmul(polynomial, y));
  }
  return y;
}

/** Divides matrices `[b, m, n]` by their norm. */
function normalised(x: Array, kind: Preconditioning, eps: Scalar): Array {
  if (kind === "frobenius") {
    return x.div(plus(np.sqrt(np.sum(np.square(x), [-2, -1], { keepdims: true })), eps));
  }
  if (kind !== "spectral") return x;
  const largest = np.max(np.linalg.svdvals(x), -1);
  return x.div(plus(largest.reshape([-1, 1, 1]), eps));
}

/** The weight with its singular values moved near 1, taken as matrices of inputs and outputs. */
export function orthogonalized(x: Array, numbers: DimensionNumbers, options: NewtonSchulzOptions): Array {
  const [matrices, back] = asMatrices(x, numbers);
  const isTall = matrices.shape[1]! > matrices.shape[2]!;
  const wide = normalised(isTall ? transposed(matrices) : matrices, options.preconditioning, options.eps);
  const out = iterate(wide, options);
  return back(isTall ? transposed(out) : out);
}
