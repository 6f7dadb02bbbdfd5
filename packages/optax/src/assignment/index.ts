/** The assignment problem. */
export { baseHungarianAlgorithm, hungarianAlgorithm } from "./hungarian";
