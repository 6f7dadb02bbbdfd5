/** Calls of the host with the values of arrays, for looking into functions that are traced. */
import { type DataArray, unpackElements } from "../aval/data-array";
import { prod } from "../base/list";
import { bind } from "../core/interpreter";
import type { BatchDim, Primitive } from "../core/primitive";
import { Literal, type Tracer } from "../core/tracer";
import type { HostValue } from "../kernel/expr";
import { exprCallback } from "../kernel/expr-build";
import { moveaxis } from "./transpose";

/** One vmap around the call: the call is made for each example. */
interface Level {
  readonly size: number;
  /** Which operands have the examples along their first axis that is left. */
  readonly batched: readonly boolean[];
}

export interface DebugCallbackParams<C = unknown> {
  readonly callback: (values: readonly HostValue[], context: C) => void;
  /** What the callback is told besides: plain data, so that equal calls are equal programs. */
  readonly context: C;
  /** Outermost first. */
  readonly levels: readonly Level[];
}

export const debug_callback_p: Primitive<DebugCallbackParams> = {
  name: "debug_callback",
  hasEffect: true,
  type: () => [],
  derivative: { kind: "zero", because: "it gives no result" },
  batch(xs, dims: readonly BatchDim[], size, { callback, context, levels }) {
    const moved = xs.map((x, i) => (dims[i] === null ? x : moveaxis(x, dims[i]!, 0)));
    const level = { size, batched: dims.map((d) => d !== null) };
    return [bind(debug_callback_p, moved, { callback, context, levels: [level, ...levels] }), []];
  },
  evaluate(xs, params) {
    run(xs.map(valueOf), params, 0);
    return [];
  },
  lower(xs, _avals, params) {
    exprCallback(xs, (values) => run(values, params, 0));
    return [];
  },
};

function valueOf(x: Tracer): HostValue {
  const { shape, dtype } = x;
  return { data: x instanceof Literal ? scalar(x) : x.dataSync(), shape, dtype };
}

function scalar({ value, dtype }: Literal): DataArray {
  const data = unpackElements(new Uint8Array(8), dtype === "float64" ? "float64" : "float32").slice(0, 1);
  data[0] = value;
  return data;
}

function run(values: readonly HostValue[], params: DebugCallbackParams, depth: number): void {
  const level = params.levels[depth];
  if (level === undefined) {
    params.callback(values, params.context);
    return;
  }
  for (let i = 0; i < level.size; i++) {
    const example = values.map((v, k) => (level.batched[k] ? partOf(v, i) : v));
    run(example, params, depth + 1);
  }
}

function partOf({ data, shape, dtype }: HostValue, i: number): HostValue {
  const inner = shape.slice(1);
  const n = prod(inner);
  return { data: data.slice(i * n, (i + 1) * n), shape: inner, dtype };
}

/** Calls `callback` with the values of xs whenever this place of the program is reached. */
export function debugCallback<C>(
  xs: readonly Tracer[],
  callback: (values: readonly HostValue[], context: C) => void,
  context: C,
): void {
  bind(debug_callback_p, xs, { callback, context, levels: [] });
}
