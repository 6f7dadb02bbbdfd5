/** Random numbers: JAX's threefry keys bit for bit, and its samplers to rounding. */
export type { SampleOptions } from "./arguments";
export { binomial, multinomial } from "./binomial";
export { bits } from "./bits";
export {
  type CategoricalOptions,
  type ChoiceOptions,
  type PermutationOptions,
  categorical,
  choice,
  permutation,
} from "./choose";
export { gamma, loggamma } from "./gamma";
export { type BallOptions, ball, beta, chisquare, dirichlet, f, generalizedNormal, t } from "./gamma-family";
export { type RandintOptions, bernoulli, geometric, rademacher, randint } from "./integers";
export { cauchy, exponential, gumbel, laplace, logistic, pareto, rayleigh, triangular, weibullMin } from "./inverse";
export { PRNGKey, clone, foldIn, key, keyData, keyDtype, keyImpl, split, wrapKeyData } from "./key";
export { type MultivariateNormalOptions, type OrthogonalOptions, multivariateNormal, orthogonal } from "./matrix";
export { doubleSidedMaxwell, lognormal, maxwell, normal, truncatedNormal, wald } from "./normal";
export { poisson } from "./poisson";
export { type UniformOptions, uniform } from "./uniform";
