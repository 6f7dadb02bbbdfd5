/** The four workloads: their inputs, and a reference in float64 that knows none of the libraries. */
export interface Input {
  readonly shape: readonly number[];
  readonly data: Float32Array<ArrayBuffer>;
}

export type WorkloadName = "matmul" | "conv2d" | "matvec" | "attention";

export interface Workload {
  readonly title: string;
  readonly about: string;
  /** What `sizes` are, and which is chosen at first. */
  readonly sizeName: string;
  readonly sizes: readonly number[];
  readonly size: number;
  /** Inputs that are new in every run, and weights, which stay the same. */
  fed(size: number): Input[];
  weights(size: number): Input[];
  /** Floating-point operations of a run. */
  flops(size: number): number;
  /** Value `at` of the result. */
  reference(inputs: readonly Input[], size: number, at: number): number;
}

/** Side of the images of the convolution, and of its window. */
const SIDE = 56;
const WINDOW = 3;
/** Heads of the attention, and the size of each. */
const HEADS = 8;
const HEAD = 64;

/** Numbers in [-1, 1), the same ones in every browser. */
function numbers(shape: readonly number[], seed: number): Input {
  const data = new Float32Array(shape.reduce((n, d) => n * d, 1));
  let state = seed * 2654435761;
  for (let i = 0; i < data.length; i++) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    data[i] = state / 2 ** 31 - 1;
  }
  return { shape, data };
}

function dot(a: Input, b: Input, row: number, column: number, n: number): number {
  let sum = 0;
  for (let k = 0; k < n; k++) sum += a.data[row * n + k]! * b.data[k * n + column]!;
  return sum;
}

export const WORKLOADS: Readonly<Record<WorkloadName, Workload>> = {
  matmul: {
    title: "Product of matrices",
    about: "Two square matrices of float32. Arithmetic decides: every number that is read is used many times.",
    sizeName: "rows and columns",
    sizes: [128, 256, 512, 1024, 2048],
    size: 512,
    fed: (n) => [numbers([n, n], 1)],
    weights: (n) => [numbers([n, n], 2)],
    flops: (n) => 2 * n ** 3,
    reference: ([a, b], n, at) => dot(a!, b!, Math.floor(at / n), at % n, n),
  },
  conv2d: {
    title: "Convolution",
    about:
      "3 x 3 windows over an image of 56 x 56 pixels, with as many filters as channels, as in the middle of a ResNet.",
    sizeName: "channels and filters",
    sizes: [16, 32, 64, 128, 256],
    size: 64,
    fed: (n) => [numbers([1, n, SIDE, SIDE], 3)],
    weights: (n) => [numbers([n, n, WINDOW, WINDOW], 4)],
    flops: (n) => 2 * n * n * SIDE ** 2 * WINDOW ** 2,
    reference: ([x, w], n, at) => {
      const filter = Math.floor(at / SIDE ** 2);
      const [y0, x0] = [(Math.floor(at / SIDE) % SIDE) - 1, (at % SIDE) - 1];
      let sum = 0;
      for (let c = 0; c < n; c++) {
        for (let i = 0; i < WINDOW ** 2; i++) {
          const [row, column] = [y0 + Math.floor(i / WINDOW), x0 + (i % WINDOW)];
          if (row < 0 || column < 0 || row >= SIDE || column >= SIDE) continue;
          sum += x!.data[(c * SIDE + row) * SIDE + column]! * w!.data[(filter * n + c) * WINDOW ** 2 + i]!;
        }
      }
      return sum;
    },
  },
  matvec: {
    title: "Matrix times vector",
    about:
      "A row of numbers times a square matrix, as a language model does it for every token. Memory decides: each weight is used once.",
    sizeName: "rows and columns",
    sizes: [512, 1024, 2048, 4096],
    size: 2048,
    fed: (n) => [numbers([1, n], 5)],
    weights: (n) => [numbers([n, n], 6)],
    flops: (n) => 2 * n ** 2,
    reference: ([x, w], n, at) => dot(x!, w!, 0, at, n),
  },
  attention: {
    title: "Attention",
    about: "Scaled dot-product attention of 8 heads of 64 numbers: two products of matrices with a softmax in between.",
    sizeName: "length of the sequence",
    sizes: [64, 128, 256, 512, 1024],
    size: 256,
    fed: (n) => [7, 8, 9].map((seed) => numbers([HEADS, n, HEAD], seed)),
    weights: () => [],
    flops: (n) => 4 * HEADS * n * n * HEAD,
    reference: ([q, k, v], n, at) => {
      const head = Math.floor(at / (n * HEAD));
      const row = Math.floor(at / HEAD) % n;
      const column = at % HEAD;
      let [sum, mixed] = [0, 0];
      for (let j = 0; j < n; j++) {
        let score = 0;
        for (let c = 0; c < HEAD; c++) {
          score += q!.data[(head * n + row) * HEAD + c]! * k!.data[(head * n + j) * HEAD + c]!;
        }
        const weight = Math.exp(score / Math.sqrt(HEAD));
        sum += weight;
        mixed += weight * v!.data[(head * n + j) * HEAD + column]!;
      }
      return mixed / sum;
    },
  },
};
