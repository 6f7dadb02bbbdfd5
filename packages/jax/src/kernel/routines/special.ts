/** Special functions in float64 on the host. Sources: DLMF 7, 5; W. J. Lentz; C. Lanczos; M. Giles (2010). */

/** Error function. Series DLMF 7.6.2 near 0, else 1 - erfc. */
export function erf(x: number): number {
  if (x !== x) return NaN;
  const a = Math.abs(x);
  if (a > 6) return Math.sign(x);
  if (a > 2) return Math.sign(x) * (1 - erfc(a));
  let term = x;
  let sum = x;
  for (let n = 1; Math.abs(term) > 1e-18 * Math.abs(sum); n++) {
    term *= (2 * x * x) / (2 * n + 1);
    sum += term;
  }
  return (2 / Math.sqrt(Math.PI)) * Math.exp(-x * x) * sum;
}

/** Complementary error function; continued fraction DLMF 7.9.1 for large arguments. */
export function erfc(x: number): number {
  if (x !== x) return NaN;
  if (x < 2) return 1 - erf(x);
  if (x > 28) return 0;
  let f = 0;
  for (let k = 60; k >= 1; k--) f = k / 2 / (x + f);
  return Math.exp(-x * x) / (Math.sqrt(Math.PI) * (x + f));
}

/** Inverse error function: Giles' start, then Newton steps in float64. */
export function erfInv(y: number): number {
  if (!(Math.abs(y) <= 1)) return NaN;
  if (Math.abs(y) === 1) return y * Infinity;
  if (y === 0) return y;
  const w = -Math.log((1 - y) * (1 + y));
  let x = y * (w < 5 ? 0.886 * (1 + 0.13 * w) : Math.sqrt(w) - 0.3);
  for (let i = 0; i < 8; i++) {
    // Halley step on erf(x) - y; erfc keeps digits near |y| = 1.
    const error = Math.abs(y) > 0.5 ? Math.sign(y) * (1 - Math.abs(y) - erfc(Math.abs(x))) : erf(x) - y;
    const slope = (2 / Math.sqrt(Math.PI)) * Math.exp(-x * x);
    const newton = error / slope;
    x -= newton / (1 + x * newton);
  }
  return x;
}

const LANCZOS = [
  0.99999999999980993, 676.5203681218851, -1259.1392167224028, 771.32342877765313, -176.61502916214059,
  12.507343278686905, -0.13857109526572012, 9.9843695780195716e-6, 1.5056327351493116e-7,
];

/** log |gamma(x)|. */
export function lgamma(x: number): number {
  if (x !== x) return NaN;
  if (!Number.isFinite(x)) return Infinity;
  if (x <= 0 && Number.isInteger(x)) return Infinity;
  if (x < 0.5) return Math.log(Math.PI / Math.abs(Math.sin(Math.PI * x))) - lgamma(1 - x);
  if (x > 15) {
    const r = 1 / (x * x);
    const series = (1 / 12 - r * (1 / 360 - r * (1 / 1260 - r * (1 / 1680 - r / 1188)))) / x;
    return (x - 0.5) * Math.log(x) - x + 0.5 * Math.log(2 * Math.PI) + series;
  }
  const z = x - 1;
  let sum = LANCZOS[0]!;
  for (let i = 1; i < 9; i++) sum += LANCZOS[i]! / (z + i);
  const t = z + 7.5;
  if (Math.abs(x - 1) < 1e-9 || Math.abs(x - 2) < 1e-9)
    return x < 1.5 ? -0.5772156649015329 * (x - 1) : 0.42278433509846714 * (x - 2);
  return 0.5 * Math.log(2 * Math.PI) + (z + 0.5) * Math.log(t) - t + Math.log(sum);
}

/** Derivative of lgamma. */
export function digamma(x: number): number {
  if (x !== x || x === -Infinity) return NaN;
  if (x <= 0 && Number.isInteger(x)) return NaN;
  if (x < 0) return digamma(1 - x) - Math.PI / Math.tan(Math.PI * x);
  let shift = 0;
  let z = x;
  for (; z < 10; z++) shift -= 1 / z;
  const r = 1 / (z * z);
  return shift + Math.log(z) - 0.5 / z - r * (1 / 12 - r * (1 / 120 - r * (1 / 252 - r * (1 / 240 - r / 132))));
}
