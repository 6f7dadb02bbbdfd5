/** Convolutions of two dimensions: NCHW, stride 1, the result as large as the image. */
import { type Inputs, tensor, workload } from "../workload";

function convolution(channels: number, side: number, filters: number, window: number, groups: number) {
  const perGroup = channels / groups;
  const before = (window - 1) >> 1;
  return ({ x, w }: Inputs, at: readonly number[]): number[] =>
    at.map((place) => {
      const filter = Math.floor(place / side ** 2);
      const y0 = (Math.floor(place / side) % side) - before;
      const x0 = (place % side) - before;
      const first = Math.floor(filter / (filters / groups)) * perGroup;
      let sum = 0;
      for (let c = 0; c < perGroup; c++) {
        for (let i = 0; i < window; i++) {
          for (let j = 0; j < window; j++) {
            const [row, column] = [y0 + i, x0 + j];
            if (row < 0 || column < 0 || row >= side || column >= side) continue;
            const pixel = x!.data[((first + c) * side + row) * side + column]!;
            sum += pixel * w!.data[((filter * perGroup + c) * window + i) * window + j]!;
          }
        }
      }
      return sum;
    });
}

export const conv = [
  workload("conv", "conv2d_64x56x56_3x3", {
    task: { kind: "conv", groups: 1 },
    inputs: () => ({ x: tensor([1, 64, 56, 56], 7), w: tensor([64, 64, 3, 3], 8) }),
    size: 64 * 56 * 56,
    reference: convolution(64, 56, 64, 3, 1),
    atol: 1e-3,
    flops: 2 * 64 * 56 * 56 * 64 * 9,
    reads: 4 * (64 * 56 * 56 + 64 * 64 * 9),
    writes: 4 * 64 * 56 * 56,
  }),
  workload("conv", "dwconv_128x56x56_3x3", {
    task: { kind: "conv", groups: 128 },
    inputs: () => ({ x: tensor([1, 128, 56, 56], 9), w: tensor([128, 1, 3, 3], 10) }),
    size: 128 * 56 * 56,
    reference: convolution(128, 56, 128, 3, 128),
    flops: 2 * 128 * 56 * 56 * 9,
    reads: 4 * 128 * 56 * 56,
    writes: 4 * 128 * 56 * 56,
  }),
];
