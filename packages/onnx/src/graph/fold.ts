/** Static evaluation: what depends on small constants alone is computed while tracing, and known on the host. */
import { defaultDevice, ensureCompileTimeEval, owned } from "@jax-js/jax";
import { elemInfo, isFloatType } from "../elem-type";
import { type Value, isHost, sizeOf } from "../value";
import { type Step } from "./program";

/** Larger tensors are computed on the device: what are no shapes or indices are weights. */
const limits = { float: 64, other: 1024 };

const isSmall = (value: Value | undefined | null): boolean => {
  if (!value || value.kind === "none") return true;
  if (value.kind === "sequence") return value.items.every(isSmall);
  return sizeOf(value.shape) <= (isFloatType(value.type) ? limits.float : limits.other);
};

const isKnown = (value: Value | undefined): boolean =>
  !value || value.kind === "none" || (value.kind === "tensor" && isHost(value));

/** The results on the host, if all inputs are there and small; undefined if they are to be computed on the device. */
export function fold(
  step: Step,
  inputs: readonly (Value | undefined)[],
  run: () => readonly (Value | null)[],
): readonly (Value | null)[] | undefined {
  if (inputs.length === 0 || step.graphs.size > 0) return undefined;
  if (!inputs.every((x) => isKnown(x) && isSmall(x))) return undefined;
  const device = defaultDevice();
  try {
    if (device !== "cpu") defaultDevice("wasm"); // the devices whose values can be read at once
    return ensureCompileTimeEval(() =>
      owned(() => {
        const results = run();
        return results.every(isSmall) ? results.map((value) => value && read(value)) : undefined;
      }),
    );
  } catch {
    return undefined; // the same error comes again from the device's run, with the node's name
  } finally {
    defaultDevice(device);
  }
}

function read(value: Value): Value {
  if (value.kind === "sequence") return { kind: "sequence", items: value.items.map(read) };
  if (value.kind === "none" || value.data || !value.array) return value;
  const elements = value.array.dataSync();
  const data =
    elemInfo(value.type).kind === "bool"
      ? Array.from(elements, Number)
      : Float64Array.from(elements as ArrayLike<number>);
  return { ...value, data, array: null };
}
