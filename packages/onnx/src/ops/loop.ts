/** Three ways to run a Loop: iteration by iteration, as lax.scan, and as lax.whileLoop. */
import { evalShape, lax, numpy as np } from "@jax-js/jax";
import { BOOL, FLOAT, INT64 } from "../elem-type";
import { type NodeContext } from "../graph/node-context";
import { type Program } from "../graph/program";
import { arrayOf, typeOf, typedAs } from "../graph/values";
import { type NdArray, type Value, deviceTensor, hostTensor, toDevice } from "../value";

const truth = hostTensor(BOOL, [], [1]);

const isTrue = (value: Value | undefined): boolean | undefined => {
  if (value?.kind !== "tensor") return undefined;
  if (value.data) return Boolean((value.data as ArrayLike<number>)[0]);
  try {
    return Boolean(toDevice(value).dataSync()[0]);
  } catch {
    return undefined;
  }
};

/** Scan outputs are put one after the other on a new first axis. */
function stacked(items: readonly Value[], body: Program, place: number): Value {
  const arrays = items.map((item, i) => arrayOf(item, `"${body.outputs[place]}" of iteration ${i}`));
  return deviceTensor(np.stack(arrays), typeOf(items[0]));
}

/** What a loop without an iteration collects: nothing, of the type and the sizes that the file says. */
function emptyScan(body: Program, place: number): Value {
  const declared = body.outputTypes[place]?.value;
  if (declared?.case !== "tensorType") return hostTensor(FLOAT, [0], []);
  const { elemType, shape } = declared.value;
  const sizes = shape?.dim.map(({ value }) => (value.case === "dimValue" ? Math.max(Number(value.value), 0) : 0)) ?? [];
  return hostTensor(elemType || FLOAT, [0, ...sizes], []);
}

/** Each iteration by itself: shapes may change, and values may be sequences. Undefined if a condition is traced. */
export function unrolled(
  n: NodeContext,
  body: Program,
  limit: number,
  first: boolean,
  carried: readonly Value[],
): Value[] | undefined {
  let state = carried;
  const count = body.outputs.length - 1 - carried.length;
  const collected: Value[][] = Array.from({ length: count }, () => []);
  let go: boolean | undefined = first;
  for (let i = 0; i < limit && go; i++) {
    n.countIterations(1);
    const [condition, ...rest] = n.runGraph(body, [hostTensor(INT64, [], [i]), truth, ...state]);
    state = rest.slice(0, carried.length);
    rest.slice(carried.length).forEach((value, k) => collected[k]!.push(value));
    go = isTrue(condition);
    if (go === undefined) return undefined;
  }
  const scans = collected.map((items, k) => {
    const place = 1 + carried.length + k;
    return items.length ? stacked(items, body, place) : emptyScan(body, place);
  });
  return [...state, ...scans];
}

interface Shape {
  readonly shape: readonly number[];
  readonly dtype: string;
}

/**
 * A loop whose number of iterations is known and whose condition stays true, as lax.scan, or iteration by iteration if
 * shapes change. Undefined if the condition is computed.
 */
export function counted(n: NodeContext, body: Program, limit: number, carried: readonly Value[]): Value[] | undefined {
  const arrays = carried.map((value, i) => arrayOf(value, `value ${i} of the loop`));
  const types = carried.map(typeOf);
  let outTypes: number[] = [];
  let always = false;
  const iterate = (i: NdArray, state: readonly NdArray[]): [NdArray[], NdArray[]] => {
    const [condition, ...rest] = n.runGraph(body, [deviceTensor(i, INT64), truth, ...typedAs(state, types)]);
    always = condition?.kind === "tensor" && condition.data !== null && isTrue(condition) === true;
    outTypes = rest.map(typeOf);
    const out = rest.map((value, k) => arrayOf(value, `"${body.outputs[k + 1]}" of the loop`));
    return [out.slice(0, carried.length), out.slice(carried.length)];
  };
  const index = np.array(0, { dtype: "int32" });
  const [next] = evalShape(iterate as never, ...([index, arrays] as never[])) as unknown as [Shape[], Shape[]];
  if (!always || limit === Infinity) return undefined;
  const stable = next.every((s, k) => s.shape.join() === arrays[k]!.shape.join() && s.dtype === arrays[k]!.dtype);
  if (!stable) return unrolled(n, body, limit, true, carried);
  n.countIterations(limit);
  const step = ([i, state]: [NdArray, NdArray[]]): [unknown, unknown] => {
    const [after, collected] = iterate(i, state);
    return [[i.add(1), after], collected];
  };
  const [[, last], collected] = lax.scan(step as never, [index, arrays] as never, null as never, {
    length: limit,
  }) as unknown as [[NdArray, NdArray[]], NdArray[]];
  return typedAs([...last, ...collected], outTypes);
}

/** A loop whose end is found while it runs; its values keep their shapes, and it collects nothing. */
export function untilFalse(
  n: NodeContext,
  body: Program,
  limit: NdArray | null,
  first: NdArray,
  carried: readonly Value[],
): Value[] {
  if (body.outputs.length - 1 > carried.length)
    n.fail(
      "collects outputs of a number of iterations that is not known while it is traced; make the count a constant and " +
        "the condition true, or run the model without jit",
    );
  const arrays = carried.map((value, i) => arrayOf(value, `value ${i} of the loop`));
  const types = carried.map(typeOf);
  const step = ([i, , state]: [NdArray, NdArray, NdArray[]]): unknown => {
    const [condition, ...rest] = n.runGraph(body, [deviceTensor(i, INT64), truth, ...typedAs(state, types)]);
    const after = rest.map((value, k) => arrayOf(value, `"${body.outputs[k + 1]}" of the loop`));
    return [i.add(1), arrayOf(condition, "the condition").reshape([]), after];
  };
  const goOn = ([i, go]: [NdArray, NdArray]): NdArray => (limit === null ? go : np.logicalAnd(go, np.less(i, limit)));
  const start = [np.array(0, { dtype: "int32" }), first.astype("bool"), arrays];
  const [, , last] = lax.whileLoop(goOn, step, start) as [NdArray, NdArray, NdArray[]];
  return typedAs(last, types);
}
