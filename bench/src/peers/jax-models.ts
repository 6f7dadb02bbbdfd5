/** The transformer block and the recurrent unit in the interface of jax-js. */
import { BLOCK } from "../workloads/transformer";
import { GRU } from "../workloads/gru";
import type { JaxTools, NdArray } from "./jax-tools";
import type { Makers, Runner } from "./peer";

type Weights = Record<string, NdArray>;

export function jaxModels(tools: JaxTools): Makers {
  const { jax } = tools;
  const { lax, nn, numpy: np, tree } = jax;

  const dense = (x: NdArray, w: NdArray, b: NdArray): NdArray => np.matmul(x, w).add(b);
  const norm = (x: NdArray, gain: NdArray, bias: NdArray): NdArray => nn.standardize(x, -1).mul(gain).add(bias);

  function block({ x, ...p }: Weights): NdArray {
    const { S, D, H } = BLOCK;
    const qkv = dense(norm(x!.ref, p.gain1!, p.bias1!), p.wqkv!, p.bqkv!); // [S, 3 D]
    const [q, k, v] = np.split(qkv, 3, 1).map((part) => part.reshape([S, H, D / H])) as [NdArray, NdArray, NdArray];
    const mixed = nn.dotProductAttention(q, k, v).reshape([S, D]);
    const x1 = dense(mixed, p.wo!, p.bo!).add(x!);
    const hidden = nn.gelu(dense(norm(x1.ref, p.gain2!, p.bias2!), p.w1!, p.c1!)); // [S, F]
    return dense(hidden, p.w2!, p.c2!).add(x1);
  }

  const { T, B, I, H } = GRU;
  /** The products of all inputs at once. */
  const project = (x: NdArray, w: NdArray, bw: NdArray): NdArray =>
    dense(x.reshape([T * B, I]), w, bw).reshape([T, B, 3 * H]);

  /** The next state, from the projected input a [B, 3 H]. */
  function cell(h: NdArray, a: NdArray, u: NdArray, bu: NdArray): NdArray {
    const [az, ar, an] = np.split(a, 3, 1) as [NdArray, NdArray, NdArray];
    const [cz, cr, cn] = np.split(dense(h.ref, u, bu), 3, 1) as [NdArray, NdArray, NdArray];
    const z = nn.sigmoid(az.add(cz));
    const n = np.tanh(an.add(nn.sigmoid(ar.add(cr)).mul(cn)));
    return n.ref.add(z.mul(h.sub(n)));
  }

  function unrolled(h: NdArray, { x, w, u, bw, bu }: Weights): NdArray {
    const a = project(x!, w!, bw!);
    const states: NdArray[] = [];
    for (let t = 0; t < T; t++) {
      h = cell(h, a.ref.slice(t), u!.ref, bu!.ref);
      states.push(h.ref);
    }
    tree.dispose([h, a, u, bu]);
    return np.stack(states);
  }

  const scanned = (h: NdArray, { x, w, u, bw, bu }: Weights): NdArray =>
    lax.scan(
      (before: NdArray, a: NdArray) => {
        const after = cell(before, a, u!.ref, bu!.ref);
        return [after.ref, after] as [NdArray, NdArray];
      },
      h,
      project(x!, w!, bw!),
    )[1];

  /** A jitted step that JavaScript calls again and again, for a library without a scan. */
  function stepped(weights: Weights): Runner {
    const [first, step] = [jax.jit(project), jax.jit(cell)];
    return tools.runner(
      async () => {
        const a = first(tools.hold(weights.x!), tools.hold(weights.w!), tools.hold(weights.bw!));
        const states: NdArray[] = [];
        let h = np.zeros([B, H]);
        for (let t = 0; t < T; t++) {
          h = step(h, tools.hold(a).slice(t), tools.hold(weights.u!), tools.hold(weights.bu!));
          states.push(tools.hold(h));
        }
        tools.free([a, h]);
        return states;
      },
      async (states) => {
        const out = new Float32Array(T * B * H);
        for (let t = 0; t < T; t++) out.set(await tools.read(states[t]!), t * B * H);
        return out;
      },
      () => {
        tools.free(weights);
        first.dispose();
        step.dispose();
      },
      "no scan: a jitted step called from JavaScript",
    );
  }

  return {
    block: (inputs) => {
      const weights = tools.uploadAll(inputs);
      const f = jax.jit(block);
      const dispose = (): void => {
        tools.free(weights);
        f.dispose();
      };
      return tools.runner(() => f(tools.hold(weights)), tools.read.bind(tools), dispose);
    },

    gru: (inputs, { form }) => {
      const weights = tools.uploadAll(inputs);
      if (form === "scan" && typeof lax.scan !== "function") return stepped(weights);
      const f = jax.jit(form === "scan" ? scanned : unrolled);
      const h0 = np.zeros([B, H]);
      const dispose = (): void => {
        tools.free([weights, h0]);
        f.dispose();
      };
      return tools.runner(() => f(tools.hold(h0), tools.hold(weights)), tools.read.bind(tools), dispose);
    },
  };
}
