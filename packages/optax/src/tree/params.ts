/** Parts of a state that are like the parameters. */
import { type Array, numpy as np, tree } from "@jax-js/jax";
import { type GradientTransformation, type OptState, isArray, isPlaceholder, placeholder, pure } from "../base";

export interface TreeMapParamsOptions {
  /** Applied to the other arrays; they stay by default. */
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- f gives what the caller wants
  transformNonParams?: ((x: Array) => any) | null;
}

/**
 * Applies f to the parts of a state that are like the parameters (moments, averages), and to the leaves of `rest`, which are
 * trees like the parameters. Finds them by making states of stand-ins for parameters.
 *
 * Arguments: a transformation or its init, f, the state, further trees; at last options transformNonParams.
 * Source: optax.tree.map_params.
 * @example
 * const tx = adam(0.1);
 * const state = tx.init({ w: np.ones([2]) });
 * const doubled = treeMapParams(tx, (x, p) => x.add(p), state, { w: np.array([5, 6]) });
 * [doubled[0].mu.w.js(), doubled[0].count.item()]; // => [[5, 6], 0]
 */
export function treeMapParams(
  initable: GradientTransformation | GradientTransformation["init"],
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- leaves of any kind
  f: (x: Array, ...rest: any[]) => any,
  state: OptState,
  ...args: unknown[]
): OptState {
  const last = args[args.length - 1];
  const isLast = typeof last === "object" && last !== null && "transformNonParams" in last;
  const rest = isLast ? args.slice(0, -1) : args;
  const other = (isLast ? (last as TreeMapParamsOptions).transformNonParams : null) ?? ((x: Array) => x);
  const init = typeof initable === "function" ? initable : initable.init.bind(initable);
  // Where the parameters are a leaf in one state and a list in the other, the states differ.
  const [one, two] = [false, true].map((isList) => pure(() => init(stand(isList)) as OptState, [])) as [
    OptState,
    OptState,
  ];
  try {
    return pure(() => mapAlong(f, other, one, two, state, rest), [state, rest]);
  } finally {
    [one, two].forEach((x) => tree.dispose(x));
  }
}

const stand = (isList: boolean): unknown => placeholder(isList ? [np.zeros([1])] : np.zeros([1]));

type Leafwise = (x: Array, ...rest: unknown[]) => unknown;

function mapAlong(f: Leafwise, other: Leafwise, one: unknown, two: unknown, state: unknown, rest: unknown[]): unknown {
  if (state === null || state === undefined) return state;
  const isParams = isArray(one) !== isArray(two) || isPlaceholder(one);
  if (isParams) return onLeaves(f, state, rest);
  if (isArray(state)) return other(state);
  if (typeof state !== "object") return state;
  const part = (x: unknown, k: string): unknown => (x as Record<string, unknown> | null)?.[k];
  const entries = Object.entries(state).map(([k, v]) => [k, mapAlong(f, other, part(one, k), part(two, k), v, rest)]);
  return globalThis.Array.isArray(state)
    ? entries.map(([, v]) => v as unknown)
    : (Object.fromEntries(entries) as unknown);
}

/** `tree.map` over a tree with holes, where others have leaves. */
function onLeaves(f: Leafwise, x: unknown, rest: unknown[]): unknown {
  if (x === null || x === undefined) return x;
  if (isArray(x)) return f(x, ...rest);
  const entries = Object.entries(x as object).map(([k, v]) => [
    k,
    onLeaves(f, v, rest.map((r) => (r as Record<string, unknown> | null)?.[k])),
  ]); // prettier-ignore
  return globalThis.Array.isArray(x) ? entries.map(([, v]) => v as unknown) : (Object.fromEntries(entries) as unknown);
}
