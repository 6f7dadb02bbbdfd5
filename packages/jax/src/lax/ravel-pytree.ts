/** Trees of arrays as one flat array. */
import type { DType } from "../aval/dtype";
import { promoteAll } from "../aval/promote";
import { DTypeError, ShapeError } from "../base/errors";
import type { Tracer } from "../core/tracer";
import { concatenate, convertElementType, copy, full, reshape, sliceInDim } from "../ops/index";
import { owned } from "../numpy/owned";
import { flattenArgs } from "../transforms/arguments";
import { unflatten } from "../tree/index";

/**
 * All arrays of a tree as one flat array, and the function that makes a tree of such an array again.
 *
 * Dtypes: the flat array has the promoted dtype of all; `unravel` gives each part its own dtype back.
 * Errors: of `unravel`: ShapeError, DTypeError for an array of another size or dtype.
 * @example
 * const [flat, unravel] = ravelPytree({ b: np.array([[3, 4]]), a: np.array(1) });
 * flat.js(); // => [1, 3, 4]
 * unravel(flat.mul(2)).b.js(); // => [[6, 8]]
 */
// eslint-disable-next-line @typescript-eslint/no-explicit-any -- the tree that was given
export function ravelPytree<Tree = any>(tree: Tree): [Tracer, (flat: Tracer) => Tree] {
  const [xs, wrapped] = flattenArgs("ravelPytree", [tree]);
  const treedef = wrapped.childTreedefs[0]!;
  const avals = xs.map((x) => x.aval);
  const dtype: DType = avals.length === 0 ? "float32" : promoteAll(avals).dtype;
  const total = avals.reduce((sum, a) => sum + a.size, 0);
  const flat = owned(() => {
    if (xs.length === 0) return full([0], 0, dtype);
    const y = concatenate(
      xs.map((x) => reshape(convertElementType(x, dtype), [x.size])),
      0,
    );
    return y === xs[0] ? copy(y) : y;
  });
  const unravel = (given: Tracer): Tree => {
    if (given.ndim !== 1 || given.size !== total) {
      throw new ShapeError(`unravel: got ${given.aval}; expected an array of shape [${total}], as ravelPytree gave`);
    }
    if (given.dtype !== dtype) {
      throw new DTypeError(`unravel: got ${given.aval}; expected ${dtype}, as ravelPytree gave`);
    }
    const parts = owned(() => {
      let at = 0;
      return avals.map((aval) => {
        const part = sliceInDim(given, at, (at += aval.size));
        const y = reshape(convertElementType(part, aval.dtype), aval.shape);
        return y === given ? copy(y) : y;
      });
    });
    return unflatten(treedef, parts) as Tree;
  };
  return [flat, unravel];
}
