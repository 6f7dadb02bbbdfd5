/** The one list of devices that tests run on: cpu and wasm everywhere, webgpu where a browser has it. */
import { type Device, init } from "@jax-js/jax";
import { it } from "vitest";

const webgpu = typeof navigator !== "undefined" && "gpu" in navigator ? await init("webgpu") : [];

const env = (globalThis as { process?: { env: Record<string, string | undefined> } }).process?.env ?? {};

/** The projects of one wasm mode (vitest.config.ts) test that alone. */
export const wasmAlone = env["WASM_THREADS"] !== undefined;

/** Devices whose arrays can be read at once, for tests that do. */
export const syncDevices: readonly Device[] = wasmAlone ? ["wasm"] : ["cpu", "wasm"];

export const testDevices: readonly Device[] = [...syncDevices, ...(wasmAlone ? [] : webgpu)];

/** Devices that tests could run on and that are not here. */
export const missingDevices: readonly Device[] = webgpu.length === 0 ? ["webgpu"] : [];

/** Records that a device does not run; the runs say so. */
const WITHOUT: Partial<Record<Device, readonly string[]>> = {
  webgpu: ["eig", "geqrf", "hessenberg", "schur", "tridiagonal"],
};

/** `it` for tests of a record on a device, or the skipping one where the device does not have it. */
export const itOn = (device: Device, record: string): typeof it.skip =>
  WITHOUT[device]?.includes(record) ? it.skip : (it as typeof it.skip);
