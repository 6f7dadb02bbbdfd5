/** Statements about where arrays are. */
import type { NamedSharding } from "../transforms/mesh";
import { Tracer } from "../core/tracer";
import { own } from "../numpy/lift";
import * as tree from "../tree/index";

/**
 * The same arrays. On one device the blocks of a sharding change nothing; that they fit the arrays is checked.
 *
 * Errors: ShapeError if the sharding cannot split an array.
 * @example
 * lax.withShardingConstraint(np.array([1, 2]), new NamedSharding(makeMesh([2], ["x"]), P("x"))).js(); // => [1, 2]
 */
export function withShardingConstraint<T>(x: T, sharding: NamedSharding): T {
  const [leaves, treedef] = tree.flatten(x);
  const outs = leaves.map((leaf) => {
    sharding.shardShape(leaf instanceof Tracer ? leaf.shape : []);
    return leaf instanceof Tracer ? own(leaf, leaf) : leaf;
  });
  return tree.unflatten(treedef, outs) as T;
}
