/** Functions of large batches in small ones. */
export { type AccumulatorFunctions, type AccumulatorTree, AccumulationType, Accumulator } from "./accumulators";
export {
  type IndividualOutputs,
  type MicroGradOptions,
  type MicroVmapOptions,
  microGrad,
  microVmap,
} from "./micro-grad";
export { type MicrobatchOptions, microbatch, reshapeBatchAxis } from "./microbatch";
