/** Options that a function does not have are refused. */
import * as loaders from "@jax-js/loaders";
import { describe, expect, test } from "vitest";

/* eslint-disable @typescript-eslint/no-explicit-any -- what types would refuse */
type Bad = any;

const { audio, checkpoint, data, gguf, image, npy, npz, safetensors } = loaders;
const none = new Uint8Array();

const calls: Readonly<Record<string, (o: Bad) => unknown>> = {
  "audio.encodeWav": (o) => audio.encodeWav({ sampleRate: 1, channels: [new Float32Array(1)] }, o),
  "audio.melFilters": (o) => audio.melFilters({ sampleRate: 8, nFft: 4, ...o }),
  "audio.melSpectrogram": (o) => audio.melSpectrogram(none as Bad, { sampleRate: 8, nFft: 4, ...o }),
  "audio.stft": (o) => audio.stft(none as Bad, { nFft: 4, ...o }),
  "audio.whisperFeatures": (o) => audio.whisperFeatures(none as Bad, o),
  cachedFetch: (o) => loaders.cachedFetch("data:,x", o),
  CheckpointManager: (o) => new loaders.CheckpointManager("x", o),
  "CheckpointManager.save": (o) => new loaders.CheckpointManager(loaders.memoryStore()).save(1, {}, o),
  "checkpoint.parse": (o) => checkpoint.parse(none, o),
  "data.stackExamples": (o) => data.stackExamples([1], o),
  "gguf.toArray": (o) => gguf.toArray({} as Bad, o),
  "gguf.toPacked": (o) => gguf.toPacked({} as Bad, o),
  "image.decode": (o) => image.decode(none, o),
  "image.normalize": (o) => image.normalize({} as Bad, o),
  "image.resize": (o) => image.resize({} as Bad, [1, 1], o),
  "npy.load": (o) => npy.load(none, o),
  "npz.load": (o) => npz.load(none, o),
  "npz.save": (o) => npz.save({}, o),
  "npz.serialize": (o) => npz.serialize({}, o),
  "safetensors.loadArrays": (o) => safetensors.loadArrays(none, o),
  "safetensors.serializeSharded": (o) => safetensors.serializeSharded({}, o),
  "safetensors.toArray": (o) => safetensors.toArray({} as Bad, o),
  WeightMapper: (o) => new loaders.WeightMapper(o),
};

describe("options of another name are refused", () => {
  for (const [name, call] of Object.entries(calls)) {
    test(name, async () => {
      const run = async (): Promise<unknown> => await call({ no_such_option: 1 });
      await expect(run()).rejects.toThrow(/unknown option "no_such_option"; expected one of /);
    });
  }
});
