/** Smooth versions of functions. */
export { type MakePerturbedFunOptions, type Noise, Gumbel, Normal, makePerturbedFun } from "./perturbations";
