/** Numerical integration. */
export { trapezoid } from "../numpy/cumulative";
