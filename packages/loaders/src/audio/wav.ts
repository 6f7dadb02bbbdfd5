/** WAV files. */
import { checkOptions } from "../option-names";
import { asBytes } from "../bytes/source";
import { FormatError, LoaderError } from "../errors";

const FORMAT = "wav";

/** Sound in memory. */
export interface Sound {
  readonly sampleRate: number;
  /** Samples of each channel, from -1 to 1. */
  readonly channels: Float32Array[];
}

/** Reads one sample. */
type Read = (view: DataView, at: number) => number;

/** A byte of the telephone's logarithmic scales. Source: ITU-T G.711 */
const muLaw = (byte: number): number => {
  const b = ~byte & 255;
  const magnitude = (((b & 15) << 3) + 132) << ((b >> 4) & 7);
  return (b & 128 ? 132 - magnitude : magnitude - 132) / 32768;
};
const aLaw = (byte: number): number => {
  const b = byte ^ 0x55;
  const exponent = (b >> 4) & 7;
  const mantissa = ((b & 15) << 4) + (exponent === 0 ? 8 : 264);
  const magnitude = exponent > 1 ? mantissa << (exponent - 1) : mantissa;
  return (b & 128 ? magnitude : -magnitude) / 32768;
};

/** By the number of the format and the bits of a sample. */
const READERS: Readonly<Record<string, Read>> = {
  "1/8": (v, at) => (v.getUint8(at) - 128) / 128,
  "1/16": (v, at) => v.getInt16(at, true) / 2 ** 15,
  "1/24": (v, at) => (v.getInt8(at + 2) * 2 ** 16 + v.getUint16(at, true)) / 2 ** 23,
  "1/32": (v, at) => v.getInt32(at, true) / 2 ** 31,
  "3/32": (v, at) => v.getFloat32(at, true),
  "3/64": (v, at) => v.getFloat64(at, true),
  "6/8": (v, at) => aLaw(v.getUint8(at)),
  "7/8": (v, at) => muLaw(v.getUint8(at)),
};
const EXTENSIBLE = 0xfffe;

/** Of a file that was written as a stream, whose length was not known yet. */
const UNKNOWN_LENGTH = 0xffffffff;

interface Layout {
  readonly read: Read;
  readonly nChannels: number;
  readonly sampleRate: number;
  readonly frameBytes: number;
}

function readLayout(view: DataView, at: number, nBytes: number): Layout {
  if (nBytes < 16) throw new FormatError(FORMAT, `a format of ${nBytes} bytes`, at);
  let format = view.getUint16(at, true);
  const nChannels = view.getUint16(at + 2, true);
  const sampleRate = view.getUint32(at + 4, true);
  const frameBytes = view.getUint16(at + 12, true);
  const bits = view.getUint16(at + 14, true);
  if (format === EXTENSIBLE && nBytes >= 26) format = view.getUint16(at + 24, true);
  const key = `${format}/${bits}`;
  const read = Object.hasOwn(READERS, key) ? READERS[key] : undefined;
  if (read === undefined) throw new FormatError(FORMAT, `format ${format} with ${bits} bits is not supported`, at);
  if (nChannels === 0 || sampleRate === 0)
    throw new FormatError(FORMAT, `${nChannels} channels at ${sampleRate} Hz`, at);
  if (frameBytes !== (nChannels * bits) / 8)
    throw new FormatError(FORMAT, `${frameBytes} bytes for ${nChannels} samples of ${bits} bits`, at);
  return { read, nChannels, sampleRate, frameBytes };
}

/**
 * Reads a WAV file: integers of 8 to 32 bits, floats, A-law and mu-law.
 *
 * Units: samples from -1 to 1, rate in Hz.
 * Errors: FormatError naming the byte.
 * @example
 * const bytes = audio.encodeWav({ sampleRate: 8000, channels: [new Float32Array([0, 0.5, -1])] });
 * audio.decodeWav(bytes).channels[0]; // => [0, 0.5, -1]
 */
export function decodeWav(data: Uint8Array | ArrayBuffer): Sound {
  const bytes = asBytes(data);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const tag = (at: number) => String.fromCharCode(...bytes.subarray(at, at + 4));
  if (bytes.length < 12 || tag(0) !== "RIFF" || tag(8) !== "WAVE")
    throw new FormatError(FORMAT, "it does not begin with RIFF and WAVE", 0);
  let layout: Layout | null = null;
  for (let at = 12; at + 8 <= bytes.length;) {
    const name = tag(at);
    const promised = view.getUint32(at + 4, true);
    const begin = at + 8;
    const there = bytes.length - begin;
    const nBytes = name === "data" && promised === UNKNOWN_LENGTH ? there : promised;
    if (nBytes > there)
      throw new FormatError(FORMAT, `part ${JSON.stringify(name)} has ${there} of ${nBytes} bytes`, at);
    if (name === "fmt ") layout = readLayout(view, begin, nBytes);
    if (name === "data") {
      if (layout === null) throw new FormatError(FORMAT, "the samples come before their format", at);
      return readSamples(view, begin, nBytes, layout);
    }
    // Parts begin at even places.
    at = begin + nBytes + (nBytes & 1);
  }
  throw new FormatError(FORMAT, "it has no samples", bytes.length);
}

function readSamples(view: DataView, begin: number, nBytes: number, layout: Layout): Sound {
  const { read, nChannels, sampleRate, frameBytes } = layout;
  const n = Math.floor(nBytes / frameBytes);
  const sampleBytes = frameBytes / nChannels;
  const channels = Array.from({ length: nChannels }, (_, c) => {
    const out = new Float32Array(n);
    for (let i = 0, at = begin + c * sampleBytes; i < n; i++, at += frameBytes) out[i] = read(view, at);
    return out;
  });
  return { sampleRate, channels };
}

export interface EncodeWavOptions {
  /** Bits of an integer, or "float" for 32-bit floats. Default 16. */
  readonly bits?: 8 | 16 | 24 | 32 | "float";
}

/**
 * Writes a WAV file. Samples beyond -1 and 1 are clipped, unless they are written as floats.
 *
 * Errors: LoaderError if channels differ in length.
 * @example audio.encodeWav({ sampleRate: 8000, channels: [new Float32Array(10)] }).length; // => 64
 */
export function encodeWav({ sampleRate, channels }: Sound, options: EncodeWavOptions = {}): Uint8Array<ArrayBuffer> {
  checkOptions("encodeWav", options, { bits: true });
  const { bits = 16 } = options;
  const lengths = new Set(channels.map((channel) => channel.length));
  if (lengths.size !== 1) throw new LoaderError(`encodeWav: channels of ${[...lengths].join(", ") || "no"} samples`);
  const n = channels[0]!.length;
  const sampleBytes = bits === "float" ? 4 : bits / 8;
  const frameBytes = sampleBytes * channels.length;
  const nBytes = n * frameBytes;
  const out = new Uint8Array(44 + nBytes + (nBytes & 1));
  const view = new DataView(out.buffer);
  const text = (at: number, letters: string) =>
    out.set(
      Array.from(letters, (c) => c.charCodeAt(0)),
      at,
    );
  text(0, "RIFF");
  view.setUint32(4, out.length - 8, true);
  text(8, "WAVEfmt ");
  view.setUint32(16, 16, true);
  view.setUint16(20, bits === "float" ? 3 : 1, true);
  view.setUint16(22, channels.length, true);
  view.setUint32(24, sampleRate, true);
  view.setUint32(28, sampleRate * frameBytes, true);
  view.setUint16(32, frameBytes, true);
  view.setUint16(34, sampleBytes * 8, true);
  text(36, "data");
  view.setUint32(40, nBytes, true);
  const write = writerOf(view, bits);
  channels.forEach((channel, c) => {
    for (let i = 0; i < n; i++) write(44 + i * frameBytes + c * sampleBytes, channel[i]!);
  });
  return out;
}

function writerOf(view: DataView, bits: 8 | 16 | 24 | 32 | "float"): (at: number, x: number) => void {
  if (bits === "float") return (at, x) => view.setFloat32(at, x, true);
  const top = 2 ** (bits - 1);
  const quantise = (x: number) => Math.min(top - 1, Math.max(-top, Math.round(x * top)));
  switch (bits) {
    case 8:
      return (at, x) => view.setUint8(at, quantise(x) + 128);
    case 16:
      return (at, x) => view.setInt16(at, quantise(x), true);
    case 24:
      return (at, x) => {
        const q = quantise(x);
        view.setUint16(at, q & 0xffff, true);
        view.setInt8(at + 2, q >> 16);
      };
    case 32:
      return (at, x) => view.setInt32(at, quantise(x), true);
  }
}
