/** Second moments that are smaller than the parameters: one for each layer, or one for each row and column. */
import { type Array, type DType, numpy as np } from "@jax-js/jax";
import { type Scalar, GradientTransformation, mapLeaves, mapTree } from "../base";
import { type Rest, named } from "../named";
import { safeIncrement, zeroCount } from "../numerics";
import { plus, sub, times } from "../scalars";
import { treeZerosLike } from "../tree/make";
import { treeCast } from "../tree/math";
import { treeUpdateMoment } from "../tree/moments";

export interface ScaleByNovogradOptions {
  /** Decay of the momentum; 0.9. */
  b1?: Scalar;
  /** Decay of the layers' squared norms; 0.25. */
  b2?: Scalar;
  eps?: Scalar;
  epsRoot?: Scalar;
  /** Factor of parameters added to the scaled gradients; 0. */
  weightDecay?: Scalar;
  muDtype?: DType | null;
}

export interface ScaleByNovogradState<P = unknown> {
  count: Array;
  mu: P;
  nu: P;
}

/**
 * Gradients over the norm of their layer, with momentum. State `{ count, mu, nu }`; nu is a scalar for each leaf.
 *
 * Source: Ginsburg et al., "Stochastic gradient methods with layer-wise adaptive moments", 2019;
 * optax.scale_by_novograd.
 * @example
 * const tx = scaleByNovograd();
 * const params = [np.ones([2])];
 * np.allclose(tx.update([np.array([3, 4])], tx.init(params), params)[0][0], [0.6, 0.8]); // => true
 */
export function scaleByNovograd(...rest: Rest<ScaleByNovogradOptions>): GradientTransformation {
  const names = ["b1", "b2", "eps", "epsRoot", "weightDecay", "muDtype"] as const;
  const options = named<ScaleByNovogradOptions>("scaleByNovograd", names, rest);
  const { b1 = 0.9, b2 = 0.25, eps = 1e-8, epsRoot = 0, weightDecay = 0, muDtype = null } = options;
  return GradientTransformation(
    (params: unknown): ScaleByNovogradState => ({
      count: zeroCount(),
      mu: treeZerosLike(params, muDtype),
      nu: mapLeaves((p) => np.zeros([], { dtype: p.dtype }), params),
    }),
    (updates: unknown, state, params: unknown) => {
      const first = state.count.equal(0);
      const energy = (g: Array, n: Array): Array => {
        const now = np.sum(np.square(g));
        return np.where(first, now, times(now, sub(1, b2)).add(times(n, b2)));
      };
      const nu = mapLeaves(energy, updates, state.nu);
      const scaled = (g: Array, n: Array, m: Array, p?: Array): Array => {
        const unit = g.div(plus(np.sqrt(plus(n, epsRoot)), eps));
        const step = p === undefined || weightDecay === 0 ? unit : unit.add(times(p, weightDecay));
        return np.where(first, step, times(m, b1).add(step));
      };
      const others = params === undefined ? [] : [params];
      const mu = treeCast(mapLeaves(scaled as never, updates, nu, state.mu, ...others), muDtype);
      return [mu, { count: safeIncrement(state.count), mu, nu }];
    },
  );
}

export interface ScaleBySm3Options {
  /** Decay of the momentum; 0.9. */
  b1?: Scalar;
  /** Decay of the accumulators; 1 sums. */
  b2?: Scalar;
  eps?: Scalar;
}

export interface ScaleBySM3State<P = unknown> {
  mu: P;
  nu: P;
}

/**
 * Adagrad whose sums of squares are kept for each index of each axis only. State `{ mu, nu }`: mu holds a list of
 * vectors for each leaf, nu the momentum.
 *
 * Source: Anil et al., "Memory-efficient adaptive optimization", 2019; optax.scale_by_sm3.
 * @example
 * const tx = scaleBySm3({ b1: 0 });
 * np.allclose(tx.update([np.array([-4, 2])], tx.init([np.ones([2])]))[0][0], [-1, 1]); // => true
 */
export function scaleBySm3(...rest: Rest<ScaleBySm3Options>): GradientTransformation {
  const { b1 = 0.9, b2 = 1, eps = 1e-8 } = named<ScaleBySm3Options>("scaleBySm3", ["b1", "b2", "eps"], rest);
  const vectors = (p: Array): Array[] => p.shape.map((n) => np.zeros([n], { dtype: p.dtype }));
  /** A vector along one axis, ready to broadcast over the others. */
  const along = (v: Array, axis: number, rank: number): Array =>
    v.reshape(globalThis.Array.from({ length: rank }, (_, i) => (i === axis ? v.size : 1)));
  return GradientTransformation(
    (params: unknown): ScaleBySM3State => ({ mu: mapTree(vectors, params), nu: treeZerosLike(params) }),
    (updates: unknown, state) => {
      const accumulate = (g: Array, covers: Array[]): Array => {
        const bound = covers.map((v, i) => along(v, i, g.ndim)).reduce((a, b) => np.minimum(a, b), np.array(Infinity));
        const known = covers.length === 0 ? np.zerosLike(g) : bound;
        return times(np.square(g), b2 === 1 ? 1 : sub(1, b2)).add(times(known, b2));
      };
      const sums = mapTree(accumulate, updates, state.mu);
      const scaled = (g: Array, s: Array): Array =>
        g.mul(np.where(s.greater(0), np.reciprocal(np.sqrt(plus(s, eps))), 0));
      const nu = treeUpdateMoment(mapLeaves(scaled, updates, sums), state.nu, b1, 1);
      const cover = (s: Array): Array[] =>
        s.shape.map((_, i) =>
          s.ndim < 2
            ? s
            : np.max(
                s,
                s.shape.map((_n, j) => j).filter((j) => j !== i),
              ),
        );
      return [nu, { mu: mapTree(cover, sums), nu }];
    },
  );
}
