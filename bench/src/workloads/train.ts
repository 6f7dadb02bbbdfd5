/** A step of Adam on a network of two dense layers, 784 - 512 - 10, with a batch of 128. */
import { columnSums, matmul, transpose } from "../float64";
import { integers } from "../random";
import { type Inputs, type Workload, filled, tensor, workload } from "../workload";

export const MLP = { B: 128, I: 784, H: 512, O: 10, rate: 1e-3, b1: 0.9, b2: 0.999, eps: 1e-8 } as const;
export const WEIGHTS = ["w1", "b1", "w2", "b2"] as const;
/** Steps whose losses are compared. */
const CHECKED = 3;
const { B, I, H, O } = MLP;

function inputs(): Inputs {
  const labels = integers(B, 56, O);
  const y = new Float32Array(B * O);
  labels.forEach((label, i) => (y[i * O + label] = 1));
  return {
    x: tensor([B, I], 50),
    y: { shape: [B, O], data: y },
    w1: tensor([I, H], 51, Math.sqrt(3 / I)),
    b1: filled([H], 0),
    w2: tensor([H, O], 52, Math.sqrt(3 / H)),
    b2: filled([O], 0),
  };
}

/** The loss, and the gradients of the weights in their order. */
function lossAndGradients(x: ArrayLike<number>, y: ArrayLike<number>, [w1, b1, w2, b2]: readonly Float64Array[]) {
  const h = matmul(x, w1!, B, I, H, b1).map((value) => Math.max(value, 0));
  const z = matmul(h, w2!, B, H, O, b2);
  const dz = new Float64Array(B * O);
  let loss = 0;
  for (let i = 0; i < B; i++) {
    const row = z.subarray(i * O, (i + 1) * O);
    const logSum = Math.log(row.reduce((sum, value) => sum + Math.exp(value), 0));
    row.forEach((value, j) => {
      const label = y[i * O + j]!;
      loss -= (label * (value - logSum)) / B;
      dz[i * O + j] = (Math.exp(value - logSum) - label) / B;
    });
  }
  const dh = matmul(dz, transpose(w2!, H, O), B, O, H).map((value, i) => (h[i]! > 0 ? value : 0));
  const gradients = [
    matmul(transpose(x, B, I), dh, I, B, H),
    columnSums(dh, B, H),
    matmul(transpose(h, B, H), dz, H, B, O),
    columnSums(dz, B, O),
  ];
  return { loss, gradients };
}

function reference(given: Inputs): number[] {
  const weights = WEIGHTS.map((name) => Float64Array.from(given[name]!.data));
  const first = weights.map((w) => new Float64Array(w.length));
  const second = weights.map((w) => new Float64Array(w.length));
  const losses: number[] = [];
  for (let t = 1; t <= CHECKED; t++) {
    const { loss, gradients } = lossAndGradients(given.x!.data, given.y!.data, weights);
    losses.push(loss);
    gradients.forEach((gradient, k) => {
      const [w, m, v] = [weights[k]!, first[k]!, second[k]!];
      gradient.forEach((g, i) => {
        m[i] = MLP.b1 * m[i]! + (1 - MLP.b1) * g;
        v[i] = MLP.b2 * v[i]! + (1 - MLP.b2) * g * g;
        const [mHat, vHat] = [m[i]! / (1 - MLP.b1 ** t), v[i]! / (1 - MLP.b2 ** t)];
        w[i]! -= (MLP.rate * mHat) / (Math.sqrt(vHat) + MLP.eps);
      });
    });
  }
  return losses;
}

const mlp = (suite: string, id: string, more: Partial<Workload>): Workload =>
  workload(suite, id, { task: { kind: "mlp" }, inputs, size: CHECKED, reference, rtol: 3e-3, ...more });

export const train = [
  mlp("train", "mlp_train_step", {
    flops: 2 * B * (2 * I * H + 3 * H * O),
    reads: 4 * 4 * (I * H + H * O),
    writes: 4 * 3 * (I * H + H * O),
  }),
  mlp("memory", "mlp_train_memory", { mode: "memory" }),
];
