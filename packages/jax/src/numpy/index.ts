/** NumPy's functions on arrays. */
export type { Tracer as Array } from "../core/tracer";
export { Tracer as ndarray } from "../core/tracer";
export type { ArrayLike, Axis } from "./lift";
export * from "./aliases";
export {
  add, arctan2, atan2, copysign, divide, divmod, floatPower, floorDivide, fmax, fmin, fmod, heaviside, hypot, ldexp,
  maximum, minimum, mod, multiply, nextafter, pow, power, remainder, signbit, subtract, trueDivide,
} from "./arithmetic"; // prettier-ignore
export * from "./bitwise";
export * from "./constants";
export {
  type ArrayOptions, type CreationOptions, type LikeOptions, arange, array, asarray, astype, copy, empty, emptyLike, full, fullLike, ones, onesLike, zeros,
  zerosLike,
} from "./creation"; // prettier-ignore
export * from "./cumulative";
export * from "./divisors";
export * from "./dtypes";
export { einsum, einsumPath } from "./einsum";
export * from "./elementwise";
export * as fft from "./fft";
export * from "./from-data";
export * from "./functional";
export * from "./grids";
export * from "./histogram";
export type { RecursiveArray } from "./host";
export { type TakeOptions, take, takeAlongAxis } from "./indexing";
export {
  delete_, delete_ as delete, fillDiagonal, insert, place, put, putAlongAxis, ravelMultiIndex, unravelIndex,
} from "./insertion"; // prettier-ignore
export * from "./joining";
export * as linalg from "./linalg-index";
export * from "./linear";
export * from "./logaddexp";
export * from "./logic";
export * from "./matrix";
export * from "./nan";
export * from "./numerics";
export { type PadMode, type PadOptions, type PadWidth, pad } from "./padding";
export * from "./poly";
export * from "./polyfit";
export * from "./printing";
export * from "./quantile";
export * from "./ranges";
export * from "./rearrange";
export {
  type AxisArg, all, amax, amin, any, argmax, argmin, countNonzero, max, mean, min, prod, ptp, sum,
} from "./reductions"; // prettier-ignore
export type { ReduceOptions } from "./options";
export { load, loadz, save, savez } from "./save";
export * from "./selection";
export * from "./set-operations";
export {
  trimZeros,
  union1d,
  unique,
  uniqueAll,
  uniqueCounts,
  uniqueInverse,
  type UniqueOptions,
  uniqueValues,
} from "./sets";
export * from "./shape";
export * from "./signal";
export * from "./sorting";
export { type VarOptions, average, corrcoef, cov, std, var_, var_ as var } from "./statistics";
export { i0 } from "../scipy/bessel";
export * from "./type-tests";
export { type Ufunc, type UfuncReduceOptions, frompyfunc } from "./ufunc";
export * from "./windows";
