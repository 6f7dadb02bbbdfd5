/**
 * Collectives: operations across the examples of a vmap with an axis name. The vmap that binds the name does them with
 * `collective`; for other vmaps they are operations of one argument with one more axis. No device ever sees them.
 */
import { type Aval, ShapedArray } from "../aval/shaped-array";
import { ShapeError } from "../base/errors";
import { insertAt, range, without } from "../base/list";
import { unboundAxis } from "../core/axes";
import { bind1 } from "../core/interpreter";
import type { BatchDim, Derivative, Primitive } from "../core/primitive";
import type { Tracer } from "../core/tracer";
import { mul } from "./arith";
import { broadcastInDim, fullLike, iota, zerosLike } from "./broadcast";
import { concatenate } from "./concatenate";
import { alignBatch } from "./families";
import { reduceMax, reduceMin, reduceSum } from "./reduce";
import { sliceInDim } from "./slice";
import { moveaxis, transpose } from "./transpose";

export interface NamedParams {
  readonly axisName: string;
  readonly axisSize: number;
}

interface CollectiveSpec<P extends NamedParams> {
  readonly name: string;
  readonly derivative: Derivative<P, 1>;
  type?(x: Aval, params: P): Aval;
  /** The operation on a value whose axis `dim` is the named one; null if all examples have the same value. */
  collective(x: Tracer, dim: BatchDim, params: P): [Tracer, BatchDim];
  /** Parameters for a value with one more axis, in front. Without it, an axis may be anywhere. */
  shifted?(params: P): P;
}

function collectiveRecord<P extends NamedParams>(spec: CollectiveSpec<P>): Primitive<P, 1> {
  const record: Primitive<P, 1> = {
    name: spec.name,
    derivative: spec.derivative,
    type: ([x], params) => [spec.type === undefined ? x : spec.type(x, params)],
    batch([x], [d], _size, params) {
      if (spec.shifted === undefined) return [[bind1(record, [x], params)], [d]];
      return [[bind1(record, [moveaxis(x, d!, 0)], spec.shifted(params))], [0]];
    },
    collective([x], [d], _size, params) {
      const [y, dim] = spec.collective(x, d, params);
      return [[y], [dim]];
    },
    lower(_xs, _avals, { axisName }) {
      throw unboundAxis(spec.name, axisName);
    },
  };
  return record;
}

/** The value with the named axis in front: repeated if all examples have the same. */
const inFront = (x: Tracer, dim: BatchDim, size: number): Tracer => alignBatch([x], [dim], size)[0]!;

export const psum_p: Primitive<NamedParams, 1> = /* @__PURE__ */ collectiveRecord<NamedParams>({
  name: "psum",
  derivative: { kind: "linear", transpose: ([ct], _xs, params) => [bind1(psum_p, [ct!], params)] },
  collective: (x, dim, { axisSize }) => [dim === null ? mul(x, fullLike(x, axisSize)) : reduceSum(x, [dim]), null],
});

const extreme = (name: string, reduce: (x: Tracer, axes: readonly number[]) => Tracer): Primitive<NamedParams, 1> =>
  collectiveRecord<NamedParams>({
    name,
    derivative: {
      kind: "refused",
      because: "JAX defines none for it; use lax.allGather and np.max or np.min, or lax.stopGradient on its argument",
    },
    collective: (x, dim) => [dim === null ? x : reduce(x, [dim]), null],
  });

export const pmax_p = /* @__PURE__ */ extreme("pmax", reduceMax);
export const pmin_p = /* @__PURE__ */ extreme("pmin", reduceMin);

interface AlongParams extends NamedParams {
  /** The axis of one example that stands for the named one. */
  readonly axis: number;
}

const oneFurther = (params: AlongParams): AlongParams => ({ ...params, axis: params.axis + 1 });

export const all_gather_p: Primitive<AlongParams, 1> = /* @__PURE__ */ collectiveRecord<AlongParams>({
  name: "all_gather",
  derivative: { kind: "linear", transpose: ([ct], _xs, params) => [bind1(psum_scatter_p, [ct!], params)] },
  type: (x, { axis, axisSize }) => x.withShape(insertAt(x.shape, axis, axisSize)),
  collective(x, dim, { axis, axisSize }) {
    if (dim !== null) return [moveaxis(x, dim, axis), null];
    const shape = insertAt(x.shape, axis, axisSize);
    return [broadcastInDim(x, shape, without(range(shape.length), [axis])), null];
  },
  shifted: oneFurther,
});

function checkAxis(op: string, x: Aval, { axis, axisName, axisSize }: AlongParams): void {
  if (x.shape[axis] === axisSize) return;
  throw new ShapeError(
    `${op}: axis ${axis} must have the size of the named axis "${axisName}", got ${x}; expected ${axisSize}`,
  );
}

export const psum_scatter_p: Primitive<AlongParams, 1> = /* @__PURE__ */ collectiveRecord<AlongParams>({
  name: "reduce_scatter",
  derivative: { kind: "linear", transpose: ([ct], _xs, params) => [bind1(all_gather_p, [ct!], params)] },
  type(x, params) {
    checkAxis("psumScatter", x, params);
    return x.withShape(without(x.shape, [params.axis]));
  },
  collective: (x, dim, { axis, axisSize }) => [
    dim === null ? mul(x, fullLike(x, axisSize)) : reduceSum(moveaxis(x, dim, 0), [0]),
    axis,
  ],
  shifted: oneFurther,
});

/** Exchanges the named axis and an axis of the value: it is its own transpose. */
export const all_to_all_p: Primitive<AlongParams, 1> = /* @__PURE__ */ collectiveRecord<AlongParams>({
  name: "all_to_all",
  derivative: { kind: "linear", transpose: ([ct], _xs, params) => [bind1(all_to_all_p, [ct!], params)] },
  type(x, params) {
    checkAxis("allToAll", x, params);
    return x;
  },
  collective(x, dim, { axis, axisSize }) {
    const y = inFront(x, dim, axisSize);
    const order = range(y.ndim);
    [order[0], order[axis + 1]] = [axis + 1, 0];
    return [transpose(y, order), 0];
  },
  shifted: oneFurther,
});

interface PermuteParams extends NamedParams {
  /** Where each example's value comes from; -1 for zeros. */
  readonly sources: readonly number[];
}

/** Rows of x by number, -1 for zeros: runs of rows are slices. */
function takeRows(x: Tracer, rows: readonly number[]): Tracer {
  const parts: Tracer[] = [];
  for (let i = 0; i < rows.length;) {
    const first = rows[i]!;
    const start = i++;
    while (i < rows.length && rows[i] === (first < 0 ? -1 : first + i - start)) i++;
    const n = i - start;
    parts.push(first < 0 ? zerosLike(x.aval.withShape([n, ...x.shape.slice(1)])) : sliceInDim(x, first, first + n));
  }
  return parts.length === 1 ? parts[0]! : concatenate(parts, 0);
}

export const ppermute_p: Primitive<PermuteParams, 1> = /* @__PURE__ */ collectiveRecord<PermuteParams>({
  name: "ppermute",
  derivative: {
    kind: "linear",
    transpose([ct], _xs, { sources, ...axis }) {
      const back = sources.map(() => -1);
      sources.forEach((from, to) => {
        if (from >= 0) back[from] = to;
      });
      return [bind1(ppermute_p, [ct!], { ...axis, sources: back })];
    },
  },
  collective(x, dim, { axisSize, sources }) {
    if (dim === null && !sources.includes(-1)) return [x, null];
    return [takeRows(inFront(x, dim, axisSize), sources), 0];
  },
});

export const axis_index_p: Primitive<NamedParams> = {
  name: "axis_index",
  type: () => [ShapedArray.of([], "int32")],
  derivative: { kind: "zero", because: "an index is an integer" },
  batch: (_xs, _dims, _size, params) => [[bind1(axis_index_p, [], params)], [null]],
  collective: (_xs, _dims, size) => [[iota("int32", [size], 0)], [0]],
  lower(_xs, _avals, { axisName }) {
    throw unboundAxis("axisIndex", axisName);
  },
};
