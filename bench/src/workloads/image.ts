/** Images with channels last, as decoders and TensorFlow.js have them; borders and sizes. */
import { tensor, workload } from "../workload";

const [SIDE, CHANNELS] = [112, 64];
const HALF = SIDE / 2;
const N = 1000;
const [IMAGES, SMALL, LARGE, COLORS] = [4, 64, 128, 3];

/** Where sample `i` of the large image lies in the small one: the two neighbours, and the share of the second. */
function between(i: number): [low: number, high: number, share: number] {
  const at = Math.min(SMALL - 1, Math.max(0, ((i + 0.5) * SMALL) / LARGE - 0.5));
  const low = Math.floor(at);
  return [low, Math.min(SMALL - 1, low + 1), at - low];
}

export const image = [
  workload("image", "dwconv_nhwc_112x112x64_3x3_by_2", {
    task: { kind: "dwconvLast", stride: 2 },
    inputs: () => ({ x: tensor([1, SIDE, SIDE, CHANNELS], 51), w: tensor([3, 3, 1, CHANNELS], 52) }),
    size: HALF * HALF * CHANNELS,
    reference: ({ x, w }, at) =>
      at.map((place) => {
        const [row, column, c] = [
          Math.floor(place / (HALF * CHANNELS)),
          Math.floor(place / CHANNELS) % HALF,
          place % CHANNELS,
        ];
        let sum = 0;
        for (let i = 0; i < 3; i++) {
          for (let j = 0; j < 3; j++) {
            const [y, z] = [2 * row + i, 2 * column + j];
            if (y >= SIDE || z >= SIDE) continue;
            sum += x!.data[(y * SIDE + z) * CHANNELS + c]! * w!.data[(i * 3 + j) * CHANNELS + c]!;
          }
        }
        return sum;
      }),
    flops: 2 * 9 * HALF * HALF * CHANNELS,
    reads: 4 * SIDE * SIDE * CHANNELS,
    writes: 4 * HALF * HALF * CHANNELS,
  }),
  workload("image", "pad_reflect_1000", {
    task: { kind: "padReflect" },
    inputs: () => ({ x: tensor([N, N], 53) }),
    size: (N + 2) ** 2,
    reference: ({ x }, at) => {
      const back = (i: number): number => (i === 0 ? 1 : i === N + 1 ? N - 2 : i - 1);
      return at.map((place) => x!.data[back(Math.floor(place / (N + 2))) * N + back(place % (N + 2))]!);
    },
    rtol: 0,
    atol: 0,
    reads: 4 * N * N,
    writes: 4 * (N + 2) ** 2,
  }),
  workload("image", "resize_4x64x64x3_to_128", {
    task: { kind: "resize", side: LARGE },
    inputs: () => ({ x: tensor([IMAGES, SMALL, SMALL, COLORS], 54) }),
    size: IMAGES * LARGE * LARGE * COLORS,
    reference: ({ x }, at) =>
      at.map((place) => {
        const [n, i, j, c] = [
          Math.floor(place / (LARGE * LARGE * COLORS)),
          Math.floor(place / (LARGE * COLORS)) % LARGE,
          Math.floor(place / COLORS) % LARGE,
          place % COLORS,
        ];
        const pixel = (row: number, column: number): number =>
          x!.data[((n * SMALL + row) * SMALL + column) * COLORS + c]!;
        const [top, bottom, down] = between(i);
        const [left, right, across] = between(j);
        const along = (row: number): number => pixel(row, left) * (1 - across) + pixel(row, right) * across;
        return along(top) * (1 - down) + along(bottom) * down;
      }),
    flops: 4 * IMAGES * LARGE * LARGE * COLORS,
    reads: 4 * IMAGES * SMALL * SMALL * COLORS,
    writes: 4 * IMAGES * LARGE * LARGE * COLORS,
  }),
];
