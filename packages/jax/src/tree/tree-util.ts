/** `jax.tree_util`: the functions of `tree` by their longer names, for code that is translated from JAX. */
import { checkOptionNames } from "../base/option-names";
import { JsTreeDef, type LeafTest, leaves } from "./index";

export {
  registerPytreeNodeClass,
  registerPytreeWithKeys,
  registerPytreeWithKeysClass,
  registerStatic,
} from "./register-forms";

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
 * True if every element is a leaf: neither a list or object, nor null, or what `isLeaf` says.
 * @example
 * treeUtil.allLeaves([1, [2]]); // => false
 */
export function allLeaves(xs: Iterable<unknown>, options: LeafTest = {}): boolean {
  return [...xs].every((x) => {
    const own = leaves(x, options);
    return own.length === 1 && own[0] === x;
  });
}

/**
 * A path, as `flattenWithPath` gives it, in another spelling: with `separator` between its parts, and if `simple` of
 * their names alone.
 *
 * Differs from JAX: paths are text here, so a key with a dot or a bracket in it is taken apart.
 * @example
 * treeUtil.keystr(".layers[0].w"); // => ".layers[0].w"
 * treeUtil.keystr(".layers[0].w", { simple: true, separator: "/" }); // => "layers/0/w"
 */
export function keystr(path: string, options: { simple?: boolean; separator?: string } = {}): string {
  checkOptionNames(options, ["simple", "separator"], "keystr");
  const { simple = false, separator = "" } = options;
  const parts = path.match(/\.[^.[]*|\[[^\]]*\]/g) ?? [];
  return parts.map((part) => (simple ? part.replace(/[.[\]]/g, "") : part)).join(separator);
}

/**
 * True if a structure is one node: a leaf, or an empty one.
 * @example
 * treeUtil.treedefIsLeaf(tree.structure(1)); // => true
 */
export function treedefIsLeaf(treedef: JsTreeDef): boolean {
  return treedef.childTreedefs.length === 0;
}

/**
 * The structures of the children of a node, in the order of flattening.
 * @example
 * treeUtil.treedefChildren(tree.structure([1, { a: 2 }])).map((t) => t.size); // => [1, 1]
 */
export function treedefChildren(treedef: JsTreeDef): JsTreeDef[] {
  return [...treedef.childTreedefs];
}

/**
 * The structure of a list whose elements have these structures.
 * @example
 * treeUtil.treedefTuple([tree.structure(1), tree.structure([2, 3])]).toString(); // => "JsTreeDef([*, [*, *]])"
 */
export function treedefTuple(treedefs: Iterable<JsTreeDef>): JsTreeDef {
  return JsTreeDef.array([...treedefs]);
}
