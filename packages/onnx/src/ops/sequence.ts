/** Sequences and optionals. */
import { numpy as np } from "@jax-js/jax";
import { BOOL, INT64 } from "../elem-type";
import { type NodeContext } from "../graph/node-context";
import { arrayOf, typeOf } from "../graph/values";
import { type Sequence, type Value, deviceTensor, hostTensor, none } from "../value";
import { type OperatorTable } from "./operator";
import { parts } from "./shape";

const sequence = (items: readonly Value[]): Sequence => ({ kind: "sequence", items });

/** A position counted from either end, up to `count` of them. */
function position(n: NodeContext, at: number, count: number): number {
  const p = at < 0 ? at + count : at;
  if (!(p >= 0 && p <= count)) n.fail(`position ${at} is outside a sequence of ${n.sequence(0).items.length}`);
  return p;
}

function at(n: NodeContext): Value {
  const { items } = n.sequence(0);
  return items[position(n, n.number(1), items.length)] ?? n.fail(`the sequence has ${items.length} elements`);
}

function insert(n: NodeContext): Sequence {
  const { items } = n.sequence(0);
  const p = n.has(2) ? position(n, n.number(2), items.length) : items.length;
  return sequence([...items.slice(0, p), n.tensor(1), ...items.slice(p)]);
}

function erase(n: NodeContext): Sequence {
  const { items } = n.sequence(0);
  const p = n.has(1) ? position(n, n.number(1), items.length) : items.length - 1;
  return sequence(items.filter((_, i) => i !== p));
}

function splitToSequence(n: NodeContext): Sequence {
  const axis = n.axis(n.attributes.int("axis", 0));
  const size = n.shape(0)[axis]!;
  const x = n.x(0);
  const given = n.has(1) ? n.numbers(1) : [1];
  const isScalar = !n.has(1) || n.rank(1) === 0;
  const step = given[0]!;
  if (isScalar && !(step > 0)) n.fail(`cannot split into parts of ${step}`);
  const sizes = isScalar
    ? Array.from({ length: Math.ceil(size / step) }, (_, i) => Math.min(step, size - i * step))
    : given;
  const keep = n.has(1) || n.attributes.flag("keepdims", true);
  const split = parts(n, x, sizes, axis);
  return sequence(split.map((part) => deviceTensor(keep ? part : np.squeeze(part, axis), n.type(0))));
}

function concatFromSequence(n: NodeContext): Value {
  const { items } = n.sequence(0);
  const arrays = items.map((item, i) => arrayOf(item, `element ${i}`));
  const stack = n.attributes.flag("new_axis");
  const rank = (arrays[0]?.ndim ?? 0) + (stack ? 1 : 0);
  const axis = n.axis(n.attributes.int("axis", 0), rank);
  return deviceTensor(stack ? np.stack(arrays, axis) : np.concatenate(arrays, axis), typeOf(items[0]));
}

/** A graph for each element; sequences among the other inputs go along. */
function map(n: NodeContext): Sequence[] {
  const body = n.graph("body");
  const count = n.sequence(0).items.length;
  const results = Array.from({ length: count }, (_, i) =>
    n.runGraph(
      body,
      n.inputs.map((_value, k) => {
        const value = n.value(k);
        return value.kind === "sequence" ? (value.items[i] ?? n.fail(`input ${k} has no element ${i}`)) : value;
      }),
    ),
  );
  return body.outputs.map((_, k) => sequence(results.map((r) => r[k]!)));
}

export const sequences: OperatorTable = {
  ConcatFromSequence: concatFromSequence,
  Optional: (n) => (n.has(0) ? n.value(0) : none),
  OptionalGetElement: (n) => (n.has(0) ? n.value(0) : n.fail("the optional has no value")),
  OptionalHasElement: (n) => hostTensor(BOOL, [], [Number(n.has(0))]),
  SequenceAt: at,
  SequenceConstruct: (n) => sequence(n.inputs.map((_, i) => n.tensor(i))),
  SequenceEmpty: () => sequence([]),
  SequenceErase: erase,
  SequenceInsert: insert,
  SequenceLength: (n) => hostTensor(INT64, [], [n.sequence(0).items.length]),
  SequenceMap: map,
  SplitToSequence: splitToSequence,
};
