/** Putting transformations together. */
import { type OptState, GradientTransformation } from "../base";

/**
 * Applies transformations one after the other; the state is the list of their states.
 *
 * Errors: TypeError for a state of another chain.
 * Source: optax.chain.
 * @example
 * const tx = chain(scale(2), scale(-1));
 * tx.update({ w: np.array([3]) }, tx.init({}))[0].w.js(); // => [-6]
 */
export function chain(...transforms: GradientTransformation[]): GradientTransformation {
  return GradientTransformation(
    (params) => transforms.map((t) => t.init(params) as OptState),
    (updates, state, params, extra) => {
      const states = state as OptState[];
      if (states.length !== transforms.length) {
        throw new TypeError(
          `chain: the state has ${states.length} parts for ${transforms.length} transformations; make it with init of the same chain`,
        );
      }
      const next: OptState[] = [];
      let current: unknown = updates;
      transforms.forEach((t, i) => {
        const [u, s] = t.update(current, states[i], params as unknown, extra);
        current = u;
        next.push(s);
      });
      return [current, next];
    },
  );
}

/**
 * As `chain`, with names: the state is an object of the states.
 *
 * Errors: TypeError if a name comes twice.
 * Source: optax.named_chain.
 * @example
 * const tx = namedChain(["double", scale(2)], ["momentum", trace()]);
 * tx.update([np.array([3])], tx.init([np.array([0])]))[1].momentum.trace[0].js(); // => [6]
 */
export function namedChain(...transforms: [name: string, tx: GradientTransformation][]): GradientTransformation {
  const names = transforms.map(([name]) => name);
  if (new Set(names).size !== names.length) throw new TypeError(`namedChain: names must differ, got ${names}`);
  return GradientTransformation(
    (params) => Object.fromEntries(transforms.map(([name, t]) => [name, t.init(params) as OptState])),
    (updates, state, params, extra) => {
      let current: unknown = updates;
      const next: Record<string, OptState> = {};
      for (const [name, t] of transforms) {
        [current, next[name]] = t.update(current, (state as OptState)[name], params as unknown, extra);
      }
      return [current, next];
    },
  );
}
