/** onnxruntime-web, the independent judge of exported models. */
import type { DType } from "@jax-js/jax";
import * as ort from "onnxruntime-web";

ort.env.wasm.numThreads = 1;
ort.env.logLevel = "error";

const TYPES: Readonly<Partial<Record<DType, [ort.Tensor.Type, (xs: readonly number[]) => unknown]>>> = {
  bool: ["bool", (xs) => Uint8Array.from(xs)],
  int8: ["int8", (xs) => Int8Array.from(xs)],
  int16: ["int16", (xs) => Int16Array.from(xs)],
  int32: ["int32", (xs) => Int32Array.from(xs)],
  uint8: ["uint8", (xs) => Uint8Array.from(xs)],
  uint16: ["uint16", (xs) => Uint16Array.from(xs)],
  uint32: ["uint32", (xs) => Uint32Array.from(xs)],
  float32: ["float32", (xs) => Float32Array.from(xs)],
  float64: ["float64", (xs) => Float64Array.from(xs)],
};

export const ortTakes = (dtype: DType): boolean => TYPES[dtype] !== undefined;

export interface Plain {
  readonly dtype: DType;
  readonly shape: readonly number[];
  readonly data: readonly number[];
}

/** Runs a model on arguments in the order of its inputs. */
export async function runOrt(model: Uint8Array, args: readonly Plain[]): Promise<Plain[]> {
  // Its extended optimizations fuse products of float64 into an operator that it has no kernel for.
  const graphOptimizationLevel = args.some((x) => x.dtype === "float64") ? "basic" : "all";
  const session = await ort.InferenceSession.create(model, { graphOptimizationLevel, logSeverityLevel: 3 });
  try {
    const feeds: Record<string, ort.Tensor> = {};
    session.inputNames.forEach((name, i) => {
      const { dtype, shape, data } = args[i]!;
      const [type, pack] = TYPES[dtype]!;
      feeds[name] = new ort.Tensor(type, pack(data) as never, shape);
    });
    const results = await session.run(feeds);
    return session.outputNames.map((name) => {
      const { type, dims, data } = results[name]!;
      const values = Array.from(data as ArrayLike<number | bigint | boolean>, Number);
      return { dtype: type as DType, shape: dims, data: values };
    });
  } finally {
    await session.release();
  }
}
