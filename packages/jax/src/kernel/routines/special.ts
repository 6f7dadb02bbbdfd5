/** Special functions in float64 on the host. */
export { erf, erfInv, erfc } from "./erf";
export { digamma, lgamma } from "./gamma";
