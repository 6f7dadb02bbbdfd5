/** What is known of an array while it is traced. */
import type { Aval } from "../aval/shaped-array";
import { leafToTracer } from "./arguments";

/** `typeof` is a word of the language, so the function has another name inside. */
function typeOf(x: unknown): Aval {
  return leafToTracer("typeof", x, () => "the argument").aval;
}

export {
  /**
   * Shape and dtype of an array, number or boolean, and whether its dtype gives way: its `ShapedArray`.
   *
   * Errors: DTypeError for what is no array, as a list.
   * Source: https://docs.jax.dev/en/latest/_autosummary/jax.typeof.html
   * @example
   * jax.typeof(np.ones([3])).toString(); // => "f32[3]"
   * jax.typeof(1.5).weakType; // => true
   */
  typeOf as typeof,
};
