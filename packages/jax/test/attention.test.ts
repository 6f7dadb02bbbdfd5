/** Attention a block of queries at a time: against sums written out in JavaScript, and against attention in one piece. */
import {
  type Array as JaxArray,
  defaultDevice,
  grad,
  init,
  jit,
  jvp,
  nn,
  numpy as np,
  random,
  vmap,
} from "@jax-js/jax";
import { beforeAll, describe, expect, it } from "vitest";
import { leavesArraysToCollector } from "../../../test/leak-rule";
import { mixValuesInBlocks } from "../src/nn/attention-blocks";
import { type Attention, mixValues } from "../src/nn/attention-weights";
import { testDevices } from "./devices";
import { programOf } from "./program-of";

leavesArraysToCollector("values are the subject here");

beforeAll(() => init());

const normal = (seed: number, shape: number[]): JaxArray => random.normal(random.key(seed), shape);

/** Two pairs of a batch and a head of keys, with two heads of queries each; 11 queries, 9 keys. */
const [B, K, G, T, S, H, V] = [2, 2, 2, 11, 9, 4, 3] as const;
const variants: Record<string, Partial<Attention>> = {
  plain: {},
  causal: { isCausal: true },
  window: { window: [2, 1] },
};

/** softmax(q k scale + bias where allowed) v, by loops. */
function written(q: number[], k: number[], v: number[], bias: number[], mask: boolean[], how: Attention): number[] {
  const out: number[] = [];
  for (let b = 0; b < B * K; b++) {
    for (let g = 0; g < G; g++) {
      for (let t = 0; t < T; t++) {
        const scores = Array.from({ length: S }, (_, s) => {
          let sum = 0;
          for (let h = 0; h < H; h++) sum += q[((b * G + g) * T + t) * H + h]! * k[(b * S + s) * H + h]!;
          const inWindow = how.window === null || (t <= s + how.window[0] && t >= s - how.window[1]);
          const isSeen = mask[(Math.floor(b / K) * T + t) * S + s]! && (!how.isCausal || s <= t) && inWindow;
          return isSeen ? sum * how.scale + bias[((b % K) * G + g) * T * S + t * S + s]! : -2.38e38;
        });
        const top = Math.max(...scores);
        const weights = scores.map((x) => Math.exp(x - top));
        const total = weights.reduce((a, x) => a + x);
        for (let c = 0; c < V; c++) {
          out.push(weights.reduce((a, w, s) => a + (w / total) * v[(b * S + s) * V + c]!, 0));
        }
      }
    }
  }
  return out;
}

for (const device of testDevices) {
  describe(`attention in blocks on ${device}`, () => {
    beforeAll(() => defaultDevice(device));
    const numbers = async (x: JaxArray): Promise<number[]> => [...(await x.data())] as number[];
    const operands = (): [JaxArray, JaxArray, JaxArray] => [
      normal(1, [B, K, G, T, H]),
      normal(2, [B, K, S, H]),
      normal(3, [B, K, S, V]),
    ];
    const extras = () => ({ bias: normal(4, [1, K, G, T, S]), masks: [normal(5, [B, 1, 1, T, S]).greater(-1)] });

    for (const [name, options] of Object.entries(variants)) {
      const how: Attention = { wide: "float32", scale: 0.5, isCausal: false, window: null, ...options };

      // Blocks of 1, of 4 (which leaves a rest), and of all rows.
      for (const block of [1, 4 * G * S, 2 ** 18]) {
        it(`${name}, ${block} scores at a time`, async () => {
          const [q, k, v] = operands();
          const { bias, masks } = extras();
          const f = jit((a: JaxArray, b: JaxArray, c: JaxArray) =>
            mixValuesInBlocks(how, a, b, c, { bias, masks }, block),
          );
          const out = await numbers(f(q, k, v));
          const [qs, ks, vs, biases] = await Promise.all([q, k, v, bias].map(numbers));
          const seen = (await numbers(masks[0]!)).map((x) => x !== 0);
          const expected = written(qs!, ks!, vs!, biases!, seen, how);
          expected.forEach((x, i) => expect(Math.abs(out[i]! - x), `at ${i}`).toBeLessThan(1e-5));
        });
      }

      it(`${name}: derivatives and vmap as in one piece`, async () => {
        const [q, k, v] = operands();
        const e = extras();
        const whole = (a: JaxArray, b: JaxArray, c: JaxArray) => mixValues(how, a, b, c, e);
        const parts = (a: JaxArray, b: JaxArray, c: JaxArray) => mixValuesInBlocks(how, a, b, c, e, 4 * G * S);
        const same = async (f: (mix: typeof whole) => readonly JaxArray[]): Promise<void> => {
          const [expected, got] = [f(whole), f(parts)];
          for (const [i, x] of expected.entries()) {
            const [xs, ys] = [await numbers(x), await numbers(got[i]!)];
            xs.forEach((value, j) => expect(Math.abs(ys[j]! - value)).toBeLessThan(2e-5));
          }
        };
        await same((mix) => jit(grad((...x: [JaxArray, JaxArray, JaxArray]) => np.sin(mix(...x)).sum(), { argnums: [0, 1, 2] }))(q, k, v)); // prettier-ignore
        await same((mix) => [...jvp(mix, [q, k, v], [np.cos(q), np.sin(k), np.cos(v)])]);
        const many = np.stack([q, np.flip(q)]);
        await same((mix) => [vmap((x: JaxArray) => mix(x, k, v))(many)]);
      });
    }
  });
}

describe("attention over long sequences", () => {
  beforeAll(() => defaultDevice("wasm"));
  const long = [1, 3000, 1, 4];
  const attend = (q: JaxArray, k: JaxArray, v: JaxArray): JaxArray =>
    nn.dotProductAttention(q, k, v, { isCausal: true });
  it("agrees with sums written out", async () => {
    const [q, k, v] = [1, 2, 3].map((seed) => normal(seed, long)) as [JaxArray, JaxArray, JaxArray];
    const [out, qs, ks, vs] = await Promise.all([jit(attend)(q, k, v), q, k, v].map((x) => x.data()));
    const n = long[3]!;
    for (const t of [0, 1, 87, 1500, 2999]) {
      const scores = Array.from({ length: t + 1 }, (_, s) => {
        let sum = 0;
        for (let h = 0; h < n; h++) sum += Number(qs![t * n + h]) * Number(ks![s * n + h]);
        return Math.exp(sum / 2);
      });
      const total = scores.reduce((a, b) => a + b);
      for (let h = 0; h < n; h++) {
        const expected = scores.reduce((a, w, s) => a + (w / total) * Number(vs![s * n + h]), 0);
        expect(Math.abs(Number(out![t * n + h]) - expected)).toBeLessThan(1e-5);
      }
    }
  });

  it("keeps a block of the scores, forward and backward", () => {
    const x = np.ones(long);
    const all = 4 * 3000 * 3000;
    expect(programOf(attend, x, x, x).arenaBytes).toBeLessThan(all / 8);
    const loss = (q: JaxArray, k: JaxArray, v: JaxArray) => attend(q, k, v).sum();
    expect(programOf(grad(loss, { argnums: [0, 1, 2] }), x, x, x).arenaBytes).toBeLessThan(all / 4);
  });
});
