/** Results that are the same, bit for bit, on every machine. */
import type { WasmDevice } from "../devices/wasm/device";
import { dropAllPlans } from "./plans";
import { getDevice } from "./registry";

/**
 * Whether the wasm device is in its deterministic mode.
 * @example
 * isDeterministic(); // => false
 */
export const isDeterministic = (): boolean => (getDevice("wasm") as WasmDevice).deterministic;

/**
 * Turns the deterministic mode of the wasm device on or off: the same bits in every browser and on every processor.
 *
 * In it nothing is computed by relaxed SIMD instructions (fused multiply-add and others), whose results engines may
 * choose: products of matrices are up to twice as slow where the engine has them. Sums are taken in an order that depends
 * on shapes alone in either mode, with any number of threads. Compiled programs are compiled again when next called.
 * Dtypes: float64 functions such as `sin` are the engine's own Math in either mode.
 * @example
 * setDeterministic(true);
 * isDeterministic(); // => true
 * setDeterministic(false);
 */
export function setDeterministic(on: boolean): void {
  const wasm = getDevice("wasm") as WasmDevice;
  if (wasm.deterministic === on) return;
  dropAllPlans();
  wasm.deterministic = on;
}
