/** SciPy's special functions. */
export { logSoftmax, logsumexp, softmax } from "../nn/softmax";
export { i0, i0e, i1, i1e } from "./bessel";
export {
  beta,
  betaln,
  digamma,
  factorial,
  gamma,
  gammaln,
  gammasgn,
  multigammaln,
  poch,
  polygamma,
  rgamma,
  zeta,
} from "./gamma";
export { gammainc, gammaincc } from "./incomplete-gamma";
export { exp1, expi, spence } from "./integrals";
export { boxcox, boxcox1p, entr, expit, klDiv, logit, relEntr, xlog1py, xlogy } from "./logarithmic";
export { erf, erfc, erfinv, logNdtr, ndtr, ndtri } from "./normal";
