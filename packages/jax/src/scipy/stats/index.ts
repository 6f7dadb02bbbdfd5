/** Distributions, one namespace each, and functions of samples. */
export * as bernoulli from "./bernoulli";
export * as beta from "./beta";
export * as betabinom from "./betabinom";
export * as binom from "./binom";
export * as cauchy from "./cauchy";
export * as chi2 from "./chi2";
export * as dirichlet from "./dirichlet";
export * as expon from "./expon";
export * as gamma from "./gamma";
export * as gennorm from "./gennorm";
export * as geom from "./geom";
export * as gumbelL from "./gumbel-l";
export * as gumbelR from "./gumbel-r";
export * as laplace from "./laplace";
export * as logistic from "./logistic";
export * as multinomial from "./multinomial";
export * as multivariateNormal from "./multivariate-normal";
export * as nbinom from "./nbinom";
export * as norm from "./norm";
export * as pareto from "./pareto";
export * as poisson from "./poisson";
export * as t from "./t";
export * as truncnorm from "./truncnorm";
export * as uniform from "./uniform";
export * as vonmises from "./vonmises";
export * as wrapcauchy from "./wrapcauchy";
export {
  type ModeOptions,
  type ModeResult,
  type RankMethod,
  type RankOptions,
  type SemOptions,
  mode,
  rankdata,
  sem,
} from "./sample";
export { type BandwidthMethod, GaussianKde, type KdeOptions, gaussianKde } from "./kde";
