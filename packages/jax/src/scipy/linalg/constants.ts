/** Matrices of known numbers, computed in double precision. Dtypes: float32 unless said otherwise. */
import { byPosition, named } from "../../numpy/arguments";
import type { DType } from "../../aval/dtype";
import { ShapeError } from "../../base/errors";
import { type Tracer } from "../../core/tracer";
import type { ComplexPair } from "../../numpy/fft";
import { arrayFromHost } from "../../numpy/host";

function checkSize(op: string, n: number, least: number): void {
  if (!Number.isInteger(n) || n < least) {
    throw new ShapeError(`${op}: n must be a whole number of at least ${least}, got ${n}`);
  }
}

function matrix(op: string, m: number, n: number, dtype: DType, entry: (i: number, j: number) => number): Tracer {
  const values = Float64Array.from({ length: m * n }, (_, k) => entry(Math.floor(k / n), k % n));
  return arrayFromHost(op, values, { shape: [m, n], dtype });
}

/** n over k, exactly while it is below 2^53. */
function binomial(n: number, k: number): number {
  if (k < 0 || k > n) return 0;
  let out = 1;
  for (let i = 1; i <= Math.min(k, n - k); i++) out = Math.round((out * (n - i + 1)) / i);
  return out;
}

/**
 * The Hilbert matrix, `1 / (i + j + 1)`.
 *
 * Source: https://docs.jax.dev/en/latest/_autosummary/jax.scipy.linalg.hilbert.html
 * @example
 * scipy.linalg.hilbert(2).js(); // => [[1, 0.5], [0.5, 0.333333]]
 */
export function hilbert(n: number): Tracer {
  checkSize("hilbert", n, 0);
  return matrix("hilbert", n, n, "float32", (i, j) => 1 / (i + j + 1));
}

/**
 * The inverse of the Hilbert matrix: whole numbers.
 *
 * Source: https://docs.jax.dev/en/latest/_autosummary/jax.scipy.linalg.invhilbert.html
 * @example
 * scipy.linalg.invhilbert(2).js(); // => [[4, -6], [-6, 12]]
 */
export function invhilbert(n: number): Tracer {
  checkSize("invhilbert", n, 0);
  return matrix("invhilbert", n, n, "float32", (i, j) => {
    const size = (i + j + 1) * binomial(n + i, n - j - 1) * binomial(n + j, n - i - 1) * binomial(i + j, i) ** 2;
    return (i + j) % 2 === 0 ? size : -size;
  });
}

/** Which Pascal matrix: the product of "lower" and "upper" is the "symmetric" one. */
export type PascalKind = "symmetric" | "lower" | "upper";

function checkKind(op: string, kind: PascalKind | null | undefined): PascalKind {
  const given = kind ?? "symmetric";
  if (given === "symmetric" || given === "lower" || given === "upper") return given;
  throw new ShapeError(`${op}: kind must be "symmetric", "lower" or "upper", got ${String(given)}`);
}

/**
 * The Pascal matrix: binomial coefficients.
 *
 * Source: https://docs.jax.dev/en/latest/_autosummary/jax.scipy.linalg.pascal.html
 * @example
 * scipy.linalg.pascal(3).js(); // => [[1, 1, 1], [1, 2, 3], [1, 3, 6]]
 * scipy.linalg.pascal(2, "lower").js(); // => [[1, 0], [1, 1]]
 */
export function pascal(n: number, kind?: PascalKind | null | { kind?: PascalKind }): Tracer {
  const how = checkKind("pascal", named<"kind", PascalKind | null | undefined>("kind", kind, undefined));
  checkSize("pascal", n, 0);
  return matrix("pascal", n, n, "float32", (i, j) =>
    how === "lower" ? binomial(i, j) : how === "upper" ? binomial(j, i) : binomial(i + j, i),
  );
}

/**
 * The inverse of the Pascal matrix: whole numbers.
 *
 * Source: https://docs.jax.dev/en/latest/_autosummary/jax.scipy.linalg.invpascal.html
 * @example
 * scipy.linalg.invpascal(2).js(); // => [[2, -1], [-1, 1]]
 */
export function invpascal(n: number, kind?: PascalKind | null | { kind?: PascalKind }): Tracer {
  const how = checkKind("invpascal", named<"kind", PascalKind | null | undefined>("kind", kind, undefined));
  checkSize("invpascal", n, 0);
  const lower = (i: number, j: number): number => ((i + j) % 2 === 0 ? 1 : -1) * binomial(i, j);
  return matrix("invpascal", n, n, "float32", (i, j) => {
    if (how === "lower") return lower(i, j) + 0;
    if (how === "upper") return lower(j, i) + 0;
    let sum = 0;
    for (let k = Math.max(i, j); k < n; k++) sum += lower(k, i) * lower(k, j);
    return sum;
  });
}

/**
 * The Hadamard matrix of Sylvester's construction: rows of 1 and -1, orthogonal to each other.
 *
 * Dtypes: int32, or `dtype`.
 * Errors: ShapeError unless n is a power of 2.
 * Source: https://docs.jax.dev/en/latest/_autosummary/jax.scipy.linalg.hadamard.html
 * @example
 * scipy.linalg.hadamard(2).js(); // => [[1, 1], [1, -1]]
 */
export function hadamard(n: number, dtype: DType | { dtype?: DType } = "int32"): Tracer {
  const to = named<"dtype", DType>("dtype", dtype, "int32");
  if (!(Number.isInteger(n) && n >= 1 && n <= 2 ** 15 && Number.isInteger(Math.log2(n)))) {
    throw new ShapeError(`hadamard: n must be a power of 2, got ${n}`);
  }
  return matrix("hadamard", n, n, to, (i, j) => {
    let odd = false;
    for (let both = i & j; both !== 0; both &= both - 1) odd = !odd;
    return odd ? -1 : 1;
  });
}

/**
 * The Helmert matrix: orthonormal rows, each comparing one element with the mean of those before it. With `full` a row
 * of equal elements comes first.
 *
 * Shapes: `f32[n - 1, n]`, full `f32[n, n]`.
 * Source: https://docs.jax.dev/en/latest/_autosummary/jax.scipy.linalg.helmert.html
 * @example
 * scipy.linalg.helmert(2, true).js(); // => [[0.707107, 0.707107], [0.707107, -0.707107]]
 */
export function helmert(n: number, full: boolean | { full?: boolean } = false): Tracer {
  checkSize("helmert", n, 1);
  const whole = typeof full === "boolean" ? full : (full.full ?? false);
  return matrix("helmert", whole ? n : n - 1, n, "float32", (i, j) => {
    const k = whole ? i : i + 1;
    if (k === 0) return 1 / Math.sqrt(n);
    return j < k ? 1 / Math.sqrt(k * (k + 1)) : j === k ? -k / Math.sqrt(k * (k + 1)) : 0;
  });
}

export interface DftOptions {
  /** Divides by the root of n, or by n. */
  scale?: "sqrtn" | "n" | null | undefined;
  dtype?: DType | undefined;
}

/**
 * The matrix of the discrete Fourier transform, `exp(-2 pi i j k / n)`, as a pair `{ real, imag }`.
 *
 * Shapes: `f32[n, n]` both.
 * Errors: ShapeError for another scale.
 * Source: https://docs.jax.dev/en/latest/_autosummary/jax.scipy.linalg.dft.html
 * @example
 * scipy.linalg.dft(2).real.js(); // => [[1, 1], [1, -1]]
 */
export function dft(n: number, scale?: "sqrtn" | "n" | null | DftOptions, options: DftOptions = {}): ComplexPair {
  const o = byPosition<DftOptions>(["scale"], [scale, options], ["dtype"]);
  checkSize("dft", n, 0);
  const given = o.scale ?? null;
  if (given !== null && given !== "sqrtn" && given !== "n") {
    throw new ShapeError(`dft: scale must be null, "sqrtn" or "n", got ${String(given)}`);
  }
  const factor = given === null ? 1 : given === "n" ? 1 / n : 1 / Math.sqrt(n);
  const part = (f: (angle: number) => number): Tracer =>
    matrix("dft", n, n, o.dtype ?? "float32", (i, j) => factor * f((-2 * Math.PI * ((i * j) % n)) / n));
  return { real: part(Math.cos), imag: part(Math.sin) };
}
