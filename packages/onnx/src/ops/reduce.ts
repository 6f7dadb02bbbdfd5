/** Reductions over axes, positions of extremes, and running sums. */
import { lax, nn, numpy as np } from "@jax-js/jax";
import { INT64, integerRange } from "../elem-type";
import { type NodeContext } from "../graph/node-context";
import { type NdArray, sizeOf } from "../value";
import { type OperatorTable } from "./operator";

interface Reduction {
  readonly axis: number[];
  readonly keepdims: boolean;
}

/** Axes are an attribute, or from operator set 18 on an input (of ReduceSum from 13 on); none means all. */
function reduction(n: NodeContext, sinceInput = 18): Reduction | null {
  const given = n.version >= sinceInput ? n.optionalNumbers(1) : n.attributes.ints("axes");
  const keepdims = n.attributes.flag("keepdims", true);
  if (given?.length) return { axis: given.map((a) => n.axis(a)), keepdims };
  if (n.attributes.flag("noop_with_empty_axes")) return null;
  return { axis: n.shape(0).map((_, i) => i), keepdims };
}

/** Shape of what is left. */
function reducedShape(shape: readonly number[], { axis, keepdims }: Reduction): number[] {
  return shape.flatMap((d, i) => (axis.includes(i) ? (keepdims ? [1] : []) : [d]));
}

type Reduce = (x: NdArray, axis: number[], options: { keepdims: boolean }) => NdArray;

/** `before` is applied also where nothing is reduced. */
const reducer =
  (f: Reduce, before: (x: NdArray) => NdArray = (x) => x, sinceInput = 18) =>
  (n: NodeContext): NdArray => {
    const r = reduction(n, sinceInput);
    const x = before(n.x(0));
    if (r === null) return x;
    const out = f(x, r.axis, { keepdims: r.keepdims });
    return out.dtype === n.dtype(0) ? out : lax.convertElementType(out, n.dtype(0));
  };

/** Of nothing the extreme is the identity: the infinity, or the end of the range of integers. */
const extreme =
  (f: Reduce, highest: boolean) =>
  (n: NodeContext): NdArray => {
    const r = reduction(n);
    const x = n.x(0);
    if (r === null) return x;
    if (x.size > 0 || sizeOf(reducedShape(x.shape, r)) === 0) return f(x, r.axis, { keepdims: r.keepdims });
    const [low, high] = n.isFloat(0) ? [-Infinity, Infinity] : x.dtype === "bool" ? [0, 1] : integerRange(n.type(0));
    const value = highest ? low : high;
    return np.full(reducedShape(x.shape, r), x.dtype === "bool" ? Boolean(value) : value, { dtype: x.dtype });
  };

/** Integers are computed as floats and truncated at the end. */
const inFloat = (x: NdArray): NdArray =>
  ["float16", "bfloat16", "float32", "float64"].includes(x.dtype) ? x : x.astype("float32");

const logSumExp: Reduce = (x, axis, options) =>
  x.size === 0 ? np.log(np.sum(x, axis, options)) : nn.logsumexp(x, axis, options);

const argExtreme =
  (f: typeof np.argmax) =>
  (n: NodeContext): NdArray => {
    const x = n.x(0);
    const axis = n.axis(n.attributes.int("axis", 0));
    const keepdims = n.attributes.flag("keepdims", true);
    if (!n.attributes.flag("select_last_index")) return f(x, axis, { keepdims });
    return np.subtract(x.shape[axis]! - 1, f(np.flip(x, axis), axis, { keepdims }));
  };

type Running = (x: NdArray, axis: number, reverse: boolean) => NdArray;

/** Running sums and products; exclusive ones leave out the element itself. */
const running =
  (f: Running, identity: number) =>
  (n: NodeContext): NdArray => {
    const x = n.x(0);
    const axis = n.axis(n.number(1));
    const reverse = n.attributes.flag("reverse");
    const all = f(x, axis, reverse);
    if (!n.attributes.flag("exclusive") || x.shape[axis] === 0) return all;
    const size = x.shape[axis]!;
    const edge = np.full(x.shape.map((d, i) => (i === axis ? 1 : d)), identity, { dtype: x.dtype }); // prettier-ignore
    return reverse
      ? np.concatenate([lax.sliceInDim(all, 1, size, 1, axis), edge], axis)
      : np.concatenate([edge, lax.sliceInDim(all, 0, size - 1, 1, axis)], axis);
  };

export const reduce: OperatorTable = {
  ArgMax: (n) => n.as(argExtreme(np.argmax)(n), INT64),
  ArgMin: (n) => n.as(argExtreme(np.argmin)(n), INT64),
  CumProd: running(lax.cumprod, 1),
  CumSum: running(lax.cumsum, 0),
  ReduceL1: reducer(np.sum, np.abs),
  ReduceL2: (n) => {
    const root = reducer((x, axis, options) => np.sqrt(np.sum(np.square(inFloat(x)), axis, options)));
    return reduction(n) === null ? np.abs(n.x(0)) : root(n);
  },
  ReduceLogSum: (n) => {
    const log = reducer((x, axis, options) => np.log(np.sum(inFloat(x), axis, options)));
    return reduction(n) === null ? lax.convertElementType(np.log(n.x(0)), n.dtype(0)) : log(n);
  },
  ReduceLogSumExp: reducer((x, axis, options) => logSumExp(inFloat(x), axis, options)),
  ReduceMax: extreme(np.max, true),
  ReduceMean: reducer(np.mean),
  ReduceMin: extreme(np.min, false),
  ReduceProd: reducer(np.prod),
  ReduceSum: reducer(np.sum, undefined, 13),
  ReduceSumSquare: reducer(np.sum, np.square),
};
