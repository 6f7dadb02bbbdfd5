/** One array: NumPy's .npy files. */
export { load, parse, save, serialize } from "./npy";
