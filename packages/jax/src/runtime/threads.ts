/** How many threads the wasm device has. */
import type { WasmDevice } from "../devices/wasm/device";
import { dropAllPlans } from "./plans";
import { getDevice } from "./registry";

/**
 * Threads that the wasm device uses for large programs, the calling one included.
 * @example
 * numThreads() >= 1; // => true
 */
export const numThreads = (): number => (getDevice("wasm") as WasmDevice).numThreads;

/**
 * Sets how many threads the wasm device uses for large programs, the calling one included.
 *
 * Workers need shared memory: Node has it, a page must be cross-origin isolated. Elsewhere there is one thread, whatever
 * is asked for. Results do not depend on the number. Compiled programs are compiled again when next called.
 * Errors: RangeError unless n is a whole number from 1 to 16.
 * @example
 * setNumThreads(1);
 * numThreads(); // => 1
 */
export function setNumThreads(n: number): void {
  if (!Number.isInteger(n) || n < 1 || n > 16) {
    throw new RangeError(`setNumThreads: expected a whole number from 1 to 16, got ${n}`);
  }
  const wasm = getDevice("wasm") as WasmDevice;
  if (wasm.numThreads === n) return;
  dropAllPlans();
  wasm.numThreads = n;
}
