/** Sums of products over labelled axes. */
import { checkOptionNames } from "../base/option-names";
import type { DType } from "../aval/dtype";
import { ShapeError } from "../base/errors";
import { type Tracer } from "../core/tracer";
import * as ops from "../ops/index";
import { promoteTypes } from "./dtypes";
import { type Path, contractionPath } from "./einsum-path";
import { labelName, parseEinsum } from "./einsum-parse";
import { type ArrayLike, broadcastArray, constantLike, convert, lift, own, promoteDTypes } from "./lift";
import { isOptions } from "./options";
import { owned } from "./owned";

interface Labelled {
  readonly x: Tracer;
  readonly labels: readonly number[];
}

type EinsumArgument = string | ArrayLike | readonly (number | "...")[] | object;

/**
 * Sum of products: axes with one label are multiplied together, labels that are not in the output are summed over.
 * Operands are contracted two at a time, in the cheapest order.
 *
 * Call forms: `einsum("ij,jk->ik", a, b)`, without `->` (labels that occur once, in order), and with lists of numbers,
 * `einsum(a, [0, 1], b, [1, 2], [0, 2])`. `...` stands for axes that broadcast. The last argument may be
 * `{ preferredElementType }`, the dtype of the result.
 * Errors: ShapeError for sizes that do not agree, or labels that do not fit the operands.
 * @example
 * np.einsum("ii->i", np.array([[1, 2], [3, 4]])).js(); // => [1, 4]
 */
export function einsum(...args: readonly EinsumArgument[]): Tracer {
  const { operands, inputs, output } = parseEinsum(args, (x) => lift(x).ndim);
  const sizes = sizesOf(operands, inputs);
  return owned(() => {
    const preferred = preferredOf(args);
    const promoted = promoteDTypes(operands);
    const arrays = promoted.map((x) => (preferred === null ? x : convert(x, promoteTypes(x.dtype, preferred))));
    const isBool = arrays[0]!.dtype === "bool";
    const terms = arrays.map((x, i) => simplify(isBool ? convert(x, "int32") : x, inputs[i]!, sizes));
    const path = contractionPath(terms, output, sizes);
    const live = terms.map((t, i) =>
      sumAlone(
        t,
        output,
        terms.filter((_, k) => k !== i),
      ),
    );
    for (const [i, j] of path) {
      const right = live.splice(j, 1)[0]!;
      const left = live.splice(i, 1)[0]!;
      live.push(contract(left, right, output, live));
    }
    const out = arrange(live[0]!, output, sizes);
    return own(isBool ? convert(out, "bool") : preferred === null ? out : convert(out, preferred), ...operands);
  });
}

/** The option `preferredElementType`: the dtype of the result, and of the sums if it is the wider one. */
function preferredOf(args: readonly EinsumArgument[]): DType | null {
  const last = args[args.length - 1];
  if (!isOptions(last)) return null;
  checkOptionNames(last, ["preferredElementType"], "einsum");
  return (last as { preferredElementType?: DType | null }).preferredElementType ?? null;
}

/** The order of contraction that `einsum` takes, as positions in the shrinking list of operands. @example np.einsumPath("ij,jk,kl->il", np.ones([2, 2]), np.ones([2, 2]), np.ones([2, 1]))[0].length; // => 2 */
export function einsumPath(...args: readonly EinsumArgument[]): [Path, string] {
  const { operands, inputs, output } = parseEinsum(args, (x) => lift(x).ndim);
  const path = contractionPath(
    inputs.map((labels) => ({ labels })),
    output,
    sizesOf(operands, inputs),
  );
  return [path, path.map(([i, j]) => `contract operands ${i} and ${j}`).join("\n")];
}

function sizesOf(operands: readonly ArrayLike[], inputs: readonly (readonly number[])[]): Map<number, number> {
  const sizes = new Map<number, number>();
  inputs.forEach((labels, i) => {
    const { shape } = lift(operands[i]!);
    labels.forEach((l, axis) => {
      const n = shape[axis]!;
      const known = sizes.get(l);
      if (known === undefined || known === 1) sizes.set(l, n);
      else if (n !== known && n !== 1) {
        throw new ShapeError(`einsum: label ${labelName(l)} has sizes ${known} and ${n}; they must be equal`);
      }
    });
  });
  return sizes;
}

/** Diagonals for repeated labels; axes of size 1 that broadcast against larger ones are dropped. */
function simplify(x: Tracer, labels: readonly number[], sizes: ReadonlyMap<number, number>): Labelled {
  let out = x;
  let left = [...labels];
  const thin = left.flatMap((l, axis) => (out.shape[axis] === 1 && sizes.get(l)! !== 1 ? [axis] : []));
  if (thin.length > 0) {
    out = ops.reshape(
      out,
      out.shape.filter((_, a) => !thin.includes(a)),
    );
    left = left.filter((_, a) => !thin.includes(a));
  }
  for (;;) {
    const second = left.findIndex((l, a) => left.indexOf(l) < a);
    if (second < 0) return { x: out, labels: left };
    const first = left.indexOf(left[second]!);
    // Keep only elements where both indices agree, then sum the second axis away: exact, and linear.
    const same = ops.eq(ops.iota("int32", out.shape, first), ops.iota("int32", out.shape, second));
    out = ops.reduceSum(ops.where(same, out, constantLike(out, 0)), [second]);
    left.splice(second, 1);
  }
}

/** Sums over the labels that only this term has. */
function sumAlone(t: Labelled, output: readonly number[], others: readonly Labelled[]): Labelled {
  const axes = t.labels.flatMap((l, a) => (output.includes(l) || others.some((o) => o.labels.includes(l)) ? [] : [a]));
  if (axes.length === 0) return t;
  return { x: ops.reduceSum(t.x, axes), labels: t.labels.filter((_, a) => !axes.includes(a)) };
}

/** Product of two terms, summed over the labels that nobody else needs. */
function contract(a: Labelled, b: Labelled, output: readonly number[], others: readonly Labelled[]): Labelled {
  const needed = (l: number): boolean => output.includes(l) || others.some((o) => o.labels.includes(l));
  const shared = a.labels.filter((l) => b.labels.includes(l));
  const batch = shared.filter(needed);
  const summed = shared.filter((l) => !needed(l));
  if (summed.length === 0 && batch.length === a.labels.length && batch.length === b.labels.length) {
    const order = batch.map((l) => b.labels.indexOf(l));
    const aligned = order.every((p, i) => p === i) ? b.x : ops.transpose(b.x, order);
    return { x: ops.mul(a.x, aligned), labels: a.labels };
  }
  const at = (t: Labelled, labels: readonly number[]): number[] => labels.map((l) => t.labels.indexOf(l));
  const x = ops.dotGeneral(a.x, b.x, [
    [at(a, summed), at(b, summed)],
    [at(a, batch), at(b, batch)],
  ]);
  const free = (t: Labelled): number[] => t.labels.filter((l) => !shared.includes(l));
  return { x, labels: [...batch, ...free(a), ...free(b)] };
}

/** Axes in the order of the output. */
function arrange(t: Labelled, output: readonly number[], sizes: ReadonlyMap<number, number>): Tracer {
  const present = output.filter((l) => t.labels.includes(l));
  const order = present.map((l) => t.labels.indexOf(l));
  const x = order.every((p, i) => p === i) ? t.x : ops.transpose(t.x, order);
  if (present.length === output.length) return x;
  const thin = output.map((l) => (present.includes(l) ? sizes.get(l)! : 1));
  return broadcastArray(
    ops.reshape(x, thin),
    output.map((l) => sizes.get(l)!),
  );
}
