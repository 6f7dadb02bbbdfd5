/** The forward pass of a transformer block: pre-norm, 8 heads, sequence 256, width 256, hidden width 1024. */
import { gelu, layerNorm, matmul, softmax, transpose } from "../float64";
import { type Inputs, type Workload, tensor, workload } from "../workload";

export const BLOCK = { S: 256, D: 256, H: 8, F: 1024 } as const;
const { S, D, H, F } = BLOCK;

function inputs(): Inputs {
  const wide = Math.sqrt(3 / D);
  return {
    x: tensor([S, D], 30),
    gain1: tensor([D], 31),
    bias1: tensor([D], 32, 0.1),
    wqkv: tensor([D, 3 * D], 33, wide),
    bqkv: tensor([3 * D], 34, 0.1),
    wo: tensor([D, D], 35, wide),
    bo: tensor([D], 36, 0.1),
    gain2: tensor([D], 37),
    bias2: tensor([D], 38, 0.1),
    w1: tensor([D, F], 39, wide),
    c1: tensor([F], 40, 0.1),
    w2: tensor([F, D], 41, Math.sqrt(3 / F)),
    c2: tensor([D], 42, 0.1),
  };
}

/** Columns [from, from + n) of x [rows, columns]. */
function columns(x: Float64Array, rows: number, of: number, from: number, n: number): Float64Array {
  return Float64Array.from({ length: rows * n }, (_, i) => x[Math.floor(i / n) * of + from + (i % n)]!);
}

function attention(qkv: Float64Array): Float64Array {
  const size = D / H;
  const out = new Float64Array(S * D);
  for (let head = 0; head < H; head++) {
    const [q, k, v] = [0, D, 2 * D].map((at) => columns(qkv, S, 3 * D, at + head * size, size)) as [
      Float64Array,
      Float64Array,
      Float64Array,
    ];
    const scores = matmul(q, transpose(k, S, size), S, size, S).map((score) => score / Math.sqrt(size));
    const mixed = matmul(softmax(scores, S, S), v, S, S, size);
    for (let i = 0; i < S; i++) out.set(mixed.subarray(i * size, (i + 1) * size), i * D + head * size);
  }
  return out;
}

function reference(given: Inputs, at: readonly number[]): number[] {
  const p = Object.fromEntries(Object.entries(given).map(([name, { data }]) => [name, data]));
  const normed = layerNorm(p.x!, p.gain1!, p.bias1!, S, D);
  const mixed = attention(matmul(normed, p.wqkv!, S, D, 3 * D, p.bqkv));
  const x1 = matmul(mixed, p.wo!, S, D, D, p.bo).map((value, i) => value + p.x![i]!);
  const hidden = matmul(layerNorm(x1, p.gain2!, p.bias2!, S, D), p.w1!, S, D, F, p.c1).map(gelu);
  const out = matmul(hidden, p.w2!, S, F, D, p.c2).map((value, i) => value + x1[i]!);
  return at.map((i) => out[i]!);
}

const block = (id: string, more: Partial<Workload>): Workload =>
  workload("transformer", id, { task: { kind: "block" }, inputs, size: S * D, reference, atol: 2e-3, ...more });

export const transformer = [
  block("block_fwd", { flops: 2 * S * D * (4 * D + 2 * F) + 4 * S * S * D }),
  block("block_first_call", { mode: "fresh" }),
];
