/** A gated recurrent unit over 128 steps; gates z, r, n, and the reset gate after the product. */
import { matmul, sigmoid } from "../float64";
import { type Inputs, tensor, workload } from "../workload";

export const GRU = { T: 128, B: 8, I: 128, H: 128 } as const;
const { T, B, I, H } = GRU;

function inputs(): Inputs {
  const scale = Math.sqrt(1 / H);
  return {
    x: tensor([T, B, I], 60),
    w: tensor([I, 3 * H], 61, scale),
    u: tensor([H, 3 * H], 62, scale),
    bw: tensor([3 * H], 63, scale),
    bu: tensor([3 * H], 64, scale),
  };
}

function reference({ x, w, u, bw, bu }: Inputs, at: readonly number[]): number[] {
  const states = new Float64Array(T * B * H);
  let h = new Float64Array(B * H);
  for (let t = 0; t < T; t++) {
    const a = matmul(x!.data.subarray(t * B * I, (t + 1) * B * I), w!.data, B, I, 3 * H, bw!.data);
    const c = matmul(h, u!.data, B, H, 3 * H, bu!.data);
    h = h.map((before, i) => {
      const q = Math.floor(i / H) * 3 * H + (i % H);
      const z = sigmoid(a[q]! + c[q]!);
      const r = sigmoid(a[q + H]! + c[q + H]!);
      return (1 - z) * Math.tanh(a[q + 2 * H]! + r * c[q + 2 * H]!) + z * before;
    });
    states.set(h, t * B * H);
  }
  return at.map((i) => states[i]!);
}

const unit = (id: string, form: "scan" | "unrolled") =>
  workload("gru", id, {
    task: { kind: "gru", form },
    inputs,
    size: T * B * H,
    reference,
    atol: 1e-3,
    flops: 2 * T * B * 3 * H * (I + H),
  });

export const gru = [unit("gru_scan_128", "scan"), unit("gru_unrolled_jit_128", "unrolled")];
