/** Putting transformations together. */
import type { GradientTransformation, OptState } from "./base";

/**
 * Applies transformations one after the other; the state is the list of their states.
 * @example
 * const tx = chain(scale(2), scale(-1));
 * tx.update({ w: np.array([3]) }, tx.init({}))[0].w.js(); // => [-6]
 */
export function chain(...transforms: GradientTransformation[]): GradientTransformation {
  return {
    init: (params) => transforms.map((t) => t.init(params) as OptState),
    update(updates, state, params) {
      const states = state as OptState[];
      if (states.length !== transforms.length) {
        throw new TypeError(
          `chain: the state has ${states.length} parts for ${transforms.length} transformations; make it with init of the same chain`,
        );
      }
      const next: OptState[] = [];
      let current = updates;
      transforms.forEach((t, i) => {
        const [u, s] = params === undefined ? t.update(current, states[i]) : t.update(current, states[i], params);
        current = u;
        next.push(s);
      });
      return [current, next];
    },
  };
}
