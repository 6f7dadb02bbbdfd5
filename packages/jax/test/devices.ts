/** The devices that tests run on: cpu and wasm everywhere, webgpu where a browser has it. */
import { type Device, init } from "@jax-js/jax";

const webgpu = typeof navigator !== "undefined" && "gpu" in navigator ? await init("webgpu") : [];

export const testDevices: readonly Device[] = ["cpu", "wasm", ...webgpu];

/** Devices that tests could run on and that are not here. */
export const missingDevices: readonly Device[] = webgpu.length === 0 ? ["webgpu"] : [];
