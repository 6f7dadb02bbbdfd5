/** Spectra over time, on the device: frames times a matrix of cosines and sines, which every device multiplies fast. */
import { type OptionNames, checkOptions } from "../option-names";
import { type Array as JaxArray, numpy as np, owned } from "@jax-js/jax";
import { LoaderError } from "../errors";
import { type MelFilterOptions, filtersOf } from "./mel-filters";

export interface StftOptions {
  /** Samples of a transform. */
  readonly nFft: number;
  /** Samples from one frame to the next. Default: a quarter of `nFft`. */
  readonly hopLength?: number;
  /** Samples of the Hann window, in the middle of the frame. Default `nFft`. */
  readonly winLength?: number;
  /** Frames are centred at multiples of the hop; the ends are mirrored. Default true. */
  readonly center?: boolean;
}

const whole = (op: string, name: string, n: number): number => {
  if (!Number.isSafeInteger(n) || n < 1)
    throw new LoaderError(`${op}: ${name} is ${n}, expected a whole number above 0`);
  return n;
};

/** Cosines and minus sines times the window: f32[nFft, 2 * nFrequencies]. */
function windowedBasis(nFft: number, winLength: number): Float32Array {
  const nFrequencies = Math.floor(nFft / 2) + 1;
  const begin = Math.floor((nFft - winLength) / 2);
  const out = new Float32Array(nFft * 2 * nFrequencies);
  for (let t = 0; t < winLength; t++) {
    const window = 0.5 - 0.5 * Math.cos((2 * Math.PI * t) / winLength);
    const row = (begin + t) * 2 * nFrequencies;
    for (let f = 0; f < nFrequencies; f++) {
      // The angle of a small multiple, which keeps its digits.
      const angle = (2 * Math.PI * ((f * (begin + t)) % nFft)) / nFft;
      out[row + f] = window * Math.cos(angle);
      out[row + nFrequencies + f] = -window * Math.sin(angle);
    }
  }
  return out;
}

/** Where in the signal each sample of each frame is: i32[nFrames, nFft]. Beyond the ends it is mirrored. */
function frameIndices(
  nSamples: number,
  nFft: number,
  hopLength: number,
  center: boolean,
): { indices: Int32Array; nFrames: number } {
  const pad = center ? Math.floor(nFft / 2) : 0;
  if (center && pad >= nSamples)
    throw new LoaderError(`stft: ${nSamples} samples cannot be mirrored by ${pad}; use center: false`);
  if (nSamples + 2 * pad < nFft) throw new LoaderError(`stft: ${nSamples} samples do not fill a frame of ${nFft}`);
  const nFrames = 1 + Math.floor((nSamples + 2 * pad - nFft) / hopLength);
  const indices = new Int32Array(nFrames * nFft);
  for (let i = 0; i < nFrames; i++) {
    for (let t = 0; t < nFft; t++) {
      const at = i * hopLength + t - pad;
      indices[i * nFft + t] = at < 0 ? -at : at >= nSamples ? 2 * (nSamples - 1) - at : at;
    }
  }
  return { indices, nFrames };
}

/** Real parts, then imaginary parts: f32[..., nFrames, 2 * nFrequencies]. */
function transformed(x: JaxArray, options: StftOptions): JaxArray {
  const nFft = whole("stft", "nFft", options.nFft);
  const hopLength = whole("stft", "hopLength", options.hopLength ?? Math.max(1, Math.floor(nFft / 4)));
  const winLength = whole("stft", "winLength", options.winLength ?? nFft);
  if (winLength > nFft) throw new LoaderError(`stft: a window of ${winLength} samples does not fit into ${nFft}`);
  const nSamples = x.shape.at(-1);
  if (nSamples === undefined) throw new LoaderError("stft: expected samples along the last axis, got a scalar");
  const { indices, nFrames } = frameIndices(nSamples, nFft, hopLength, options.center ?? true);
  const basis = windowedBasis(nFft, winLength);
  // [..., nFrames, nFft]
  const frames = np.take(x, np.array(indices, { shape: [nFrames, nFft] }), { axis: -1 });
  return np.matmul(frames, np.array(basis, { shape: [nFft, basis.length / nFft] }));
}

/**
 * The short-time Fourier transform under a Hann window, as real and imaginary parts. It can be jitted and
 * differentiated.
 *
 * Shapes: f32[..., n] -> 2 of f32[..., nFrames, nFft / 2 + 1]
 * Errors: LoaderError if the samples do not fill a frame.
 * Source: librosa.stft, with frames along the last axis but one
 * @example
 * const { real } = audio.stft(np.ones([64]), { nFft: 16 });
 * real.shape; // => [17, 9]
 */
export function stft(x: JaxArray, options: StftOptions): { real: JaxArray; imag: JaxArray } {
  checkOptions("stft", options, { nFft: true, hopLength: true, winLength: true, center: true });
  return owned(() => {
    const both = transformed(x, options);
    const [real, imag] = np.split(both, 2, -1) as [JaxArray, JaxArray];
    return { real, imag };
  });
}

export interface MelOptions extends StftOptions, MelFilterOptions {
  /** 1 for magnitudes, 2 for powers. Default 2. */
  readonly power?: 1 | 2;
}

const MEL_OPTIONS: OptionNames<MelOptions> = {
  nFft: true, hopLength: true, winLength: true, center: true,
  sampleRate: true, nMels: true, fMin: true, fMax: true, scale: true, norm: true,
  power: true,
}; // prettier-ignore

/**
 * Power along the mel scale, frame by frame. It can be jitted and differentiated.
 *
 * Shapes: f32[..., n] -> f32[..., nFrames, nMels]
 * Errors: LoaderError, as `stft` and `melFilters`.
 * Source: librosa.feature.melspectrogram, with frames along the last axis but one
 * @example audio.melSpectrogram(np.ones([1600]), { sampleRate: 16000, nFft: 400, hopLength: 160 }).shape; // => [11, 80]
 */
export function melSpectrogram(x: JaxArray, options: MelOptions): JaxArray {
  checkOptions("melSpectrogram", options, MEL_OPTIONS);
  return owned(() => {
    const both = transformed(x, options);
    const [real, imag] = np.split(both, 2, -1) as [JaxArray, JaxArray];
    const power = np.square(real).add(np.square(imag));
    const spectrum = (options.power ?? 2) === 2 ? power : np.sqrt(power);
    const filters = filtersOf(options).toArray();
    return np.matmul(spectrum, filters.transpose());
  });
}

/**
 * What Whisper hears: logarithms of 80 (or 128) mel bands at 16 kHz, cut off 80 dB below the loudest, scaled.
 *
 * Shapes: f32[n] -> f32[nMels, n / 160]
 * Source: log_mel_spectrogram of openai/whisper
 * @example audio.whisperFeatures(np.ones([16000])).shape; // => [80, 100]
 */
export function whisperFeatures(x: JaxArray, options: { nMels?: number } = {}): JaxArray {
  checkOptions("whisperFeatures", options, { nMels: true });
  return owned(() => {
    const mel = melSpectrogram(x, { sampleRate: 16000, nFft: 400, hopLength: 160, nMels: options.nMels ?? 80 });
    const nFrames = mel.shape[0]! - 1;
    // Whisper leaves out the last frame.
    const logs = np.log10(np.maximum(mel.slice([0, nFrames]), 1e-10));
    const floored = np.maximum(logs, np.max(logs).sub(8));
    return floored.add(4).div(4).transpose();
  });
}
