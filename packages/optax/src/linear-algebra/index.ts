/** Linear algebra and distributions. */
export { type MatrixInversePthRootOptions, matrixInversePthRoot } from "./matrix-inverse-pth-root";
export { MultiNormalDiagFromLogScale, multiNormal } from "./multi-normal";
export { nnls } from "./nnls";
export { type PowerIterationOptions, powerIteration } from "./power-iteration";
export { scaleGradient } from "./scale-gradient";
