/** log |gamma| and its derivative in float64 on the host. */

const EULER = 0.5772156649015329;
const N_SERIES = 30;
let zetas: Float64Array | null = null;

/** zeta(k) - 1 for k from 2 on: Euler-Maclaurin from 64 on. */
function zetaTails(): Float64Array {
  zetas ??= Float64Array.from({ length: N_SERIES }, (_, i) => {
    const k = i + 2;
    const at = 64;
    const correction = (k / (12 * at)) * (1 - ((k + 1) * (k + 2)) / (60 * at * at) * (1 - ((k + 3) * (k + 4)) / (42 * at * at))); // prettier-ignore
    let sum = at ** -k * (at / (k - 1) + 0.5 + correction);
    for (let n = at - 1; n >= 2; n--) sum += n ** -k;
    return sum;
  });
  return zetas;
}

/** lgamma(2 + f) for |f| <= 1/2: its Taylor series (DLMF 5.7.3). */
function aroundTwo(f: number): number {
  const z = zetaTails();
  let sum = 0;
  for (let k = N_SERIES + 1; k >= 2; k--) sum = ((k % 2 === 0 ? 1 : -1) * z[k - 2]!) / k + sum * f;
  return f * (1 - EULER + f * sum);
}

/** log |sin(pi x)|, right next to the integers too. */
const logSinPi = (x: number): number => Math.log(Math.abs(Math.sin(Math.PI * (x - Math.round(x)))));

/** log |gamma(x)|. */
export function lgamma(x: number): number {
  if (x !== x) return NaN;
  if (!Number.isFinite(x)) return Infinity;
  if (x <= 0 && Number.isInteger(x)) return Infinity;
  if (Math.abs(x) < 1e-17) return -Math.log(Math.abs(x));
  if (x < 0) return Math.log(Math.PI) - Math.log(-x) - logSinPi(x) - lgamma(-x);
  if (x < 0.5) return aroundTwo(x) - Math.log1p(x) - Math.log(x);
  if (x < 1.5) return aroundTwo(x - 1) - Math.log1p(x - 1);
  if (x > 15) {
    const r = 1 / (x * x);
    const tail = (1 / 12 - r * (1 / 360 - r * (1 / 1260 - r * (1 / 1680 - r / 1188)))) / x;
    return (x - 0.5) * (Math.log(x) - 1) + (Math.log(2 * Math.PI) - 1) / 2 + tail;
  }
  let product = 1;
  let z = x;
  while (z >= 2.5) product *= z -= 1;
  return Math.log(product) + aroundTwo(z - 2);
}

/** Derivative of lgamma. */
export function digamma(x: number): number {
  if (x !== x || x === -Infinity) return NaN;
  if (x <= 0 && Number.isInteger(x)) return NaN;
  if (x < 0) return digamma(1 - x) - Math.PI / Math.tan(Math.PI * (x - Math.round(x)));
  let shift = 0;
  let z = x;
  for (; z < 10; z++) shift -= 1 / z;
  const r = 1 / (z * z);
  const tail = 1 / 240 - r * (1 / 132 - r * (691 / 32760 - r / 12));
  return shift + Math.log(z) - 0.5 / z - r * (1 / 12 - r * (1 / 120 - r * (1 / 252 - r * tail)));
}
