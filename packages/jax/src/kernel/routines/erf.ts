/** The error function and its relatives in float64 on the host. */

const SQRT_PI = Math.sqrt(Math.PI);

/** 2 / sqrt(pi), in two parts. */
const [TWO_OVER_ROOT_PI, REST] = [1.1283791670955126, 1.533545961316588e-17];

/** The Maclaurin series (DLMF 7.6.1) as 2 / sqrt(pi) x (1 + p): for |x| < 1, p is small, and so are its errors. */
function series(x: number): number {
  const square = x * x;
  let p = 0;
  for (let n = 1, power = -square; Math.abs(power) > 1e-18; power *= -square / ++n) p += power / (2 * n + 1);
  return x * (TWO_OVER_ROOT_PI + (TWO_OVER_ROOT_PI * p + REST));
}

/** `exp(-x^2)`: the part of the square that rounding takes away is put back. */
function expOfSquare(x: number): number {
  const head = Math.fround(x);
  const rest = x - head;
  return Math.exp(-head * head) * Math.exp(-rest * (head + x));
}

/** `exp(x^2) erfc(x)` by the continued fraction DLMF 7.9.1, as long as x needs. */
function fraction(x: number): number {
  let f = 0;
  for (let k = Math.ceil(12 + 260 / (x * x)); k >= 1; k--) f = k / 2 / (x + f);
  return 1 / (SQRT_PI * (x + f));
}

const N_FIT = 30;
/** More nodes than coefficients: rounding errors of the values average out. */
const N_NODES = 256;
let fit: Float64Array | null = null;

/** Chebyshev coefficients of `(1 + 2 x) exp(x^2) erfc(x)` for x from 0.4 on, in t = 3 / (x + 2.6). */
function coefficients(): Float64Array {
  if (fit !== null) return fit;
  // The angles are brought to one turn while they are whole numbers.
  const turn = 4 * N_NODES;
  const cosine = (j: number, k: number): number => Math.cos((((2 * k + 1) * j) % turn) * ((2 * Math.PI) / turn));
  const values = Array.from({ length: N_NODES }, (_, k) => {
    const x = 6 / (cosine(1, k) + 1) - 2.6;
    return (1 + 2 * x) * fraction(x);
  });
  fit = Float64Array.from({ length: N_FIT }, (_, j) => {
    const sum = values.reduce((s, v, k) => s + v * cosine(j, k), 0);
    return (sum * (j === 0 ? 1 : 2)) / N_NODES;
  });
  return fit;
}

/** `exp(x^2) erfc(x)` for x >= 0.4. */
function scaledErfc(x: number): number {
  const c = coefficients();
  const u = 6 / (x + 2.6) - 1;
  let [next, after] = [0, 0];
  for (let j = N_FIT - 1; j >= 1; j--) [next, after] = [2 * u * next - after + c[j]!, next];
  return (u * next - after + c[0]!) / (1 + 2 * x);
}

/** Error function. */
export function erf(x: number): number {
  if (x !== x) return NaN;
  const a = Math.abs(x);
  if (a > 6) return Math.sign(x);
  return a > 0.9 ? Math.sign(x) * (1 - erfc(a)) : series(x);
}

/** Complementary error function. */
export function erfc(x: number): number {
  if (x !== x) return NaN;
  if (x < 0.5) return 1 - erf(x);
  if (x > 28) return 0;
  return expOfSquare(x) * scaledErfc(x);
}

/** Inverse error function: a rough start, then Halley steps. */
export function erfInv(y: number): number {
  if (!(Math.abs(y) <= 1)) return NaN;
  if (Math.abs(y) === 1) return y * Infinity;
  if (y === 0) return y;
  const w = -Math.log((1 - y) * (1 + y));
  let x = y * (w < 5 ? 0.886 * (1 + 0.13 * w) : Math.sqrt(w) - 0.3);
  for (let i = 0; i < 8; i++) {
    // Halley step on erf(x) - y; erfc keeps digits near |y| = 1.
    const error = Math.abs(y) > 0.5 ? Math.sign(y) * (1 - Math.abs(y) - erfc(Math.abs(x))) : erf(x) - y;
    const slope = (2 / SQRT_PI) * expOfSquare(x);
    const newton = error / slope;
    x -= newton / (1 + x * newton);
  }
  return x;
}
