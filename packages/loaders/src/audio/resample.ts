/** Other sample rates. */
import { LoaderError } from "../errors";

/** The modified Bessel function of order 0, by its power series. */
function besselI0(x: number): number {
  let sum = 1;
  let term = 1;
  for (let k = 1; term > sum * 1e-17; k++) {
    term *= (x / (2 * k)) ** 2;
    sum += term;
  }
  return sum;
}

/** A low-pass filter of 2 * half + 1 taps, with a sum of `gain`: a sinc under a Kaiser window. */
function lowPass(half: number, cutoff: number, gain: number): Float64Array {
  const beta = 5;
  const taps = Float64Array.from({ length: 2 * half + 1 }, (_, i) => {
    const t = i - half;
    const sinc = t === 0 ? cutoff : Math.sin(Math.PI * cutoff * t) / (Math.PI * t);
    return (sinc * besselI0(beta * Math.sqrt(1 - (t / half) ** 2))) / besselI0(beta);
  });
  const sum = taps.reduce((a, b) => a + b, 0);
  return taps.map((tap) => (tap * gain) / sum);
}

const gcd = (a: number, b: number): number => (b === 0 ? a : gcd(b, a % b));

/** Filters for rates used again and again. */
const filters = /* @__PURE__ */ new Map<string, Float64Array>();

function filterOf(up: number, down: number): Float64Array {
  const key = `${up}/${down}`;
  let filter = filters.get(key);
  if (filter === undefined) {
    const most = Math.max(up, down);
    filter = lowPass(10 * most, 1 / most, up);
    if (filters.size > 16) filters.clear();
    filters.set(key, filter);
  }
  return filter;
}

/**
 * Samples at another rate: a polyphase filter, with nothing above half of the lower rate left.
 *
 * Shapes: n samples become ceil(n * to / from).
 * Units: rates in Hz, whole numbers.
 * Errors: LoaderError for rates that are none.
 * Source: scipy.signal.resample_poly
 * @example audio.resample(new Float32Array(480), 48000, 16000).length; // => 160
 */
export function resample(samples: Float32Array, from: number, to: number): Float32Array {
  for (const rate of [from, to]) {
    if (!Number.isInteger(rate) || rate < 1 || rate > 2 ** 24)
      throw new LoaderError(`resample: ${rate} is not a rate in Hz`);
  }
  const divisor = gcd(from, to);
  const [up, down] = [to / divisor, from / divisor];
  if (up === down) return samples.slice();
  const taps = filterOf(up, down);
  const half = (taps.length - 1) / 2;
  const out = new Float32Array(Math.ceil((samples.length * up) / down));
  for (let m = 0; m < out.length; m++) {
    // y[m] = sum over k of x[k] * taps[m * down + half - k * up]
    const at = m * down + half;
    const first = Math.max(0, Math.ceil((at - 2 * half) / up));
    const last = Math.min(samples.length - 1, Math.floor(at / up));
    let sum = 0;
    for (let k = first; k <= last; k++) sum += samples[k]! * taps[at - k * up]!;
    out[m] = sum;
  }
  return out;
}

/** The mean of all channels. @example audio.toMono([new Float32Array([1, 0]), new Float32Array([0, 0])]); // => [0.5, 0] */
export function toMono(channels: readonly Float32Array[]): Float32Array {
  if (channels.length === 0) throw new LoaderError("toMono: there are no channels");
  const out = new Float32Array(channels[0]!.length);
  for (const channel of channels) for (let i = 0; i < out.length; i++) out[i]! += channel[i]! / channels.length;
  return out;
}
