/** The one list of devices that tests run on: cpu in Node, wasm everywhere, webgpu where a browser has it. */
import { type Device, init } from "@jax-js/jax";
import { it } from "vitest";

const inBrowser = typeof window !== "undefined";

const webgpu = typeof navigator !== "undefined" && "gpu" in navigator ? await init("webgpu") : [];

const env = (globalThis as { process?: { env: Record<string, string | undefined> } }).process?.env ?? {};

/** A project of one wasm mode (vitest.config.ts): `undefined` in the others. */
const threads = env["WASM_THREADS"];
const wasmAlone = threads !== undefined && !(threads === "1" && env["WASM_RELAXED"] === "0");

/**
 * Devices whose arrays can be read at once, for tests that do. The cpu device is the same program in Node and in
 * Chromium, so Node runs it, and of the wasm modes the plainest.
 */
export const syncDevices: readonly Device[] = inBrowser || wasmAlone ? ["wasm"] : ["cpu", "wasm"];

export const testDevices: readonly Device[] = [...syncDevices, ...webgpu];

/** Devices that tests could run on and that are not here. */
export const missingDevices: readonly Device[] = webgpu.length === 0 ? ["webgpu"] : [];

/** Records that a device does not run; the runs say so. */
const WITHOUT: Partial<Record<Device, readonly string[]>> = {
  webgpu: ["eig", "geqrf", "hessenberg", "schur", "tridiagonal"],
};

/** `it` for tests of a record on a device, or the skipping one where the device does not have it. */
export const itOn = (device: Device, record: string): typeof it.skip =>
  WITHOUT[device]?.includes(record) ? it.skip : (it as typeof it.skip);
