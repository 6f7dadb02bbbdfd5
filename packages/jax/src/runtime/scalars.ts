/** Device arrays of scalar constants, kept for reuse: eager `x.add(2)` uploads 2 once. */
import { packElements } from "../aval/data-array";
import type { Literal } from "../core/tracer";
import type { Device } from "../kernel/device";
import type { ConcreteArray } from "./array";
import { ownArray } from "./array";
import { allocate } from "./create";
import { noteDisposed } from "./leaks";

const MAX_SCALARS = 256;

/** By device, then aval id, then value. */
const cache = /* @__PURE__ */ new WeakMap<Device, Map<number, Map<number, ConcreteArray>>>();

/** The array of a literal; it belongs to the cache, nobody else disposes it. */
export function scalarArray(x: Literal, device: Device): ConcreteArray {
  let byAval = cache.get(device);
  if (byAval === undefined) cache.set(device, (byAval = new Map()));
  let byValue = byAval.get(x.aval.id);
  if (byValue === undefined) byAval.set(x.aval.id, (byValue = new Map()));
  // A Map takes -0 for 0; NaN is not a number that can be confused.
  const key = Object.is(x.value, -0) ? -Number.MIN_VALUE : x.value;
  let array = byValue.get(key);
  if (array === undefined) {
    if (byValue.size >= MAX_SCALARS) {
      const [oldKey, oldest] = byValue.entries().next().value!;
      byValue.delete(oldKey);
      oldest.dispose();
    }
    const storage = allocate(device, x.aval);
    device.write(storage.buffer!, x.aval.dtype, packElements([x.value], x.aval.dtype));
    array = ownArray(storage, x.aval, false);
    // No array of the user's: the leak checker need not wait for it.
    noteDisposed(array);
    byValue.set(key, array);
  } else if (byValue.size >= MAX_SCALARS) {
    // The next one to go must not be one that the same operation is about to use.
    byValue.delete(key);
    byValue.set(key, array);
  }
  return array;
}
