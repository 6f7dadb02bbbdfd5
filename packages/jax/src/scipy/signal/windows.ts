/** Windows by name, periodic, in double precision. Source: F. Harris, "On the use of windows for harmonic analysis" (1978). */
import { ShapeError } from "../../base/errors";

/** A function of t from 0 to 1, the ends included, with parameters where it has some. */
type Shape = (t: number, ...parameters: number[]) => number;

/** a0 - a1 cos(2 pi t) + a2 cos(4 pi t) - ... */
const cosines =
  (...coefficients: number[]): Shape =>
  (t) =>
    coefficients.reduce((sum, a, k) => sum + (k % 2 === 0 ? a : -a) * Math.cos(2 * Math.PI * k * t), 0);

/** The modified Bessel function of order 0. */
function besselI0(x: number): number {
  let [sum, term] = [1, 1];
  for (let k = 1; term > sum * 2 ** -54; k++) sum += term *= (x / (2 * k)) ** 2;
  return sum;
}

/** Distance from the middle: 0 there, 1 at the ends. */
const away = (t: number): number => Math.abs(2 * t - 1);

const SHAPES: Readonly<Record<string, Shape>> = {
  boxcar: () => 1,
  bartlett: (t) => 1 - away(t),
  hann: cosines(0.5, 0.5),
  hamming: cosines(0.54, 0.46),
  blackman: cosines(0.42, 0.5, 0.08),
  blackmanharris: cosines(0.35875, 0.48829, 0.14128, 0.01168),
  nuttall: cosines(0.3635819, 0.4891775, 0.1365995, 0.0106411),
  flattop: cosines(0.21557895, 0.41663158, 0.277263158, 0.083578947, 0.006947368),
  barthann: (t) => 0.62 - 0.48 * Math.abs(t - 0.5) + 0.38 * Math.cos(2 * Math.PI * (t - 0.5)),
  bohman: (t) =>
    away(t) >= 1 ? 0 : (1 - away(t)) * Math.cos(Math.PI * away(t)) + Math.sin(Math.PI * away(t)) / Math.PI,
  kaiser: (t, beta) => besselI0(beta! * Math.sqrt(Math.max(0, 1 - away(t) ** 2))) / besselI0(beta!),
  tukey: (t, alpha = 0.5) => {
    const edge = 1 - away(t);
    return edge >= alpha ? 1 : 0.5 * (1 - Math.cos((Math.PI * edge) / alpha));
  },
};

/** Functions of the number of the sample and the length, for windows that never reach their ends. */
const SAMPLED: Readonly<Record<string, (i: number, n: number, ...parameters: number[]) => number>> = {
  cosine: (i, n) => Math.sin((Math.PI / n) * (i + 0.5)),
  triang: (i, n) => {
    const k = Math.min(i, n - 1 - i) + 1;
    return n % 2 === 0 ? (2 * k - 1) / n : (2 * k) / (n + 1);
  },
  parzen: (i, n) => {
    const x = Math.abs(i - (n - 1) / 2) / (n / 2);
    return Math.abs(i - (n - 1) / 2) <= (n - 1) / 4 ? 1 - 6 * x * x * (1 - x) : 2 * (1 - x) ** 3;
  },
  gaussian: (i, n, std) => Math.exp(-0.5 * ((i - (n - 1) / 2) / std!) ** 2),
};

const PARAMETERS: Readonly<Record<string, number>> = { kaiser: 1, gaussian: 1 };

const ALIASES: Readonly<Record<string, string>> = {
  box: "boxcar", ones: "boxcar", rect: "boxcar", rectangular: "boxcar", hanning: "hann", han: "hann", ham: "hamming", hamm: "hamming",
  tri: "triang", triangle: "triang", blk: "blackman", black: "blackman", bart: "bartlett", brt: "bartlett", flat: "flattop", flt: "flattop",
  bman: "bohman", bmn: "bohman", nutt: "nuttall", nut: "nuttall", par: "parzen", parz: "parzen", halfcosine: "cosine", ksr: "kaiser",
  gauss: "gaussian", gss: "gaussian", tuk: "tukey", blackharr: "blackmanharris", bkh: "blackmanharris", brthan: "barthann",
}; // prettier-ignore

/** A window's name, or its name and parameters, as ["kaiser", 14]. */
export type WindowName = string | readonly [name: string, ...parameters: number[]];

/** n samples of a window whose period they are; ShapeError for unknown names. */
export function windowSamples(op: string, window: WindowName, n: number): Float64Array {
  const [given, ...parameters] = typeof window === "string" ? [window] : window;
  const name = ALIASES[given] ?? given;
  const [shape, sampled] = [SHAPES[name], SAMPLED[name]];
  if (shape === undefined && sampled === undefined) {
    const known = [...Object.keys(SHAPES), ...Object.keys(SAMPLED)].join(", ");
    throw new ShapeError(`${op}: window "${given}" is not known; expected an array, or one of ${known}`);
  }
  if (parameters.length < (PARAMETERS[name] ?? 0)) {
    throw new ShapeError(`${op}: window "${given}" needs a parameter; pass ["${given}", value]`);
  }
  if (n === 1) return Float64Array.of(1);
  // One sample more, the first of the next period, is left out.
  return Float64Array.from({ length: n }, (_, i) =>
    shape === undefined ? sampled!(i, n + 1, ...parameters) : shape(i / n, ...parameters),
  );
}
