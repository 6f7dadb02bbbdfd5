/** The devices that tests run on: cpu and wasm everywhere, webgpu where a browser has it. */
import { type Device, init } from "@jax-js/jax";
import { it } from "vitest";

const webgpu = typeof navigator !== "undefined" && "gpu" in navigator ? await init("webgpu") : [];

export const testDevices: readonly Device[] = ["cpu", "wasm", ...webgpu];

/** Devices that tests could run on and that are not here. */
export const missingDevices: readonly Device[] = webgpu.length === 0 ? ["webgpu"] : [];

/** Records that a device does not run yet; the runs say so. */
const NOT_YET: Partial<Record<Device, readonly string[]>> = {
  webgpu: ["cholesky", "eigh", "fft", "lu", "qr", "svd", "triangular_solve"],
};

/** A test of a record on a device, or a skipped one that says what is missing. */
export function itOn(device: Device, record: string, title: string, run: () => Promise<void>): void {
  if (NOT_YET[device]?.includes(record)) it.skip(`${title}: not on ${device} yet`, run);
  else it(title, run);
}
