/** Momentum with orthogonalized steps, for matrices. */
import { type Array, type DType, ShapeError, numpy as np, tree } from "@jax-js/jax";
import { GradientTransformation, type Scalar, type ScalarOrSchedule, mapLeaves, stateless } from "../base";
import { type Rest, named } from "../named";
import { safeIncrement, zeroCount } from "../numerics";
import { adamw } from "../optimizers/adam";
import { times } from "../scalars";
import { addDecayedWeights } from "../transforms/adding";
import { chain } from "../transforms/chain";
import { partition } from "../transforms/partition";
import { firstMoment } from "../transforms/scale-by-adam";
import { scaleByLearningRate } from "../transforms/schedule";
import { treeZerosLike } from "../tree/make";
import { treeCast } from "../tree/math";
import { treeUpdateMoment } from "../tree/moments";
import { DimensionNumbers, type DimensionNumbersOrFn, fans, numbersOfLeaves } from "./dimension-numbers";
import { type Preconditioning, checkPreconditioning, orthogonalized } from "./newton-schulz";

/**
 * Axes of a weight that are inputs (`reductionAxis`, 0) and outputs (`outputAxis`, 1); the others are a batch.
 *
 * Source: optax.contrib.MuonDimensionNumbers.
 * @example
 * new MuonDimensionNumbers({ reductionAxis: [0, 1], outputAxis: 2 }).outputAxis; // => 2
 */
export class MuonDimensionNumbers extends DimensionNumbers {}

type Triple = readonly [Scalar, Scalar, Scalar];

/** Coefficients of `a x + b x³ + c x⁵`, one triple for all steps or one for each. */
export type NewtonSchulzCoefficients = Triple | readonly Triple[] | Array;

const STANDARD: Triple = [3.4445, -4.775, 2.0315];
const PRESETS: Readonly<Record<string, NewtonSchulzCoefficients>> = {
  standard: STANDARD,
  dion: [
    [4.0848, -6.8946, 2.927],
    [3.9505, -6.3029, 2.6377],
    [3.7418, -5.5913, 2.3037],
    [2.8769, -3.1427, 1.2046],
    [2.8366, -3.0525, 1.2012],
  ],
};

export interface ScaleByMuonOptions {
  nsCoeffs?: NewtonSchulzCoefficients;
  /** Number of Newton-Schulz steps; 5. */
  nsSteps?: number;
  /** Decay of the momentum; 0.95. */
  beta?: Scalar;
  eps?: Scalar;
  muDtype?: DType | null;
  /** True. */
  nesterov?: boolean;
  /** Scale steps by their inner product with the momentum; false. */
  adaptive?: boolean;
  /** "frobenius". */
  preconditioning?: Preconditioning;
  /** Axes of inputs and outputs; 0 and 1. */
  weightDimensionNumbers?: DimensionNumbersOrFn | null;
}

export interface MuonState<P = unknown> {
  count: Array;
  mu: P;
  nsCoeffs: Array;
}

function coefficientArray(given: NewtonSchulzCoefficients, nsSteps: number): Array {
  const c = np.array(given as never) as Array;
  if (c.ndim > 2 || c.ndim < 1 || c.shape[c.ndim - 1] !== 3) {
    throw new ShapeError(`muon: nsCoeffs must have shape [3] or [n, 3], got [${c.shape}]`);
  }
  if (c.ndim === 1) return c;
  const n = c.shape[0]!;
  if (n > nsSteps) throw new RangeError(`muon: ${n} triples of nsCoeffs for ${nsSteps} steps; give nsSteps: ${n}`);
  return c;
}

/** Applies f to each leaf and its dimension numbers. */
function mapNumbered(
  f: (x: Array, numbers: DimensionNumbers) => Array,
  x: unknown,
  spec: DimensionNumbersOrFn,
): unknown {
  const [leaves, treedef] = tree.flatten<Array>(x);
  const numbers = numbersOfLeaves(spec, x);
  return tree.unflatten(treedef, leaves.map((leaf, i) => f(leaf, numbers[i]!))); // prettier-ignore
}

/**
 * Momentum whose singular values are moved near 1, for weights of rank 2 (or with dimension numbers of more). State
 * `{ count, mu, nsCoeffs }`.
 *
 * Options: nsCoeffs, nsSteps = 5, beta = 0.95, eps = 1e-8, muDtype, nesterov = true, adaptive = false,
 * preconditioning = "frobenius", weightDimensionNumbers; by position too.
 * Errors: ShapeError for weights of rank 0 or 1, or other shapes of nsCoeffs; RangeError for another preconditioning.
 * Source: Jordan et al., "Muon: an optimizer for hidden layers in neural networks", 2024; optax.contrib.scale_by_muon.
 * @example
 * const tx = scaleByMuon();
 * const [u] = tx.update(np.array([[2, 0], [0, 2]]), tx.init(np.eye(2)));
 * np.allclose(u, np.eye(2), { atol: 0.3 }); // => true
 */
export function scaleByMuon(...rest: Rest<ScaleByMuonOptions>): GradientTransformation {
  const names = [
    "nsCoeffs", "nsSteps", "beta", "eps", "muDtype", "nesterov", "adaptive", "preconditioning", "weightDimensionNumbers",
  ] as const; // prettier-ignore
  const options = named<ScaleByMuonOptions>("scaleByMuon", names, rest) as ScaleByMuonOptions;
  const { nsCoeffs = STANDARD, nsSteps = 5, beta = 0.95, eps = 1e-8, muDtype = null, nesterov = true } = options;
  const { adaptive = false, preconditioning = "frobenius" } = options;
  const spec = options.weightDimensionNumbers ?? new MuonDimensionNumbers();
  checkPreconditioning(preconditioning);
  return GradientTransformation(
    (params: unknown): MuonState => ({
      count: zeroCount(),
      mu: treeZerosLike(params, muDtype),
      nsCoeffs: coefficientArray(nsCoeffs, nsSteps),
    }),
    (updates: unknown, state) => {
      const mu = treeUpdateMoment(updates, state.mu, beta, 1);
      const count = safeIncrement(state.count);
      const mean = firstMoment(updates, mu, beta, count, nesterov);
      const newton = { nsCoeffs: state.nsCoeffs, nsSteps, preconditioning, eps };
      const steps = mapNumbered((x, numbers) => orthogonalized(x, numbers, newton), mean, spec);
      const out = adaptive ? mapLeaves((m: Array, u: Array) => u.mul(np.sum(m.mul(u))), mean, steps) : steps;
      return [out, { count, mu: treeCast(mu, muDtype), nsCoeffs: state.nsCoeffs }];
    },
  );
}

/** Scales steps by the shape of the weight: `sqrt(max(1, out / in))`, or `consistentRms * sqrt(max(in, out))`. */
function scaleByShape(spec: DimensionNumbersOrFn, consistentRms: Scalar | null): GradientTransformation {
  const scaled = (x: Array, numbers: DimensionNumbers): Array => {
    const [fanIn, fanOut] = fans(x, numbers);
    if (consistentRms === null) return x.mul(Math.sqrt(Math.max(1, fanOut / fanIn)));
    return times(x, consistentRms).mul(Math.sqrt(Math.max(fanIn, fanOut)));
  };
  return stateless((updates: unknown) => mapNumbered(scaled, updates, spec));
}

export interface MuonOptions extends Omit<ScaleByMuonOptions, "nsCoeffs" | "weightDimensionNumbers"> {
  /** Coefficients, or "standard" or "dion". */
  nsCoeffs?: NewtonSchulzCoefficients | string;
  weightDecay?: ScalarOrSchedule;
  weightDecayMask?: unknown;
  adamB1?: Scalar;
  adamB2?: Scalar;
  adamEpsRoot?: Scalar;
  adamWeightDecay?: ScalarOrSchedule;
  /** That of muon if null. */
  adamLearningRate?: ScalarOrSchedule | null;
  /** Axes of inputs and outputs of weights, null for those of adam; without it all weights of rank 2. */
  muonWeightDimensionNumbers?: DimensionNumbersOrFn | null;
  /** Root mean square of steps, in place of a factor from the shape. */
  consistentRms?: Scalar | null;
}

function presetOf(nsCoeffs: NewtonSchulzCoefficients | string): NewtonSchulzCoefficients {
  if (typeof nsCoeffs !== "string") return nsCoeffs;
  const preset = PRESETS[nsCoeffs];
  if (preset !== undefined) return preset;
  throw new RangeError(`muon: expected nsCoeffs of ${Object.keys(PRESETS).join(", ")} or numbers, got ${nsCoeffs}`);
}

/**
 * Muon for weights of rank 2, AdamW for the others.
 *
 * Options: nsCoeffs = "standard", nsSteps = 5, beta = 0.95, eps = 1e-8, weightDecay = 0, weightDecayMask, muDtype,
 * nesterov = true, adaptive = false, preconditioning = "frobenius", adamB1 = 0.9, adamB2 = 0.999, adamEpsRoot = 0,
 * adamWeightDecay = 0, adamLearningRate, muonWeightDimensionNumbers, consistentRms; by position too.
 * Errors: as scaleByMuon; RangeError for another name of nsCoeffs.
 * Source: Jordan et al., 2024; Liu et al., "Muon is scalable for LLM training", 2025; optax.contrib.muon.
 * @example
 * const tx = muon(0.1);
 * const params = { w: np.eye(2), b: np.zeros([2]) };
 * const [u] = tx.update({ w: np.eye(2), b: np.ones([2]) }, tx.init(params), params);
 * [np.allclose(u.w, np.eye(2).mul(-0.1), { atol: 0.03 }), np.allclose(u.b, [-0.147368, -0.147368])]; // => [true, true]
 */
export function muon(learningRate: ScalarOrSchedule, ...rest: Rest<MuonOptions>): GradientTransformation {
  const names = [
    "nsCoeffs", "nsSteps", "beta", "eps", "weightDecay", "weightDecayMask", "muDtype", "nesterov", "adaptive",
    "preconditioning", "adamB1", "adamB2", "adamEpsRoot", "adamWeightDecay", "adamLearningRate",
    "muonWeightDimensionNumbers", "consistentRms",
  ] as const; // prettier-ignore
  const options = named<MuonOptions>("muon", names, rest) as MuonOptions;
  const { nsCoeffs = "standard", nsSteps = 5, beta = 0.95, eps = 1e-8, muDtype = null, nesterov = true } = options;
  const { weightDecay = 0, weightDecayMask = null, adaptive = false, preconditioning = "frobenius" } = options;
  const { adamB1 = 0.9, adamB2 = 0.999, adamEpsRoot = 0, adamWeightDecay = 0, consistentRms = null } = options;
  const { muonWeightDimensionNumbers = null } = options;
  const matrix = new MuonDimensionNumbers();
  const numbersOf: DimensionNumbersOrFn =
    muonWeightDimensionNumbers ??
    ((params) => tree.map(((x: Array) => (x.ndim === 2 ? matrix : null)) as never, params as never) as unknown);
  const labels = (params: unknown): unknown => {
    const own = numbersOfLeaves(numbersOf, params).map((n) => (n === null ? "adam" : "muon"));
    return tree.unflatten(tree.structure(params), own);
  };
  const shared = { nsSteps, beta, eps, muDtype, nesterov, adaptive, preconditioning };
  return partition(
    {
      muon: chain(
        scaleByMuon({ ...shared, nsCoeffs: presetOf(nsCoeffs), weightDimensionNumbers: numbersOf }),
        scaleByShape(numbersOf, consistentRms),
        addDecayedWeights({ weightDecay, mask: weightDecayMask }),
        scaleByLearningRate(learningRate),
      ),
      adam: adamw(options.adamLearningRate ?? learningRate, {
        b1: adamB1,
        b2: adamB2,
        eps,
        epsRoot: adamEpsRoot,
        weightDecay: adamWeightDecay,
        muDtype,
        nesterov,
      }),
    },
    labels,
  );
}
