/** Density estimates from samples. */
import { checkOptions } from "../../base/option-names";
import { JaxError, ShapeError } from "../../base/errors";
import { prod } from "../../base/list";
import { Tracer } from "../../core/tracer";
import { divide, power } from "../../numpy/arithmetic";
import { exp, log, sqrt } from "../../numpy/elementwise";
import { type ArrayLike, convert, inexact, lift, own, promoteInexactDTypes } from "../../numpy/lift";
import { diagonal } from "../../numpy/matrix";
import { owned } from "../../numpy/owned";
import { sum } from "../../numpy/reductions";
import { atleast1d, atleast2d } from "../../numpy/shape";
import { cov } from "../../numpy/statistics";
import { inv } from "../../numpy/linalg";
import { logsumexp } from "../../nn/softmax";
import * as ops from "../../ops/index";
import { choice } from "../../random/choose";
import { split } from "../../random/key";
import { multivariateNormal } from "../../random/matrix";
import { type PytreeNode, pytreeNode } from "../../tree/index";
import { ndtrFormula } from "../normal";

/** How wide each sample is made: a rule, a factor, or a function that gives the factor. */
export type BandwidthMethod = "scott" | "silverman" | number | Tracer | ((kde: GaussianKde) => ArrayLike);

export interface KdeOptions {
  /** "scott" unless given. */
  readonly bwMethod?: BandwidthMethod | null | undefined;
  /** Weights of the samples; equal unless given. */
  readonly weights?: ArrayLike | readonly number[] | null | undefined;
}

type Parts = readonly [neff: Tracer, dataset: Tracer, weights: Tracer, covariance: Tracer, invCov: Tracer];

/** The density `sum of weights[i] N(x - dataset[:, i]; covariance)`. Owns its arrays: dispose of it, or use `using`. */
export class GaussianKde {
  /** Effective number of samples. */
  readonly neff: Tracer;
  /** [d, n] */
  readonly dataset: Tracer;
  /** [n], of sum 1 */
  readonly weights: Tracer;
  /** [d, d] */
  readonly covariance: Tracer;
  readonly invCov: Tracer;

  constructor(parts: Parts) {
    [this.neff, this.dataset, this.weights, this.covariance, this.invCov] = parts;
  }

  /** Number of dimensions. */
  get d(): number {
    return this.dataset.shape[0]!;
  }
  /** Number of samples. */
  get n(): number {
    return this.dataset.shape[1]!;
  }

  /** A node of pytrees, so that it can be an argument of jit, grad and vmap. */
  get [pytreeNode](): PytreeNode<GaussianKde> {
    return {
      name: "GaussianKde",
      flatten: (k) => [[k.neff, k.dataset, k.weights, k.covariance, k.invCov], null],
      unflatten: (_aux, children) => new GaussianKde(children as unknown as Parts),
    };
  }

  /** Points as [d, m]; a vector is one point of d dimensions, or m points of one. */
  private pointsOf(points: ArrayLike): Tracer {
    const x = atleast2d(points);
    if (x.shape[0] === this.d) return x;
    if (x.shape[0] === 1 && x.shape[1] === this.d) return x.reshape([this.d, 1]);
    throw new ShapeError(`gaussianKde: points have dimension ${x.shape[0]}, the samples ${this.d}`);
  }

  /** Logarithms of the terms [n, m] of the density at m points, and weights [n, 1]. */
  private terms(points: ArrayLike): { logs: Tracer; weights: Tracer } {
    const given = promoteInexactDTypes([this.dataset, this.weights, this.invCov, this.pointsOf(points)]);
    const [data, weights, precision, x] = given as [Tracer, Tracer, Tracer, Tracer];
    const [d, n, m] = [this.d, this.n, x.shape[1]!];
    const whitening = ops.cholesky(precision); // lower
    const [from, to] = [whitening.T.dot(data).reshape([d, n, 1]), whitening.T.dot(x).reshape([d, 1, m])];
    const scale = sum(log(diagonal(whitening))).sub(0.5 * d * Math.log(2 * Math.PI));
    const logs = sum(ops.square(from.sub(to)), 0)
      .mul(-0.5)
      .add(scale);
    return { logs, weights: weights.reshape([n, 1]) };
  }

  /** Density at points [d, m]. @example scipy.stats.gaussianKde(np.array([0, 1])).evaluate(0.5).js(); // => [0.46598] */
  evaluate(points: ArrayLike): Tracer {
    return owned(() => {
      const { logs, weights } = this.terms(points);
      return sum(exp(logs).mul(weights), 0);
    });
  }
  /** As `evaluate`. */
  pdf(points: ArrayLike): Tracer {
    return this.evaluate(points);
  }
  /** Logarithm of the density at points. */
  logpdf(points: ArrayLike): Tracer {
    return owned(() => {
      const { logs, weights } = this.terms(points);
      return logsumexp(logs.add(log(weights)), 0);
    });
  }

  /** The integral of the density between two numbers, for samples of one dimension. */
  integrateBox1d(low: ArrayLike, high: ArrayLike): Tracer {
    if (this.d !== 1) throw new ShapeError(`integrateBox1d: the samples have ${this.d} dimensions, not 1`);
    return owned(() => {
      const sigma = sqrt(this.covariance.reshape([]));
      const data = this.dataset.reshape([this.n]);
      const below = (limit: ArrayLike): Tracer => ndtrFormula(divide(data.neg().add(limit), sigma));
      return sum(this.weights.mul(below(high).sub(below(low))));
    });
  }
  /** The integral of the product with a normal density. */
  integrateGaussian(mean: ArrayLike, covariance: ArrayLike): Tracer {
    return owned(() => {
      const [centre, spread] = [atleast1d(mean), atleast2d(covariance)];
      const [d] = this.dataset.shape as [number, number];
      if (centre.size !== d)
        throw new ShapeError(`integrateGaussian: the mean must have ${d} elements, got ${centre.aval}`);
      if (spread.shape.some((n) => n !== d)) {
        throw new ShapeError(`integrateGaussian: the covariance must be [${d}, ${d}], got ${spread.aval}`);
      }
      return sum(this.overlap(this.covariance.add(spread), centre.reshape([d, 1])).mul(this.weights));
    });
  }
  /** The integral of the product with another density estimate. */
  integrateKde(other: GaussianKde): Tracer {
    if (other.d !== this.d) throw new ShapeError(`integrateKde: dimensions differ: ${this.d} and ${other.d}`);
    return owned(() => {
      const spread = this.covariance.add(other.covariance);
      const overlaps = this.overlap(spread, other.dataset).reshape([this.n, other.n]);
      return sum(overlaps.mul(this.weights.reshape([this.n, 1])).mul(other.weights));
    });
  }
  /** Normal densities of covariance `spread` at all differences of samples and centres [d, m]: [n m]. */
  private overlap(spread: Tracer, centres: Tracer): Tracer {
    const [d, n, m] = [this.d, this.n, centres.shape[1]!];
    const factor = ops.cholesky(spread);
    const difference = this.dataset
      .reshape([d, n, 1])
      .sub(centres.reshape([d, 1, m]))
      .reshape([d, n * m]);
    const options = { leftSide: true, lower: true, transposeA: false, unitDiagonal: false };
    const white = ops.triangularSolve(factor, difference, options);
    const logs = sum(log(diagonal(factor))).add(0.5 * d * Math.log(2 * Math.PI));
    return exp(sum(ops.square(white), 0).mul(-0.5).sub(logs));
  }

  /** Random points [d, ...shape] of the density. */
  resample(key: ArrayLike, shape: readonly number[] = []): Tracer {
    return owned(() => {
      const keys = split(key);
      const [first, second] = [keys.slice(0), keys.slice(1)];
      const index = choice(first, this.n, { shape: [...shape], p: this.weights });
      const zero = ops.full([this.d], 0, this.covariance.dtype);
      const noise = multivariateNormal(second, zero, this.covariance, [...shape]);
      const rows = noise.reshape([prod(shape), this.d]).T.reshape([this.d, ...shape]);
      return this.dataset.take(index, 1).add(rows);
    });
  }

  dispose(): void {
    for (const x of [this.neff, this.dataset, this.weights, this.covariance, this.invCov]) x.dispose();
  }
  [Symbol.dispose](): void {
    this.dispose();
  }
}

function factorOf(kde: GaussianKde, method: BandwidthMethod): ArrayLike {
  if (method === "scott") return power(kde.neff, -1 / (kde.d + 4));
  if (method === "silverman") return power(kde.neff.mul((kde.d + 2) / 4), -1 / (kde.d + 4));
  if (typeof method === "function") return method(kde);
  if (typeof method === "number" || method instanceof Tracer) return method;
  throw new JaxError(
    `gaussianKde: bwMethod must be "scott", "silverman", a number or a function, got ${String(method)}`,
  );
}

/**
 * An estimate of the density that samples have: each is made a normal distribution.
 *
 * Shapes: samples `f32[d, n]`, or `f32[n]` of one dimension. Dtypes: floats. Errors: ShapeError for fewer than two samples
 * and weights of another number; JaxError for unknown bandwidth methods.
 * Differs from JAX: the class is GaussianKde, methods are in camelCase. Not there as in JAX: integrateBox, setBandwidth.
 * @example
 * const kde = scipy.stats.gaussianKde(np.array([0, 1, 3]));
 * kde.pdf(np.array([1])).js(); // => [0.214895]
 */
export function gaussianKde(dataset: ArrayLike, options: KdeOptions = {}): GaussianKde {
  checkOptions("gaussianKde", options, { bwMethod: true, weights: true });
  const parts = owned(() => {
    const given = inexact(atleast2d(dataset));
    if (given.size <= 1) throw new ShapeError(`gaussianKde: expected several samples, got ${given.aval}`);
    const n = given.shape[1]!;
    const [data, weights] = weighted(given, options.weights ?? null, n);
    const neff = divide(1, sum(ops.square(weights)));
    const spread = atleast2d(cov(data, { bias: false, aweights: weights }));
    const precision = inv(spread);
    const plain = new GaussianKde([neff, data, weights, spread, precision]);
    const factor = ops.square(inexact(factorOf(plain, options.bwMethod ?? "scott")));
    const like = (x: Tracer): Tracer => convert(x, data.dtype);
    return {
      neff,
      data: own(data, dataset),
      weights: own(weights, options.weights),
      covariance: like(spread.mul(factor)),
      invCov: like(divide(precision, factor)),
    };
  });
  return new GaussianKde([parts.neff, parts.data, parts.weights, parts.covariance, parts.invCov]);
}

function weighted(data: Tracer, weights: KdeOptions["weights"], n: number): [data: Tracer, weights: Tracer] {
  if (weights === null || weights === undefined) return [data, ops.full([n], 1 / n, data.dtype)];
  const [x, w] = promoteInexactDTypes([data, atleast1d(lift(weights as ArrayLike))]) as [Tracer, Tracer];
  if (w.ndim !== 1 || w.size !== n) throw new ShapeError(`gaussianKde: expected ${n} weights, got ${w.aval}`);
  return [x, divide(w, sum(w))];
}
