/** Sound files of any kind that the browser knows. */
import { type ByteSource, readBytes } from "../bytes/source";
import { FormatError, LoaderError } from "../errors";
import { resample, toMono } from "./resample";
import { type Sound, decodeWav } from "./wav";

const isWav = (bytes: Uint8Array): boolean => String.fromCharCode(...bytes.subarray(0, 4)) === "RIFF";

async function decodeByBrowser(bytes: Uint8Array): Promise<Sound> {
  if (typeof OfflineAudioContext === "undefined") {
    throw new LoaderError("audio.decode: only WAV files are decoded outside of a page");
  }
  try {
    const context = new OfflineAudioContext(1, 1, 44100);
    const decoded = await context.decodeAudioData(bytes.slice().buffer as ArrayBuffer);
    const channels = Array.from({ length: decoded.numberOfChannels }, (_, c) => decoded.getChannelData(c));
    return { sampleRate: decoded.sampleRate, channels };
  } catch {
    throw new FormatError("audio", "it is of no kind that this browser decodes");
  }
}

/**
 * One channel of a sound file, at the rate that a model wants: WAV everywhere, in a page all that the browser plays.
 *
 * Units: samples from -1 to 1, `sampleRate` in Hz.
 * Errors: FormatError if it cannot be decoded; LoaderError outside of a page for other than WAV.
 * @example
 * const bytes = audio.encodeWav({ sampleRate: 8000, channels: [new Float32Array(80)] });
 * (await audio.decode(bytes, { sampleRate: 16000 })).length; // => 160
 */
export async function decode(source: ByteSource, options: { sampleRate: number }): Promise<Float32Array> {
  const bytes = await readBytes(source);
  const { sampleRate, channels } = isWav(bytes) ? decodeWav(bytes) : await decodeByBrowser(bytes);
  return resample(toMono(channels), sampleRate, options.sampleRate);
}
