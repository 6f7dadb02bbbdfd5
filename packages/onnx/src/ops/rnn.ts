/** Recurrent layers as lax.scan over time. */
import { lax, nn, numpy as np } from "@jax-js/jax";
import { type NodeContext } from "../graph/node-context";
import { type NdArray } from "../value";
import { elu, hardSigmoid, leakyRelu } from "./activation";
import { type OperatorTable } from "./operator";

type Activation = (x: NdArray) => NdArray;

/** Activations by their lower-case names, from the two numbers that a node may give; with the numbers' defaults. */
const activations: Readonly<Record<string, readonly [f: (alpha: number, beta: number) => Activation, alpha?: number, beta?: number]>> = {
  relu: [() => (x) => np.maximum(x, 0)],
  tanh: [() => np.tanh],
  sigmoid: [() => nn.sigmoid],
  softsign: [() => nn.softSign],
  softplus: [() => nn.softplus],
  affine: [(a, b) => (x) => x.mul(a).add(b), 1, 0],
  leakyrelu: [(a) => (x) => leakyRelu(x, a), 0.01],
  thresholdedrelu: [(a) => (x) => np.where(np.greater(x, a), x, np.zerosLike(x)), 1],
  scaledtanh: [(a, b) => (x) => np.tanh(x.mul(b)).mul(a), 1, 1],
  hardsigmoid: [(a, b) => (x) => hardSigmoid(x, a, b), 0.2, 0.5],
  elu: [(a) => (x) => elu(x, a), 1],
}; // prettier-ignore

/** The activations of a node; the numbers of those that take some are listed one after the other. */
function activationsOf(n: NodeContext, byDefault: readonly string[]): Activation[] {
  const names = n.attributes.strings("activations") ?? byDefault;
  const alphas = [...(n.attributes.floats("activation_alpha") ?? [])];
  const betas = [...(n.attributes.floats("activation_beta") ?? [])];
  return names.map((name) => {
    const key = name.toLowerCase();
    if (!Object.hasOwn(activations, key)) return n.fail(`the activation "${name}" is not known`);
    const [make, alpha, beta] = activations[key]!;
    const a = alpha === undefined ? 0 : (alphas.shift() ?? alpha);
    const b = beta === undefined ? 0 : (betas.shift() ?? beta);
    return make(a, b);
  });
}

/** State of a cell: h, and c for LSTM. */
type State = NdArray[];

/** What a kind of layer does in one step: x is the input's part of the gates, [batch, gates * hidden]. */
type Cell = (x: NdArray, state: State) => State;

/** Weights of one direction. */
interface Direction {
  readonly r: NdArray; // [gates * hidden, hidden]
  readonly bias: readonly [w: NdArray, r: NdArray] | null; // [gates * hidden] each
  readonly peephole: NdArray | null; // [3 * hidden]
  readonly activations: readonly Activation[];
  readonly clip: Activation;
}

interface Kind {
  readonly states: number;
  readonly activations: readonly string[];
  readonly cell: (n: NodeContext, d: Direction) => Cell;
}

const partsOf = (x: NdArray, count: number): NdArray[] => np.split(x, count, -1);
const product = (h: NdArray, r: NdArray): NdArray => np.matmul(h, np.matrixTranspose(r));

function rnnCell(_n: NodeContext, { r, bias, activations: [f], clip }: Direction): Cell {
  return (x, [h]) => {
    const sum = x.add(product(h!, r));
    return [f!(clip(bias ? sum.add(bias[1]) : sum))];
  };
}

function gruCell(n: NodeContext, { r, bias, activations: [f, g], clip }: Direction): Cell {
  const late = n.attributes.flag("linear_before_reset");
  const rows = np.split(r, 3, 0);
  const biases = bias ? partsOf(bias[1], 3) : null;
  const withBias = (x: NdArray, i: number): NdArray => (biases ? x.add(biases[i]!) : x);
  return (x, [h]) => {
    const [xz, xr, xh] = partsOf(x, 3) as [NdArray, NdArray, NdArray];
    const z = f!(clip(xz.add(withBias(product(h!, rows[0]!), 0))));
    const reset = f!(clip(xr.add(withBias(product(h!, rows[1]!), 1))));
    const past = late ? reset.mul(withBias(product(h!, rows[2]!), 2)) : withBias(product(reset.mul(h!), rows[2]!), 2);
    const candidate = g!(clip(xh.add(past)));
    return [candidate.sub(z.mul(candidate)).add(z.mul(h!))];
  };
}

function lstmCell(n: NodeContext, { r, bias, peephole, activations: [f, g, h], clip }: Direction): Cell {
  const coupled = n.attributes.flag("input_forget");
  const peeps = peephole ? partsOf(peephole, 3) : null;
  const peep = (x: NdArray, c: NdArray, i: number): NdArray => (peeps ? x.add(peeps[i]!.mul(c)) : x);
  return (x, [h0, c0]) => {
    const sum = x.add(product(h0!, r));
    const [xi, xo, xf, xc] = partsOf(bias ? sum.add(bias[1]) : sum, 4) as [NdArray, NdArray, NdArray, NdArray];
    const i = f!(clip(peep(xi, c0!, 0)));
    const forget = coupled ? np.subtract(1, i) : f!(clip(peep(xf, c0!, 2)));
    const c = forget.mul(c0!).add(i.mul(g!(clip(xc))));
    const o = f!(clip(peep(xo, c, 1)));
    return [o.mul(h!(c)), c];
  };
}

/** One direction over [s, b, i]: the outputs [s, b, hidden] and the last state. */
function along(
  x: NdArray,
  w: NdArray,
  d: Direction,
  cell: Cell,
  first: State,
  lengths: NdArray | null,
): [NdArray, State] {
  const input = np.matmul(x, np.matrixTranspose(w));
  const gates = d.bias ? input.add(d.bias[0]) : input;
  const time = lax.iota("int32", x.shape[0]!);
  const step = (state: State, [t, xt]: [NdArray, NdArray]): [State, NdArray] => {
    const next = cell(xt, state);
    if (!lengths) return [next, next[0]!];
    const going = np.expandDims(np.less(t, lengths), -1); // [b, 1]
    return [next.map((s, i) => np.where(going, s, state[i]!)), np.where(going, next[0]!, np.zerosLike(next[0]!))];
  };
  const [last, ys] = lax.scan(step as never, first as never, [time, gates] as never) as unknown as [State, NdArray];
  return [ys, last];
}

/** The time axis turned around; with lengths, within each sequence. */
function turned(x: NdArray, lengths: NdArray | null): NdArray {
  if (!lengths) return np.flip(x, 0);
  const t = lax.broadcastedIota("int32", [x.shape[0]!, x.shape[1]!], 0);
  const at = np.where(np.less(t, lengths), lengths.sub(1).sub(t), t);
  return np.takeAlongAxis(x, np.broadcastTo(np.expandDims(at, -1), x.shape), 0);
}

const layer =
  (kind: Kind) =>
  (n: NodeContext): (NdArray | null)[] => {
    const batchFirst = n.attributes.flag("layout");
    const x = batchFirst ? n.x(0).transpose([1, 0, 2]) : n.x(0); // [s, b, i]
    const [, b] = x.shape as [number, number];
    const hidden = n.attributes.int("hidden_size", n.shape(2)[2]!);
    const lengths = n.optional(4)?.astype("int32") ?? null;
    const direction = n.attributes.string("direction", "forward");
    const backward = direction === "bidirectional" ? [false, true] : [direction === "reverse"];
    const defaults = backward.flatMap(() => kind.activations);
    const all = activationsOf(n, defaults);
    const threshold = n.attributes.optionalFloat("clip");
    const clip: Activation = threshold ? (v) => np.clip(v, -threshold, threshold) : (v) => v;
    const of = (i: number, k: number): NdArray => n.x(i).slice(k);
    const runs = backward.map((isBackward, k): [NdArray, State] => {
      const d: Direction = {
        r: of(2, k),
        bias: n.has(3) ? (partsOf(of(3, k), 2) as [NdArray, NdArray]) : null,
        peephole: n.has(7) ? of(7, k) : null,
        activations: all.slice(k * kind.activations.length),
        clip,
      };
      const first = Array.from({ length: kind.states }, (_, s) => {
        if (!n.has(5 + s)) return np.zeros([b, hidden], { dtype: x.dtype });
        return batchFirst ? n.x(5 + s).slice([], k) : of(5 + s, k); // [b, hidden]
      });
      const cell = kind.cell(n, d);
      const [ys, last] = along(isBackward ? turned(x, lengths) : x, of(1, k), d, cell, first, lengths);
      return [isBackward ? turned(ys, lengths) : ys, last];
    });
    const ys = np.stack(runs.map(([y]) => y), batchFirst ? 2 : 1); // prettier-ignore
    const y = batchFirst ? ys.transpose([1, 0, 2, 3]) : ys;
    const lasts = Array.from({ length: kind.states }, (_, s) =>
      np.stack(runs.map(([, last]) => last[s]!), batchFirst ? 1 : 0),
    ); // prettier-ignore
    return [y, ...lasts];
  };

export const recurrent: OperatorTable = {
  GRU: layer({ states: 1, activations: ["Sigmoid", "Tanh"], cell: gruCell }),
  LSTM: layer({ states: 2, activations: ["Sigmoid", "Tanh", "Tanh"], cell: lstmCell }),
  RNN: layer({ states: 1, activations: ["Tanh"], cell: rnnCell }),
};
