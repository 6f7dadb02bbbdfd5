/** Hyperparameters as a part of the state. */
import { type Array, type DType, tree } from "@jax-js/jax";
import {
  type ExtraArgs, GradientTransformation, type OptState, type Scalar, type Schedule, isArray,
} from "../base"; // prettier-ignore
import { type Rest, named } from "../named";
import { safeIncrement, scalarOf, zeroCount } from "../numerics";
import { treeDtype } from "../tree/math";

/** A hyperparameter with a state of its own, which may depend on the extra arguments of `update`. */
export interface StatefulSchedule<S = OptState> {
  init(): S;
  update(state: S, extra?: ExtraArgs): S;
  value(state: S, extra?: ExtraArgs): Scalar;
}

/** State of WrappedSchedule. */
export interface WrappedScheduleState {
  count: Array;
}

/**
 * A schedule of the step count as one with a state.
 *
 * Source: optax.WrappedSchedule.
 * @example
 * const schedule = new WrappedSchedule(linearSchedule(0, 1, 10));
 * schedule.value(schedule.update(schedule.init())).item(); // => 0.1
 */
export class WrappedSchedule implements StatefulSchedule<WrappedScheduleState> {
  readonly scheduleFn: Schedule;

  constructor(scheduleFn: Schedule) {
    this.scheduleFn = scheduleFn;
  }

  init(): WrappedScheduleState {
    return { count: zeroCount() };
  }

  update({ count }: WrappedScheduleState): WrappedScheduleState {
    return { count: safeIncrement(count) };
  }

  value({ count }: WrappedScheduleState): Scalar {
    return this.scheduleFn(count);
  }
}

export interface InjectHyperparamsOptions {
  /** Names of arguments that stay as they are. */
  staticArgs?: string | readonly string[];
  /** Dtype of the hyperparameters; that of the parameters if null. */
  hyperparamDtype?: DType | null;
}

export interface InjectHyperparamsState {
  count: Array;
  hyperparams: Record<string, Array>;
  hyperparamsStates: Record<string, OptState>;
  innerState: OptState;
}

export type InjectStatefulHyperparamsState = InjectHyperparamsState;

type Factory = (...args: never[]) => GradientTransformation;

const isPlain = (x: unknown): x is Record<string, unknown> =>
  typeof x === "object" && x !== null && Object.getPrototypeOf(x) === Object.prototype;

const isStateful = (x: unknown): x is StatefulSchedule =>
  typeof x === "object" &&
  x !== null &&
  ["init", "update", "value"].every((k) => typeof (x as never)[k] === "function");

/** Functions that are masks and not schedules. */
const isMask = (name: string): boolean => /mask$|fn$/i.test(name);

/**
 * Puts the numbers that make an optimizer into its state, where they can be read and changed while a jitted step runs on:
 * state `{ count, hyperparams, hyperparamsStates, innerState }`. Of the arguments, the first, `learningRate`, and those given
 * by name become arrays where they are numbers, and schedules where they are functions of the step count or stateful
 * schedules. Others stay as they are.
 *
 * Options: staticArgs (names of arguments that stay), hyperparamDtype; by position too.
 * Source: optax.inject_hyperparams.
 * @example
 * const tx = injectHyperparams(sgd)(0.5);
 * const state = tx.init([np.array([0])]);
 * state.hyperparams.learningRate = np.array(2);
 * tx.update([np.array([1])], state)[0][0].js(); // => [-2]
 */
export function injectHyperparams<F extends Factory>(
  innerFactory: F,
  ...rest: Rest<InjectHyperparamsOptions>
): (...args: Parameters<F>) => GradientTransformation {
  const options = named<InjectHyperparamsOptions>("injectHyperparams", ["staticArgs", "hyperparamDtype"], rest);
  const { staticArgs = [], hyperparamDtype = null } = options;
  const still = new Set<string>([staticArgs].flat());
  return (...args) => {
    const [first, ...others] = args as readonly unknown[];
    const last = args[args.length - 1] as unknown;
    const byName: Record<string, unknown> = isPlain(last) ? last : {};
    const given: Record<string, unknown> =
      isPlain(first) || args.length === 0 ? byName : { learningRate: first, ...byName };
    const entries = Object.entries(given).filter(([k]) => !still.has(k));
    const numbers = entries.filter(([, v]) => typeof v === "number" || isArray(v)) as [string, Scalar][];
    const schedules = entries.flatMap(([k, v]): [string, StatefulSchedule][] => {
      if (isStateful(v)) return [[k, v]];
      return typeof v === "function" && !isMask(k) ? [[k, new WrappedSchedule(v as Schedule)]] : [];
    });
    const each = <T>(f: (schedule: StatefulSchedule, name: string) => T): Record<string, T> =>
      Object.fromEntries(schedules.map(([k, s]) => [k, f(s, k)]));

    const build = (hyperparams: Record<string, Array>): GradientTransformation => {
      const { learningRate, ...all } = { ...given, ...hyperparams };
      if (isPlain(first) || args.length === 0) return innerFactory(...([{ ...given, ...hyperparams }] as never[]));
      const between = isPlain(last) ? others.slice(0, -1) : others;
      return innerFactory(...([learningRate, ...between, ...(isPlain(last) ? [all] : [])] as never[]));
    };
    const dtypeOf = (params: unknown): DType =>
      hyperparamDtype ?? (tree.leaves(params).length === 0 ? "float32" : treeDtype(params, "highest"));

    return GradientTransformation(
      (params: unknown): InjectHyperparamsState => {
        const dtype = dtypeOf(params);
        const hyperparamsStates = each((s) => s.init() as OptState);
        const hyperparams = {
          ...Object.fromEntries(numbers.map(([k, v]) => [k, scalarOf(v, dtype)])),
          ...each((s, k) => scalarOf(s.value(hyperparamsStates[k]), dtype)),
        };
        const innerState: OptState = build(hyperparams).init(params);
        return { count: zeroCount(), hyperparams, hyperparamsStates, innerState };
      },
      (updates: unknown, state, params: unknown, extra) => {
        const known = state.hyperparamsStates;
        const scheduled = each((s, k) => scalarOf(s.value(known[k], extra), state.hyperparams[k]!.dtype));
        const hyperparams = { ...state.hyperparams, ...scheduled };
        const [out, innerState] = build(hyperparams).update(updates, state.innerState, params, extra);
        const hyperparamsStates = each((s, k) => s.update(known[k], extra) as OptState);
        return [out, { count: safeIncrement(state.count), hyperparams, hyperparamsStates, innerState }];
      },
    );
  };
}

/** As `injectHyperparams`. @example injectStatefulHyperparams(sgd)(0.5).init([np.ones([1])]).hyperparams.learningRate.item(); // => 0.5 */
export const injectStatefulHyperparams: typeof injectHyperparams = (factory, ...rest) =>
  injectHyperparams(factory, ...rest);
