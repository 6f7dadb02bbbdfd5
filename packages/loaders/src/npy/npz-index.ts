/** Several arrays: NumPy's .npz files. */
export { type NpzOptions, load, parse, save, serialize } from "./npz";
