/** Moving trees of arrays between devices, and waiting for them. */
import { Literal, Tracer } from "../core/tracer";
import type { DeviceName } from "../kernel/device";
import * as tree from "../tree/index";
import { ConcreteArray, ownArray } from "./array";
import { allocate, arrayFromData } from "./create";
import { makeContiguous } from "./eval";
import { getDevice } from "./registry";

/** Where an array shall be: a device, or blocks of it on a mesh (a `NamedSharding`), which changes nothing here. */
export type Placement = DeviceName | { shardShape(globalShape: readonly number[]): number[] };

/**
 * Copies every leaf to a device; numbers and booleans become arrays. The results are committed to the device if one is
 * named; the arguments are not consumed.
 *
 * Errors: DeviceError if the device is not initialised; ShapeError if a sharding cannot split an array.
 * @example
 * const y = await devicePut({ w: np.ones([2]) }, "cpu");
 * y.w.device; // => "cpu"
 */
export async function devicePut<T>(x: T, to?: Placement): Promise<T> {
  const device = typeof to === "object" ? undefined : to;
  const target = getDevice(device);
  const [leaves, treedef] = tree.flatten(x as tree.JsTree<unknown>);
  if (typeof to === "object") for (const leaf of leaves) to.shardShape(leaf instanceof Tracer ? leaf.shape : []);
  const moved = await Promise.all(leaves.map((leaf) => put(leaf, target.name, device !== undefined)));
  return tree.unflatten(treedef, moved) as T;
}

async function put(leaf: unknown, name: DeviceName, committed: boolean): Promise<unknown> {
  if (leaf instanceof ConcreteArray) {
    const target = getDevice(name);
    const storage = allocate(target, leaf.aval);
    if (leaf.aval.size > 0) {
      const flat = makeContiguous(leaf);
      const from = flat.storage;
      const bytes = await from.device.read(from.buffer!, leaf.aval.dtype, flat.offset, leaf.aval.size);
      if (flat !== leaf) flat.dispose();
      target.write(storage.buffer!, leaf.aval.dtype, bytes);
    }
    return ownArray(storage, leaf.aval, committed);
  }
  if (leaf instanceof Literal) return arrayFromData([leaf.value], [], leaf.dtype, { device: name });
  if (leaf instanceof Tracer) return leaf;
  if (typeof leaf === "number") return arrayFromData([leaf], [], "float32", { device: name });
  if (typeof leaf === "boolean") return arrayFromData([leaf], [], "bool", { device: name });
  return leaf;
}

/**
 * Waits until every array of the tree has been computed; resolves to the same tree.
 * @example
 * const y = await blockUntilReady(np.ones([2]).add(1));
 * y.js(); // => [2, 2]
 */
export async function blockUntilReady<T>(x: T): Promise<T> {
  const leaves = tree.leaves(x as tree.JsTree<unknown>);
  const waiting = new Set<DeviceName>();
  for (const leaf of leaves) if (leaf instanceof ConcreteArray) waiting.add(leaf.device);
  for (const name of waiting) await getDevice(name).whenDone();
  return x;
}
