/** Measurements of updates, kept in the state. */
import { needScalar } from "../scalars";
import { GradientTransformation, type OptState, type Scalar, stateless } from "../base";
import { type Rest, named } from "../named";
import { type EmaOptions, ema } from "./accumulation";

/** What to measure: a function of a tree of updates that gives a tree of arrays. */
// eslint-disable-next-line @typescript-eslint/no-explicit-any -- trees of any depth
export type Measure = (updates: any) => unknown;

export interface SnapshotState {
  measurement: Record<string, unknown>;
}

/**
 * Keeps a measurement of the updates that come by in the state `{ measurement: { [name]: value } }`, and leaves updates as
 * they are.
 *
 * Source: optax.snapshot.
 * @example
 * const tx = chain(snapshot("norm", treeNorm), sgd(0.1));
 * tx.update([np.array([3, 4])], tx.init([np.zeros([2])]))[1][0].measurement.norm.item(); // => 5
 */
export function snapshot(measureName: string, measure: Measure): GradientTransformation {
  return GradientTransformation(
    (params): SnapshotState => ({ measurement: { [measureName]: measure(params) } }),
    (updates: unknown) => [updates, { measurement: { [measureName]: measure(updates) } }],
  );
}

export interface MonitorState {
  measurements: Record<string, unknown>;
  measureStates: OptState[];
}

/**
 * Keeps several measurements of the updates that come by in the state `{ measurements, measureStates }`, and leaves updates
 * as they are. A measure is a function, or a transformation such as measureWithEma whose updates are the measurement.
 *
 * Source: optax.monitor.
 * @example
 * const tx = monitor({ norm: treeNorm, mean: measureWithEma(treeNorm, 0.9) });
 * const [, state] = tx.update([np.array([3, 4])], tx.init([np.zeros([2])]));
 * [state.measurements.norm.item(), np.allclose(state.measurements.mean, 5)]; // => [5, true]
 */
export function monitor(measures: Record<string, Measure | GradientTransformation>): GradientTransformation {
  const all = Object.entries(measures).map(([name, measure]): [string, GradientTransformation] => [
    name,
    typeof measure === "function" ? stateless((updates) => measure(updates)) : measure,
  ]);
  return GradientTransformation(
    (params): MonitorState => ({
      measurements: {},
      measureStates: all.map(([, tx]) => tx.init(params as unknown)),
    }),
    (updates: unknown, state, params: unknown, extra) => {
      const results = all.map(([, tx], i) => tx.update(updates, state.measureStates[i], params, extra));
      const measurements = Object.fromEntries(all.map(([name], i) => [name, results[i]![0]]));
      return [updates, { measurements, measureStates: results.map(([, next]) => next as OptState) }];
    },
  );
}

/**
 * The exponential moving average of a measurement, in place of updates: for monitor. State `[[], { count, ema }]`.
 *
 * Options: debias = true, accumulatorDtype; by position too.
 * Source: optax.measure_with_ema.
 * @example
 * const tx = measureWithEma(treeNorm, 0.9);
 * np.allclose(tx.update([np.array([3, 4])], tx.init([np.zeros([2])]))[0], 5); // => true
 */
export function measureWithEma(measure: Measure, decay: Scalar, ...rest: Rest<EmaOptions>): GradientTransformation {
  needScalar("measureWithEma", decay);
  const options = named<EmaOptions>("measureWithEma", ["debias", "accumulatorDtype"], rest);
  const average = ema(decay, options);
  return GradientTransformation(
    (params): OptState[] => [[], average.init(measure(params)) as OptState],
    (updates: unknown, [none, state]) => {
      const [out, next] = average.update(measure(updates), state);
      return [out, [none, next]];
    },
  );
}
