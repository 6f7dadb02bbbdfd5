/** Sound against soundfile, SciPy and librosa (oracles/audio.py). */
import { grad, jit, numpy as np } from "@jax-js/jax";
import { FormatError, LoaderError, audio } from "@jax-js/loaders";
import { describe, expect, test } from "vitest";
import { fromBase64, readJson } from "./gz-file";
import type audioJson from "./oracles/audio.json";

const oracle = await readJson<typeof audioJson>(new URL("./oracles/audio.json", import.meta.url));
const floats = (text: string) => new Float32Array(fromBase64(text).buffer);
const x = floats(oracle.x);

/** The largest difference, relative to the largest value. */
function distance(got: ArrayLike<number>, wanted: ArrayLike<number>): number {
  expect(got.length).toBe(wanted.length);
  let worst = 0;
  let largest = 0;
  for (let i = 0; i < wanted.length; i++) {
    worst = Math.max(worst, Math.abs(got[i]! - wanted[i]!));
    largest = Math.max(largest, Math.abs(wanted[i]!));
  }
  return worst / largest;
}

describe("wav", () => {
  test.each(oracle.wav)("soundfile's $name", ({ file, rate, channels }) => {
    const sound = audio.decodeWav(fromBase64(file));
    expect(sound.sampleRate).toBe(rate);
    expect(sound.channels).toEqual(channels.map(floats));
  });

  test("goes out and comes back", () => {
    const channels = [Float32Array.of(0, 0.5, -1, 0.999, 2, -2), Float32Array.of(0.25, -0.25, 0, 0, 1, -1)];
    for (const bits of [8, 16, 24, 32, "float"] as const) {
      const bytes = audio.encodeWav({ sampleRate: 44100, channels }, { bits });
      const back = audio.decodeWav(bytes);
      const step = bits === "float" ? 0 : 2 ** (1 - bits);
      expect(back.sampleRate).toBe(44100);
      channels.forEach((channel, c) =>
        channel.forEach((v, i) => {
          const clipped = bits === "float" ? v : Math.min(1 - step, Math.max(-1, v));
          expect(Math.abs(back.channels[c]![i]! - clipped)).toBeLessThanOrEqual(step / 2 + 1e-7);
        }),
      );
    }
  });

  test("damaged files are told", () => {
    const bytes = fromBase64(oracle.wav[0]!.file);
    for (let n = 0; n < 44; n++) expect(() => audio.decodeWav(bytes.subarray(0, n))).toThrow(FormatError);
    const strange = bytes.slice();
    strange[20] = 99;
    expect(() => audio.decodeWav(strange)).toThrow(/format 99 with 8 bits is not supported/);
    expect(() => audio.encodeWav({ sampleRate: 1, channels: [] })).toThrow(LoaderError);
  });
});

describe("rates", () => {
  test.each(oracle.resample)("$from to $to Hz as SciPy", ({ from, to, samples }) => {
    expect(distance(audio.resample(x, from, to), floats(samples))).toBeLessThan(2e-7);
  });

  test("wrong rates", () => {
    for (const rate of [0, -1, 0.5, NaN, 1e9]) expect(() => audio.resample(x, rate, 8000)).toThrow(LoaderError);
  });

  test("a file at the rate that is wanted", async () => {
    const bytes = audio.encodeWav({ sampleRate: 16000, channels: [x, x] }, { bits: "float" });
    const half = await audio.decode(new Blob([bytes]), { sampleRate: 8000 });
    expect(distance(half, floats(oracle.resample[0]!.samples))).toBeLessThan(2e-7);
  });
});

describe("spectra", () => {
  test.each(oracle.mel)("mel filters of librosa: $options", ({ options, filters }) => {
    const got = audio.melFilters(options as never);
    expect(distance(got.data, floats(filters))).toBeLessThan(2e-6);
  });

  test.each(oracle.stft)("librosa.stft: $options", async ({ options, real, imag, nFrames }) => {
    using samples = np.array(x);
    const got = audio.stft(samples, options as audio.StftOptions);
    expect(got.real.shape[0]).toBe(nFrames);
    const both = [...(await got.real.data()), ...(await got.imag.data())];
    expect(distance(both, [...floats(real), ...floats(imag)])).toBeLessThan(2e-6);
    got.real.dispose();
    got.imag.dispose();
  });

  test("mel spectrogram of librosa, eager and jitted", async () => {
    const options = { sampleRate: 16000, nFft: 400, hopLength: 160, nMels: 80 };
    using samples = np.array(x);
    using eager = audio.melSpectrogram(samples, options);
    using jitted = jit((s: typeof samples) => audio.melSpectrogram(s, options));
    using again = jitted(samples);
    for (const mel of [eager, again]) expect(distance(await mel.data(), floats(oracle.melspec))).toBeLessThan(2e-6);
    using slope = grad((s: typeof samples) => audio.melSpectrogram(s, options).sum())(samples);
    expect(slope.shape).toEqual([x.length]);
  });

  test("several signals at once", () => {
    using both = np.array([...x, ...x], { shape: [2, x.length] });
    using mel = audio.melSpectrogram(both, { sampleRate: 16000, nFft: 400, hopLength: 160 });
    expect(mel.shape).toEqual([2, 3, 80]);
  });

  test("Whisper's features", async () => {
    using samples = np.array(Float32Array.from({ length: 10 * x.length }, (_, i) => x[i % x.length]!));
    using features = audio.whisperFeatures(samples);
    expect(features.shape).toEqual([80, 25]);
    const wanted = floats(oracle.whisper);
    (await features.data()).forEach((v, i) => expect(Math.abs(v - wanted[i]!)).toBeLessThan(2e-5));
  });

  test("wrong options", () => {
    using samples = np.array(x);
    expect(() => audio.stft(samples, { nFft: 0 })).toThrow(LoaderError);
    expect(() => audio.stft(samples, { nFft: 64, winLength: 65 })).toThrow(/65 samples does not fit into 64/);
    expect(() => audio.stft(samples, { nFft: 4096 })).toThrow(LoaderError);
    expect(() => audio.melFilters({ sampleRate: 16000, nFft: 400, fMax: 9000 })).toThrow(LoaderError);
  });
});
