/** Sound: WAV files, other sample rates, spectra. */
export { decode } from "./decode";
export { type MelFilterOptions, melFilters } from "./mel-filters";
export { resample, toMono } from "./resample";
export { type MelOptions, type StftOptions, melSpectrogram, stft, whisperFeatures } from "./spectrogram";
export { type EncodeWavOptions, type Sound, decodeWav, encodeWav } from "./wav";
