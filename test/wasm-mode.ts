/**
 * Before the files of a wasm project: puts the device into the mode that the project is named after. With threads every
 * kernel is shared, whatever its size, and every run waits for the team.
 */
import { setDeterministic, setNumThreads } from "@jax-js/jax";
import { expect } from "vitest";
import type { WasmDevice } from "../packages/jax/src/devices/wasm/device";
import { getDevice } from "../packages/jax/src/runtime/registry";

const threads = Number(process.env["WASM_THREADS"]);
const device = getDevice("wasm") as WasmDevice;

setDeterministic(process.env["WASM_RELAXED"] === "0");
setNumThreads(threads);
if (threads > 1) {
  device.adaptive = false;
  device.shareFrom = 0;
  const { team } = device;
  for (let i = 0; i < 1000 && !team!.isReady; i++) await new Promise((resolve) => setTimeout(resolve, 10));
  expect(team!.isReady).toBe(true);
}
