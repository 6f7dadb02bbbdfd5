/** Filters along the mel scale, on which steps sound equal. */
import { checkOptions } from "../option-names";
import { HostArray } from "../data/examples";
import { LoaderError } from "../errors";

export interface MelFilterOptions {
  readonly sampleRate: number;
  /** Samples of a transform. */
  readonly nFft: number;
  /** Default 80. */
  readonly nMels?: number;
  /** Default 0. */
  readonly fMin?: number;
  /** Default: half the rate. */
  readonly fMax?: number;
  /** "slaney" is linear below 1 kHz, "htk" logarithmic throughout. Default "slaney". */
  readonly scale?: "slaney" | "htk";
  /** "slaney" gives each filter the same area, null the same height. Default "slaney". */
  readonly norm?: "slaney" | null;
}

interface Scale {
  toMel(hz: number): number;
  toHz(mel: number): number;
}

/** Hz per mel below 1 kHz, and the logarithmic step above. */
const LINEAR = 200 / 3;
const STEP = Math.log(6.4) / 27;

const SCALES: Readonly<Record<"slaney" | "htk", Scale>> = {
  slaney: {
    toMel: (hz) => (hz < 1000 ? hz / LINEAR : 15 + Math.log(hz / 1000) / STEP),
    toHz: (mel) => (mel < 15 ? mel * LINEAR : 1000 * Math.exp(STEP * (mel - 15))),
  },
  htk: {
    toMel: (hz) => 2595 * Math.log10(1 + hz / 700),
    toHz: (mel) => 700 * (10 ** (mel / 2595) - 1),
  },
};

/**
 * Triangular filters over the frequencies of a spectrum.
 *
 * Shapes: f32[nMels, nFft / 2 + 1]
 * Errors: LoaderError for frequencies that are out of order.
 * Source: librosa.filters.mel
 * @example audio.melFilters({ sampleRate: 16000, nFft: 400 }).shape; // => [80, 201]
 */
export function melFilters(options: MelFilterOptions): HostArray {
  checkOptions("melFilters", options, {
    sampleRate: true,
    nFft: true,
    nMels: true,
    fMin: true,
    fMax: true,
    scale: true,
    norm: true,
  });
  return filtersOf(options);
}

/** `melFilters` of options that may have more in them. */
export function filtersOf(options: MelFilterOptions): HostArray {
  const { sampleRate, nFft, nMels = 80, fMin = 0, fMax = sampleRate / 2, scale = "slaney", norm = "slaney" } = options;
  if (!(fMin >= 0 && fMin < fMax && fMax <= sampleRate / 2)) {
    throw new LoaderError(`melFilters: ${fMin} to ${fMax} Hz does not lie within 0 to ${sampleRate / 2} Hz`);
  }
  const { toMel, toHz } = SCALES[scale];
  const [low, high] = [toMel(fMin), toMel(fMax)];
  const corners = Array.from({ length: nMels + 2 }, (_, i) => toHz(low + ((high - low) * i) / (nMels + 1)));
  const nFrequencies = Math.floor(nFft / 2) + 1;
  const out = new Float32Array(nMels * nFrequencies);
  for (let m = 0; m < nMels; m++) {
    const [left, centre, right] = [corners[m]!, corners[m + 1]!, corners[m + 2]!];
    const height = norm === "slaney" ? 2 / (right - left) : 1;
    for (let f = 0; f < nFrequencies; f++) {
      const hz = (f * sampleRate) / nFft;
      const rise = (hz - left) / (centre - left);
      const fall = (right - hz) / (right - centre);
      out[m * nFrequencies + f] = Math.max(0, Math.min(rise, fall)) * height;
    }
  }
  return new HostArray(out, [nMels, nFrequencies]);
}
