/** Applying updates to parameters. */
import { mapLeaves } from "./base";

/**
 * `params + updates`, leaf by leaf, in the dtype of the parameters. Consumes nothing.
 *
 * Errors: TreeMismatchError if the trees differ.
 * @example
 * applyUpdates({ w: np.array([1]) }, { w: np.array([-3]) }).w.js(); // => [-2]
 */
export function applyUpdates<P>(params: P, updates: P): P {
  return mapLeaves(
    (p, u) => {
      const sum = p.add(u);
      const out = sum.astype(p.dtype);
      sum.dispose();
      return out;
    },
    params,
    updates,
  );
}
