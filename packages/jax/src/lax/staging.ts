/** What JAX says to its compiler: here mostly plain calls. */
import type { Tracer } from "../core/tracer";
import { DeviceError } from "../base/errors";
import type { DeviceName } from "../kernel/device";
import { optimizationBarrier as barrier } from "../ops/index";
import { defaultDevice } from "../runtime/registry";
import * as tree from "../tree/index";

/* eslint-disable @typescript-eslint/no-explicit-any -- trees and functions of any form */

/** The same values, of which the compiler does not know that they are: it does not share what is computed from them with what is computed from the operand. @example lax.optimizationBarrier(np.array([1])).js(); // => [1] */
export function optimizationBarrier<T>(operand: T): T {
  return tree.map((x: Tracer) => barrier(x), operand as never) as T;
}
/** Keeps a value from being dropped as unused: nothing to do here, since effects are never dropped. @example lax.dceSink(np.array([1])); // => undefined */
export function dceSink(_value: unknown): void {}

/** A function under a name that compilers may know; here the function itself. @example lax.composite((x) => x.add(1), "my.op")(np.array(1)).js(); // => 2 */
export function composite<F extends (...args: any[]) => any>(decomposition: F, _name: string, _version = 0): F {
  return decomposition;
}

/** One function for each device, and `default` for the others. */
export type PlatformFunctions = Partial<Record<DeviceName | "default", (...args: any[]) => any>>;

/**
 * Runs the function for the default device.
 *
 * Errors: DeviceError if there is none.
 * @example
 * lax.platformDependent(np.array(1), { default: (x) => x.add(1) }).js(); // => 2
 */
export function platformDependent(...args: readonly [...unknown[], PlatformFunctions]): any {
  const functions = args[args.length - 1] as PlatformFunctions;
  const f = functions[defaultDevice()] ?? functions.default;
  if (f === undefined) throw new DeviceError(`platformDependent: no function for ${defaultDevice()}, and no default`);
  return f(...args.slice(0, -1));
}
