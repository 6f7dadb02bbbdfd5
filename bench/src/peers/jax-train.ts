/** A training step in the interface of jax-js: Adam written out, because the libraries' own differ. */
import { MLP, WEIGHTS } from "../workloads/train";
import type { Inputs } from "../workload";
import type { JaxTools, NdArray } from "./jax-tools";
import type { Runner } from "./peer";

type Weights = Record<(typeof WEIGHTS)[number], NdArray>;
/** Weights, their first and second moments, and the number of steps. */
type State = [Weights, Weights, Weights, NdArray];

export function jaxTrain(tools: JaxTools, inputs: Inputs): Runner {
  const { jit, nn, numpy: np, tree, valueAndGrad } = tools.jax;

  const loss = (p: Weights, x: NdArray, y: NdArray): NdArray => {
    const h = nn.relu(np.matmul(x, p.w1).add(p.b1));
    const logits = np.matmul(h, p.w2).add(p.b2);
    return nn.logSoftmax(logits, -1).mul(y).sum(-1).mean().mul(-1);
  };

  // The number of steps is an array: a number would be a constant, and a program of its own for each step.
  const step = jit((p: Weights, m: Weights, v: Weights, t0: NdArray, x: NdArray, y: NdArray) => {
    const t = t0.add(1);
    const correction = (beta: number): NdArray =>
      np.reciprocal(
        np
          .exp(t.ref.mul(Math.log(beta)))
          .mul(-1)
          .add(1),
      );
    const [c1, c2] = [correction(MLP.b1), correction(MLP.b2)];
    const [value, gradients] = valueAndGrad(loss)(tree.ref(p), x, y) as [NdArray, Weights];
    const next: [Weights, Weights, Weights] = [{}, {}, {}] as [Weights, Weights, Weights];
    for (const name of WEIGHTS) {
      const g = gradients[name];
      next[1][name] = m[name].mul(MLP.b1).add(g.ref.mul(1 - MLP.b1));
      next[2][name] = v[name].mul(MLP.b2).add(np.square(g).mul(1 - MLP.b2));
      const spread = np.sqrt(next[2][name].ref.mul(c2.ref)).add(MLP.eps);
      next[0][name] = p[name].sub(next[1][name].ref.mul(c1.ref).div(spread).mul(MLP.rate));
    }
    tree.dispose([c1, c2]);
    return [...next, t, value] as [...State, NdArray];
  });

  const data = [tools.upload(inputs.x!), tools.upload(inputs.y!)] as const;
  const fresh = (): State => {
    const zeros = (): Weights =>
      Object.fromEntries(WEIGHTS.map((name) => [name, np.zeros([...inputs[name]!.shape])])) as Weights;
    const weights = Object.fromEntries(WEIGHTS.map((name) => [name, tools.upload(inputs[name]!)])) as Weights;
    return [weights, zeros(), zeros(), np.zeros([1])];
  };
  let state = fresh();

  const one = async (): Promise<number> => {
    const before = state;
    const [p, m, v, t, value] = step(...before, tools.hold(data[0]), tools.hold(data[1]));
    tools.drop(before);
    state = [p, m, v, t];
    const read = (await tools.read(value))[0]!;
    tools.free(value);
    await tools.jax.blockUntilReady(state);
    return read;
  };

  return {
    run: async () => void (await one()),
    values: async () => {
      tools.free(state);
      state = fresh();
      return [await one(), await one(), await one()];
    },
    dispose: () => {
      tools.free([state, data]);
      step.dispose();
    },
  };
}
