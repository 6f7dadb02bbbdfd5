/** The devices of this process: which there are, which is the default, and how they come up. */
import { DeviceError } from "../base/errors";
import type { Device, DeviceName } from "../kernel/device";
import { createCpuDevice } from "../devices/cpu/device";
import { createWasmDevice } from "../devices/wasm/device";
import { warmUp } from "./warm-up";

/** The names of all devices, in order of preference for tests. */
export const devices: readonly DeviceName[] = /* @__PURE__ */ Object.freeze<DeviceName[]>([
  "cpu",
  "wasm",
  "webgpu",
  "webgl",
]);

const ready = /* @__PURE__ */ new Map<DeviceName, Device>();
let defaultName: DeviceName = "wasm";

/** The device of this name. cpu and wasm come up by themselves. Throws DeviceError for one that `init` has not brought up. */
export function getDevice(name: DeviceName = defaultName): Device {
  let device = ready.get(name);
  if (device === undefined) {
    if (name === "cpu") device = createCpuDevice();
    else if (name === "wasm") device = createWasmDevice({ tuning: "auto" });
    else if (devices.includes(name)) {
      throw new DeviceError(`device: ${name} is not initialised; call await init("${name}") first`);
    } else throw new DeviceError(`device: ${String(name)} is not a device; expected one of ${devices.join(", ")}`);
    ready.set(name, device);
  }
  return device;
}

/** Those that are up. */
export const readyDevices = (): readonly Device[] => [...ready.values()];

/**
 * Brings devices up; without arguments all that this browser or runtime has. Resolves to the names that are ready.
 *
 * In a page, bringing up wasm also traces, compiles and runs a small program that is thrown away, in tasks of some 20 ms:
 * the engine then has our compiler compiled, so that the first program of the page takes less time. wasm and cpu come up
 * by themselves too, without that.
 *
 * Errors: none for devices that are not there; they are missing from the result.
 * @example
 * const names = await init("wasm");
 * names.includes("wasm"); // => true
 */
export async function init(...names: DeviceName[]): Promise<DeviceName[]> {
  const up: DeviceName[] = [];
  for (const name of names.length > 0 ? names : devices) {
    if (!ready.has(name)) {
      const device = await bringUp(name);
      if (device === null) continue;
      ready.set(name, device);
    }
    up.push(name);
  }
  if (up.includes("wasm")) await warmUp();
  return up;
}

async function bringUp(name: DeviceName): Promise<Device | null> {
  try {
    if (name === "webgpu") {
      const { createWebgpuDevice } = await import("../devices/webgpu/device");
      return await createWebgpuDevice(() => ready.delete("webgpu"));
    }
    if (name === "cpu" || name === "wasm") return getDevice(name);
  } catch (error) {
    if (!(error instanceof DeviceError)) throw error;
  }
  return null;
}

/**
 * The device on which new arrays are made; with an argument, sets it first. Initially "wasm".
 *
 * Errors: DeviceError if the device is not initialised.
 * @example
 * defaultDevice(); // => "wasm"
 */
export function defaultDevice(name?: DeviceName): DeviceName {
  if (name !== undefined) {
    getDevice(name);
    defaultName = name;
  }
  return defaultName;
}
