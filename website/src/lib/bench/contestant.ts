/** A library in the comparison. */
import type { Input, WorkloadName } from "./workload";

export type DeviceName = "wasm" | "webgpu";
export type LibraryName = "jax-js" | "TensorFlow.js" | "onnxruntime-web";

export interface Setting {
  readonly workload: WorkloadName;
  readonly device: DeviceName;
  readonly threads: number;
  readonly fed: readonly Input[];
  readonly weights: readonly Input[];
}

/** A workload in a library, ready to run. */
export interface Contestant {
  readonly version: string;
  /** One run; it ends when the result is in a JavaScript array. */
  run(): Promise<Float32Array>;
  dispose(): void | Promise<void>;
}

/** Libraries are loaded when they are asked for. */
export const LIBRARIES: Readonly<Record<LibraryName, (setting: Setting) => Promise<Contestant>>> = {
  "jax-js": async (setting) => (await import("./with-jax")).prepare(setting),
  "TensorFlow.js": async (setting) => (await import("./with-tfjs")).prepare(setting),
  "onnxruntime-web": async (setting) => (await import("./with-ort")).prepare(setting),
};
