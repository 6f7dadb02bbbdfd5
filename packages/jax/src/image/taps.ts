/** Which pixels of an axis count in which output pixels, and how much, for a scale that is known while tracing. */
import { range } from "../base/list";
import type { Method } from "./kernels";

/** Output pixel o is the sum of `weights[o][t]` times pixel `starts[o] + t`; all these pixels exist. */
export interface Taps {
  readonly inputSize: number;
  readonly starts: readonly number[];
  /** For each output pixel the same number of weights. */
  readonly weights: readonly (readonly number[])[];
}

export interface Sampling {
  readonly method: Exclude<Method, "nearest">;
  readonly antialias: boolean;
}

const cubic =
  (a: number) =>
  (x: number): number =>
    x < 1 ? ((a + 2) * x - (a + 3)) * x * x + 1 : x < 2 ? a * (((x - 5) * x + 8) * x - 4) : 0;

const lanczos =
  (radius: number) =>
  (x: number): number => {
    if (x < 1e-3) return 1;
    const angle = Math.PI * x;
    return x > radius ? 0 : (radius * Math.sin(angle) * Math.sin(angle / radius)) / angle ** 2;
  };

/** Kernels of kernels.ts, of numbers, and how far they reach. */
const KERNELS: Readonly<
  Record<Exclude<Method, "nearest" | "area">, readonly [radius: number, weight: (x: number) => number]>
> = {
  linear: [1, (x) => Math.max(0, 1 - x)],
  cubic: [2, cubic(-0.5)],
  "cubic-pytorch": [2, cubic(-0.5)],
  lanczos3: [3, lanczos(3)],
  lanczos5: [5, lanczos(5)],
};

/** PyTorch's kernel where it does not shrink an image. */
const pytorch = /* @__PURE__ */ cubic(-0.75);

/** Weights below this are those of a kernel's zeros, where sines are not quite 0. */
const NOTHING = 1e-12;

/** Computed in float64: places on long axes have few digits after the point in float32. */
export function tapsOf({ method, antialias }: Sampling, inputSize: number, outputSize: number): Taps {
  const step = inputSize / outputSize;
  const width = antialias ? Math.max(1, step) : 1;
  const edges = method === "cubic-pytorch" && !antialias;
  const last = inputSize - 1;
  const rows = range(outputSize).map((o) => {
    const centre = (o + 0.5) * step - 0.5;
    const [radius, kernel] = method === "area" ? [(1 + step) / 2, null] : KERNELS[method];
    const weightOf = (pixel: number): number => {
      const distance = Math.abs(pixel - centre);
      if (edges) return pytorch(distance);
      // An area is the length that both pixels share.
      return kernel === null ? Math.max(0, Math.min(1, step, radius - distance)) : kernel(distance / width);
    };
    const reach = radius * width;
    const row = new Map<number, number>();
    for (let pixel = Math.ceil(centre - reach); pixel <= centre + reach; pixel++) {
      const at = Math.min(Math.max(pixel, 0), last);
      // PyTorch's edges go on outside.
      if (at === pixel || edges) row.set(at, (row.get(at) ?? 0) + weightOf(pixel));
    }
    const counting = [...row].filter(([, weight]) => Math.abs(weight) > NOTHING);
    const total = counting.reduce((sum, [, weight]) => sum + weight, 0);
    return counting.map(([pixel, weight]) => [pixel, weight / total] as const);
  });
  const taps = rows.reduce((most, row) => Math.max(most, row.at(-1)![0] - row[0]![0] + 1), 1);
  const starts = rows.map((row) => Math.min(row[0]![0], inputSize - taps));
  const weights = rows.map((row, o) => {
    const known = new Map(row);
    return range(taps).map((t) => known.get(starts[o]! + t) ?? 0);
  });
  return { inputSize, starts, weights };
}
