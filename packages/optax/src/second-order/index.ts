/** Second derivatives. */
export { type LossFn, fisherDiag, hessianDiag, hvp } from "./second-order";
