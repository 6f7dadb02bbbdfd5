/** Line searches. */
export {
  type BacktrackingLinesearchInfo,
  type ScaleByBacktrackingLinesearchOptions,
  type ScaleByBacktrackingLinesearchState,
  scaleByBacktrackingLinesearch,
} from "./backtracking";
export {
  type ScaleByZoomLinesearchOptions,
  type ScaleByZoomLinesearchState,
  type ZoomLinesearchInfo,
  scaleByZoomLinesearch,
} from "./scale-by-zoom-linesearch";
export { valueAndGradFromState } from "./value-and-grad-from-state";
