/** `jax.tree_util`: the functions of `tree` by their longer names, for code that is translated from JAX. */
import { leaves } from "./index";

export {
  JsTreeDef as PyTreeDef,
  Partial,
  all as treeAll,
  broadcast as treeBroadcast,
  flatten as treeFlatten,
  flattenWithPath as treeFlattenWithPath,
  leaves as treeLeaves,
  leavesWithPath as treeLeavesWithPath,
  map as treeMap,
  mapWithPath as treeMapWithPath,
  reduce as treeReduce,
  reduceAssociative as treeReduceAssociative,
  registerDataclass,
  registerPytreeNode,
  structure as treeStructure,
  transpose as treeTranspose,
  unflatten as treeUnflatten,
} from "./index";

/**
 * True if every element is a leaf: neither a list or object, nor null.
 * @example
 * treeUtil.allLeaves([1, [2]]); // => false
 */
export function allLeaves(xs: Iterable<unknown>): boolean {
  return [...xs].every((x) => {
    const own = leaves(x);
    return own.length === 1 && own[0] === x;
  });
}
