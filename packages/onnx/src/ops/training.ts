/** Steps of optimizers, and gradients inside a graph. */
import { grad, numpy as np, owned } from "@jax-js/jax";
import { type NodeContext } from "../graph/node-context";
import { type NdArray, type Value, deviceTensor, toDevice } from "../value";
import { type OperatorTable } from "./operator";

/** Inputs after the rate and the count: the tensors, then one list of the same length per kind of state. */
function perTensor(n: NodeContext, kinds: number): NdArray[][] {
  const rest = n.inputs.slice(2).map((_, i) => n.x(i + 2));
  const count = rest.length / kinds;
  if (!Number.isInteger(count)) n.fail(`wants ${kinds} inputs per tensor, got ${rest.length}`);
  return Array.from({ length: count }, (_, i) => Array.from({ length: kinds }, (__, k) => rest[k * count + i]!));
}

/** Results in the order of the operator: all tensors, then all states of one kind, ... */
const byKind = (results: readonly NdArray[][]): NdArray[] =>
  (results[0] ?? []).flatMap((_, kind) => results.map((r) => r[kind]!));

function adagrad(n: NodeContext): NdArray[] {
  const { attributes } = n;
  const rate = n.x(0).div(n.x(1).astype("float32").mul(attributes.float("decay_factor", 0)).add(1));
  const epsilon = attributes.float("epsilon", 1e-6);
  const results = perTensor(n, 3).map(([x, g, h]) => {
    const gradient = x!.mul(attributes.float("norm_coefficient", 0)).add(g!);
    const sum = h!.add(np.square(gradient));
    return [x!.sub(rate.mul(gradient).div(np.sqrt(sum).add(epsilon))), sum];
  });
  return byKind(results);
}

function adam(n: NodeContext): NdArray[] {
  const { attributes } = n;
  const [alpha, beta] = [attributes.float("alpha", 0.9), attributes.float("beta", 0.999)];
  const count = n.x(1).astype("float32");
  const corrected = np.sqrt(np.subtract(1, np.power(beta, count))).div(np.subtract(1, np.power(alpha, count)));
  const rate = n.x(0).mul(np.where(np.greater(count, 0), corrected, np.onesLike(count)));
  const epsilon = attributes.float("epsilon", 1e-6);
  const results = perTensor(n, 4).map(([x, g, v, h]) => {
    const gradient = x!.mul(attributes.float("norm_coefficient", 0)).add(g!);
    const mean = v!.mul(alpha).add(gradient.mul(1 - alpha));
    const square = h!.mul(beta).add(np.square(gradient).mul(1 - beta));
    const next = x!.sub(rate.mul(mean).div(np.sqrt(square).add(epsilon)));
    return [next.mul(1 - attributes.float("norm_coefficient_post", 0)), mean, square];
  });
  return byKind(results);
}

function momentum(n: NodeContext): NdArray[] {
  const { attributes } = n;
  const [alpha, beta] = [attributes.float("alpha", 0), attributes.float("beta", 0)];
  const nesterov = attributes.string("mode", "standard") === "nesterov";
  const rate = n.x(0);
  const later = np.where(np.greater(n.x(1), 0), np.array(beta), np.array(1));
  const results = perTensor(n, 3).map(([x, g, v]) => {
    const gradient = x!.mul(attributes.float("norm_coefficient", 0)).add(g!);
    const velocity = v!.mul(alpha).add(gradient.mul(later));
    const direction = nesterov ? gradient.add(velocity.mul(alpha)) : velocity;
    return [x!.sub(rate.mul(direction)), velocity];
  });
  return byKind(results);
}

/** The gradient of a value of the same graph by others: what leads from them to it is run again. */
function gradient(n: NodeContext): (NdArray | Value | null)[] {
  const xs = n.attributes.strings("xs") ?? [];
  const names = [...xs, ...(n.attributes.strings("zs") ?? [])];
  const y = n.attributes.string("y", "");
  const values = names.map((_, i) => n.tensor(i));
  const f = (arrays: NdArray[]): NdArray =>
    owned(() => {
      const given = new Map(names.map((name, i): [string, Value] => {
        const value = values[i]!;
        return [name, i < xs.length ? deviceTensor(arrays[i]!, value.type) : value];
      })); // prettier-ignore
      const out = n.around.recompute(y, given);
      if (out.kind !== "tensor") return n.fail(`"${y}" is no tensor`);
      return np.sum(toDevice(out));
    });
  return grad(f)(values.slice(0, xs.length).map(toDevice)) as NdArray[];
}

export const training: OperatorTable = {
  Adagrad: adagrad,
  Adam: adam,
  Gradient: gradient,
  Momentum: momentum,
};
