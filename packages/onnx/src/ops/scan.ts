/** Scan: a graph over the slices of tensors, with a state. */
import { lax, numpy as np, vmap } from "@jax-js/jax";
import { type NodeContext } from "../graph/node-context";
import { arrayOf, typeOf, typedAs } from "../graph/values";
import { type NdArray, type Value } from "../value";

interface Plan {
  readonly states: NdArray[];
  readonly xs: NdArray[];
  readonly reversed: boolean[];
  readonly outReversed: boolean[];
}

const flagged = (list: readonly number[] | undefined, length: number): boolean[] =>
  Array.from({ length }, (_, i) => list?.[i] === 1);

/** The results: final states, then what was collected, slice on axis 0. */
function run(
  n: NodeContext,
  { states, xs, reversed, outReversed }: Plan,
  inTypes: number[],
  outTypes: number[],
): NdArray[] {
  const body = n.graph("body");
  const turned = xs.map((x, i) => (reversed[i] ? np.flip(x, 0) : x));
  const step = (state: NdArray[], at: NdArray[]): [NdArray[], NdArray[]] => {
    const out = n.runGraph(body, typedAs([...state, ...at], inTypes));
    out.forEach((value, i) => (outTypes[i] = typeOf(value)));
    const arrays = out.map((value, i) => arrayOf(value, `"${body.outputs[i]}" of the scan`));
    return [arrays.slice(0, state.length), arrays.slice(state.length)];
  };
  const [last, collected] = lax.scan(step as never, states as never, turned as never) as unknown as [
    NdArray[],
    NdArray[],
  ];
  return [...last, ...collected.map((y, i) => (outReversed[i] ? np.flip(y, 0) : y))];
}

/** In operator set 8 the first input is the lengths, and the tensors have a batch on axis 0. */
export function scan(n: NodeContext): Value[] {
  const batched = n.version < 9;
  const skip = batched ? 1 : 0;
  const { attributes } = n;
  const nXs = attributes.int("num_scan_inputs", 0);
  const inputs = n.inputs.slice(skip).map((_, i) => n.x(i + skip));
  const types = inputs.map((_, i) => n.type(i + skip));
  const nStates = inputs.length - nXs;
  const nOuts = n.graph("body").outputs.length - nStates;
  const [states, xs] = [inputs.slice(0, nStates), inputs.slice(nStates)];
  const reversed = flagged(attributes.ints(batched ? "directions" : "scan_input_directions"), nXs);
  const outReversed = flagged(batched ? undefined : attributes.ints("scan_output_directions"), nOuts);
  const outTypes: number[] = [];
  if (batched) {
    if (n.has(0)) n.fail("sequence lengths of Scan before operator set 9 are not supported");
    const all = vmap((...args: NdArray[]) =>
      run(n, { states: args.slice(0, nStates), xs: args.slice(nStates), reversed, outReversed }, types, outTypes),
    ) as unknown as (...args: NdArray[]) => NdArray[];
    return typedAs(all(...inputs), outTypes);
  }
  const inAxes = attributes.ints("scan_input_axes");
  const outAxes = attributes.ints("scan_output_axes");
  const moved = xs.map((x, i) => np.moveaxis(x, n.axis(inAxes?.[i] ?? 0, x.ndim), 0));
  const out = run(n, { states, xs: moved, reversed, outReversed }, types, outTypes);
  const placed = out.map((y, i) => {
    const axis = i < nStates ? 0 : (outAxes?.[i - nStates] ?? 0);
    return axis === 0 ? y : np.moveaxis(y, 0, n.axis(axis, y.ndim));
  });
  return typedAs(placed, outTypes);
}
