/** The second moment as an outer product of row and column means. */
import { type Array, numpy as np } from "@jax-js/jax";
import { type Scalar, GradientTransformation, mapTree, needParams } from "../base";
import { type Rest, named } from "../named";
import { safeIncrement, zeroCount } from "../numerics";
import { add, pow, sub, times } from "../scalars";

export interface ScaleByFactoredRmsOptions {
  /** False keeps the whole second moment; true. */
  factored?: boolean;
  /** Exponent of the decay `1 - t ** -decayRate`; 0.8. */
  decayRate?: Scalar;
  /** Step at which the decay starts; 0. */
  stepOffset?: number;
  /** Both of the two largest axes must have this size for factors; 128. */
  minDimSizeToFactor?: number;
  /** Added to squares; 1e-30. */
  epsilon?: Scalar;
  /** Decay of the step and `decayRate`. */
  decayRateFn?: (step: Scalar, decayRate: Scalar) => Scalar;
}

interface Moments {
  update: Array;
  vRow: Array;
  vCol: Array;
  v: Array;
}

export interface FactoredState<P = unknown> {
  count: Array;
  vRow: P;
  vCol: P;
  v: P;
}

/**
 * Divides updates by the root of their second moment, kept as means of rows and columns. State
 * `{ count, vRow, vCol, v }`.
 *
 * Source: Shazeer and Stern, "Adafactor: adaptive learning rates with sublinear memory cost", 2018;
 * optax.scale_by_factored_rms.
 * @example
 * const tx = scaleByFactoredRms();
 * const params = [np.ones([2])];
 * np.allclose(tx.update([np.array([-3, 4])], tx.init(params), params)[0][0], [-1, 1]); // => true
 */
export function scaleByFactoredRms(...rest: Rest<ScaleByFactoredRmsOptions>): GradientTransformation {
  const names = ["factored", "decayRate", "stepOffset", "minDimSizeToFactor", "epsilon", "decayRateFn"] as const;
  const options = named<ScaleByFactoredRmsOptions>("scaleByFactoredRms", names, rest);
  const { factored = true, decayRate = 0.8, stepOffset = 0, minDimSizeToFactor = 128, epsilon = 1e-30 } = options;
  const { decayRateFn = powerDecay } = options;
  const axesOf = (shape: readonly number[]) => (factored ? factoredAxes(shape, minDimSizeToFactor) : null);

  const start = (p: Array): Moments => {
    const axes = axesOf(p.shape);
    const none = (): Array => np.zeros([1], { dtype: p.dtype });
    const without = (axis: number): Array => np.zeros(p.shape.filter((_, i) => i !== axis), { dtype: p.dtype }); // prettier-ignore
    if (axes === null) return { update: none(), vRow: none(), vCol: none(), v: np.zerosLike(p) };
    return { update: none(), vRow: without(axes[1]), vCol: without(axes[0]), v: none() };
  };

  const step = (g: Array, vRow: Array, vCol: Array, v: Array, decay: Scalar): Moments => {
    const axes = axesOf(g.shape);
    const none = (): Array => np.zeros([1], { dtype: g.dtype });
    const squares = np.square(g).add(epsilon as number);
    const mix = (old: Array, now: Array): Array => times(old, decay).add(times(now, sub(1, decay)));
    if (axes === null) {
      const next = mix(v, squares);
      return { update: g.mul(inverseRoot(next)), vRow: none(), vCol: none(), v: next };
    }
    const [d1, d0] = axes;
    const rows = mix(vRow, np.mean(squares, d0));
    const cols = mix(vCol, np.mean(squares, d1));
    const mean = np.mean(rows, d1 > d0 ? d1 - 1 : d1, { keepdims: true });
    const rowFactor = np.expandDims(inverseRoot(rows.div(mean)), d0);
    const colFactor = np.expandDims(inverseRoot(cols), d1);
    return { update: g.mul(rowFactor).mul(colFactor), vRow: rows, vCol: cols, v: none() };
  };

  const field = (moments: unknown, key: keyof Moments): unknown => mapTree((m: Box) => m.moments[key], moments);

  return GradientTransformation(
    (params: unknown): FactoredState => {
      const boxes = mapTree((p: Array) => new Box(start(p)), params);
      return { count: zeroCount(), vRow: field(boxes, "vRow"), vCol: field(boxes, "vCol"), v: field(boxes, "v") };
    },
    (updates: unknown, state, params: unknown) => {
      needParams("scaleByFactoredRms", params);
      const count = state.count;
      const decay = decayRateFn(sub(count, stepOffset), decayRate);
      const next = (g: Array, row: Array, col: Array, v: Array): Box => new Box(step(g, row, col, v, decay));
      const boxes = mapTree(next, updates, state.vRow, state.vCol, state.v);
      return [
        field(boxes, "update"),
        { count: safeIncrement(count), vRow: field(boxes, "vRow"), vCol: field(boxes, "vCol"), v: field(boxes, "v") },
      ];
    },
  );
}

/** A leaf that holds several arrays. */
class Box {
  readonly moments: Moments;
  constructor(moments: Moments) {
    this.moments = moments;
  }
}

const inverseRoot = (x: Array): Array => np.reciprocal(np.sqrt(x));

/** `1 - (step + 1) ** -exponent`. */
const powerDecay = (step: Scalar, exponent: Scalar): Scalar => sub(1, pow(add(step, 1), sub(0, exponent)));

/** The second largest and the largest axis, or null if the second is too small. */
function factoredAxes(shape: readonly number[], least: number): [number, number] | null {
  if (shape.length < 2) return null;
  const order = shape.map((_, i) => i).sort((a, b) => shape[a]! - shape[b]! || a - b);
  const [d1, d0] = order.slice(-2) as [number, number];
  return shape[d1]! < least ? null : [d1, d0];
}
