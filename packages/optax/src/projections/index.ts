/** Projections on sets. */
export {
  projectionBox,
  projectionHalfspace,
  projectionHypercube,
  projectionHyperplane,
  projectionL2Ball,
  projectionL2Sphere,
  projectionLinfBall,
  projectionNonNegative,
  projectionVector,
} from "./sets";
export { projectionL1Ball, projectionL1Sphere, projectionSimplex } from "./simplex";
