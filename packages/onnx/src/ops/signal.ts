/** Fourier transforms, windows, and mel scales. */
import { lax, numpy as np } from "@jax-js/jax";
import { FLOAT } from "../elem-type";
import { type NodeContext } from "../graph/node-context";
import { type NdArray, type Value, upload } from "../value";
import { type OperatorTable } from "./operator";

interface Complex {
  readonly real: NdArray;
  readonly imag: NdArray;
}

/** The last axis holds the real part, and the imaginary one if there are two. */
function complexOf(x: NdArray): Complex {
  const last = x.ndim - 1;
  const part = (i: number): NdArray => np.squeeze(lax.sliceInDim(x, i, i + 1, 1, last), last);
  const real = part(0);
  return { real, imag: x.shape[last] === 2 ? part(1) : np.zerosLike(real) };
}

const together = ({ real, imag }: Complex): NdArray => np.stack([real, imag], -1);

/** The half of a spectrum of real signals, made whole by symmetry. */
function mirrored({ real, imag }: Complex, axis: number, length: number): Complex {
  const size = real.shape[axis]!;
  const wanted = Math.floor(length / 2) + 1;
  const keep = (x: NdArray): NdArray => {
    const cut = lax.sliceInDim(x, 0, Math.min(size, wanted), 1, axis);
    const widths = x.shape.map((_, i): [number, number] => [0, i === axis ? Math.max(wanted - size, 0) : 0]);
    return np.pad(cut, widths);
  };
  const [re, im] = [keep(real), keep(imag)];
  const rest = (x: NdArray): NdArray => np.flip(lax.sliceInDim(x, 1, length - wanted + 1, 1, axis), axis);
  return {
    real: np.concatenate([re, rest(re)], axis),
    imag: np.concatenate([im, rest(im).neg()], axis),
  };
}

function dft(n: NodeContext): NdArray {
  const x = n.x(0);
  const rank = x.ndim;
  const axis = n.axis(n.version >= 20 ? (n.has(2) ? n.number(2) : -2) : n.attributes.int("axis", 1), rank);
  const inverse = n.attributes.flag("inverse");
  const onesided = n.attributes.flag("onesided");
  const size = x.shape[axis]!;
  const length = n.has(1) ? n.number(1) : inverse && onesided ? 2 * (size - 1) : size;
  if (!(length >= 1)) n.fail(`a transform of length ${length}`);
  n.allow([...x.shape.filter((_, i) => i !== axis), length]);
  const input = complexOf(x);
  if (inverse && onesided) {
    const whole = mirrored(input, axis, length);
    return np.expandDims(np.fft.ifft(whole, { axis }).real, -1);
  }
  const out = inverse ? np.fft.ifft(input, { axis, n: length }) : np.fft.fft(input, { axis, n: length });
  const all = together(out);
  return onesided ? lax.sliceInDim(all, 0, Math.floor(length / 2) + 1, 1, axis) : all;
}

/** Transforms of frames of the signal, each under the window. */
function stft(n: NodeContext): NdArray {
  const signal = n.x(0); // [b, length, 1 or 2]
  const step = n.number(1);
  const size = n.shape(0)[1]!;
  const length = n.has(3) ? n.number(3) : n.has(2) ? n.shape(2)[0]! : size;
  const count = Math.floor((size - length) / step) + 1;
  if (!(step > 0 && length > 0 && count > 0)) n.fail(`frames of ${length} by steps of ${step} of a signal of ${size}`);
  n.allow([count, length]);
  const at = np
    .arange(count)
    .astype("int32")
    .mul(step)
    .reshape([count, 1])
    .add(np.arange(length).astype("int32").reshape([1, length]));
  const { real, imag } = complexOf(signal);
  const frames = (x: NdArray): NdArray => {
    const read = np.take(x, at, { axis: 1, mode: "clip" }); // [b, count, length]
    return n.has(2) ? read.mul(n.x(2)) : read;
  };
  const all = together(np.fft.fft({ real: frames(real), imag: frames(imag) }, { axis: 2 }));
  return n.attributes.flag("onesided", true) ? lax.sliceInDim(all, 0, Math.floor(length / 2) + 1, 1, 2) : all;
}

/** A sum of cosines over the window's length; periodic ones leave out the last point. */
const windowOf =
  (coefficients: readonly number[]) =>
  (n: NodeContext): Value => {
    const size = n.number(0);
    n.allow([size]);
    const span = n.attributes.flag("periodic", true) ? size : size - 1;
    const type = n.attributes.int("output_datatype", FLOAT);
    const points = Float64Array.from({ length: size }, (_, i) =>
      coefficients.reduce((sum, a, k) => sum + a * Math.cos((2 * Math.PI * k * i) / span), 0),
    );
    return n.as(upload(type, [size], points), type);
  };

/** Triangles on the mel scale, [bins of the spectrum, mel bins]. */
function melWeightMatrix(n: NodeContext): Value {
  const [bins, length, rate, low, high] = [0, 1, 2, 3, 4].map((i) => n.number(i)) as [
    number,
    number,
    number,
    number,
    number,
  ];
  const rows = Math.floor(length / 2) + 1;
  n.allow([rows, bins]);
  const mel = (f: number): number => 2595 * Math.log10(1 + f / 700);
  const step = (mel(high) - mel(low)) / (bins + 2);
  const edges = Array.from({ length: bins + 2 }, (_, i) => {
    const hertz = 700 * (10 ** ((i * step + mel(low)) / 2595) - 1);
    return Math.floor(((length + 1) * hertz) / rate);
  });
  if (!edges.every(Number.isFinite)) n.fail(`has no bins from ${low} to ${high} Hz at ${rate} samples per second`);
  const data = new Float64Array(rows * bins);
  const put = (from: number, to: number, column: number, value: (row: number) => number): void => {
    // Edges may lie far outside of the spectrum.
    for (let j = Math.max(from, 0); j < Math.min(to, rows); j++) data[j * bins + column] = value(j);
  };
  for (let i = 0; i < bins; i++) {
    const [left, center, right] = edges.slice(i, i + 3) as [number, number, number];
    if (center === left) put(center, center + 1, i, () => 1);
    else put(left, center + 1, i, (j) => (j - left) / (center - left));
    put(center, right, i, (j) => (right - j) / (right - center));
  }
  const type = n.attributes.int("output_datatype", FLOAT);
  return n.as(upload(type, [rows, bins], data), type);
}

export const signal: OperatorTable = {
  BlackmanWindow: windowOf([0.42, -0.5, 0.08]),
  DFT: dft,
  HammingWindow: windowOf([25 / 46, -21 / 46]),
  HannWindow: windowOf([0.5, -0.5]),
  MelWeightMatrix: melWeightMatrix,
  STFT: stft,
};
