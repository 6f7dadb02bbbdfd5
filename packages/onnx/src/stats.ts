/** What debugStats prints of a value. */
import { ConcretizationError, DeviceError, numpy as np, owned } from "@jax-js/jax";
import { elemInfo } from "./elem-type";
import { type Value, describe, toDevice } from "./value";

/** Shape, range and mean; the shape alone of what has no numbers yet. */
export function describeStats(value: Value): string {
  const title = describe(value);
  if (value.kind !== "tensor" || elemInfo(value.type).kind === "string" || value.shape.includes(0)) return title;
  try {
    const [low, high, mean] = owned(() => {
      const x = toDevice(value).astype("float32");
      return [np.min(x).item(), np.max(x).item(), np.mean(x).item()];
    }) as [number, number, number];
    return `${title} min ${low} max ${high} mean ${mean}`;
  } catch (error) {
    if (error instanceof ConcretizationError || error instanceof DeviceError) return `${title} (traced)`;
    throw error;
  }
}
