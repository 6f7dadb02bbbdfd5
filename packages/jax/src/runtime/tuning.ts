/** How the wasm device comes by the register tiles of matrix products. */
import type { WasmDevice } from "../devices/wasm/device";
import { type TuningMode, isTuningMode } from "../devices/wasm/tuning";
import { dropAllPlans } from "./plans";
import { getDevice } from "./registry";

const wasm = (): WasmDevice => getDevice("wasm") as WasmDevice;

/**
 * The register tiles of matrix products on the wasm device, and how they are chosen: rows of the tiles that are two
 * vectors wide (`narrow`) and of those that are four (`wide`, 0 where none are used).
 * @example
 * setTuning("off");
 * tuning().mode; // => "off"
 */
export function tuning(): { readonly mode: "auto" | "off" | "set"; readonly narrow: number; readonly wide: number } {
  const { tuning: chosen, features } = wasm();
  const { narrow, wide } = chosen.tiles(features.relaxed);
  return { mode: typeof chosen.mode === "string" ? chosen.mode : "set", narrow, wide };
}

/**
 * Sets how the wasm device finds the fastest register tiles for matrix products.
 *
 * With "auto", as at the start, the first large product has the candidates timed in idle moments of the thread, some
 * milliseconds in all; programs that are compiled after that use the fastest. What was found is kept for the next time: by
 * pages in `localStorage` ("jax-js/tiles"), by Node and Bun in a file `jax-js/tiles-*.json` in the user's cache folder.
 * With "off" nothing is timed, read or kept, and a table decides. An object sets the tiles by hand.
 * Results do not depend on it, to the last bit. Compiled programs are compiled again when next called.
 * Errors: RangeError unless narrow is 4, 6 or 8, and wide is 0, 2, 4 or 6.
 * @example
 * setTuning({ narrow: 6, wide: 0 });
 * tuning(); // => { mode: "set", narrow: 6, wide: 0 }
 * setTuning("off");
 */
export function setTuning(how: TuningMode): void {
  if (!isTuningMode(how)) {
    throw new RangeError(
      `setTuning: expected "auto", "off", or { narrow: 4 | 6 | 8, wide: 0 | 2 | 4 | 6 }, got ${JSON.stringify(how)}`,
    );
  }
  dropAllPlans();
  wasm().setTuning(how);
}
