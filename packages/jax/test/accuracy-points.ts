/** Elementary functions, points at which they are checked, and distances in units of the last place. */

/** In float64. */
export const UNARY: Readonly<Record<string, (x: number) => number>> = {
  exp: Math.exp, exp2: (x) => 2 ** x, expm1: Math.expm1, log: Math.log, log1p: Math.log1p, log2: Math.log2, log10: Math.log10,
  sin: Math.sin, cos: Math.cos, tan: Math.tan, sinh: Math.sinh, cosh: Math.cosh, tanh: Math.tanh, arcsin: Math.asin,
  arccos: Math.acos, arctan: Math.atan, arcsinh: Math.asinh, arccosh: Math.acosh, arctanh: Math.atanh, sqrt: Math.sqrt,
  cbrt: Math.cbrt, rsqrt: (x) => 1 / Math.sqrt(x),
}; // prettier-ignore

/** Random 32-bit words, the same each time. */
export function words(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x9e3779b9) | 0;
    let z = Math.imul(state ^ (state >>> 16), 0x85ebca6b);
    z = Math.imul(z ^ (z >>> 13), 0xc2b2ae35);
    return (z ^ (z >>> 16)) >>> 0;
  };
}

/** float32 of every kind: any bits, denormals, the range around 0, near 0, near 1, huge ones. */
export function points(n: number, seed: number): Float32Array {
  const next = words(seed);
  const unit = (): number => next() / 2 ** 32;
  const signed = (): number => 2 * unit() - 1;
  const out = new Float32Array(n);
  const bits = new Int32Array(out.buffer);
  for (let i = 0; i < n; i++) {
    switch (i % 8) {
      case 0:
        bits[i] = next();
        break;
      case 1:
        bits[i] = next() & 0x807fffff;
        break;
      case 2:
        out[i] = signed() * 4 * Math.PI;
        break;
      case 3:
        out[i] = signed() * 90;
        break;
      case 4:
        out[i] = signed();
        break;
      case 5:
        out[i] = signed() * 10 ** (38 * unit());
        break;
      case 6:
        out[i] = signed() * 10 ** (-30 * unit());
        break;
      default:
        out[i] = 1 + signed() * 10 ** (-7 * unit());
    }
  }
  return out;
}

const single = new Float32Array(1);
const singleBits = new Int32Array(single.buffer);

/** Distance of float32 numbers around a value: the unit of its last place. */
export function unitOf32(value: number): number {
  single[0] = value;
  const exponent = (singleBits[0]! >> 23) & 0xff;
  return 2 ** (Math.min(254, Math.max(1, exponent)) - 150);
}

const double = new Float64Array(1);
const doubleBits = new Int32Array(double.buffer);

/** As `unitOf32`, of float64. */
export function unitOf64(value: number): number {
  double[0] = value;
  const exponent = (doubleBits[1]! >> 20) & 0x7ff;
  return 2 ** (Math.max(1, exponent) - 1075);
}

/** The largest error seen, and where. */
export interface Worst {
  ulp: number;
  at: readonly number[];
  /** Results that are NaN or infinite where the truth is not, or the other way round. */
  wrong: number;
}

export const nothing = (): Worst => ({ ulp: 0, at: [], wrong: 0 });

/** Takes in a float32 result and the truth in double precision. */
export function note32(worst: Worst, got: number, want: number, at: readonly number[]): void {
  const rounded = Math.fround(want);
  if (!Number.isFinite(rounded) || !Number.isFinite(got)) {
    if (!Object.is(got, rounded)) Object.assign(worst, { wrong: worst.wrong + 1, at: [...at, got, want] });
    return;
  }
  const ulp = Math.abs(got - want) / unitOf32(want);
  if (ulp > worst.ulp) Object.assign(worst, { ulp, at: [...at] });
}
