/** Pytrees: nested lists, objects and registered classes of arrays, as arguments and results of transformations. */
import { TreeMismatchError } from "../base/errors";
import { checkOptionNames } from "../base/option-names";
import { type IsLeaf, type JsTree, flattenInto, isPlainObject, leavesInto, unflatten } from "./flatten";
import { explainMismatch, pathsOf } from "./paths";
import { flattenUpTo } from "./prefix";
import { JsTreeDef, NodeType } from "./treedef";

export { type JsTree, JsTreeDef, NodeType, explainMismatch, unflatten };
export { Partial } from "./partial";
export { type PytreeNode, type RegisterOptions, pytreeNode, registerDataclass, registerPytreeNode } from "./registry";

export interface TreeOptions {
  /** True for what is to be a leaf although it is a node (null is one too). */
  readonly isLeaf?: IsLeaf;
}

/** `isLeaf`, by name or by itself. */
export type LeafTest = TreeOptions | IsLeaf;

/** What says which nodes are leaves. Errors: TypeError for an option of another name. */
function leafTest(options: LeafTest): IsLeaf | undefined {
  if (typeof options === "function") return options;
  checkOptionNames(options, ["isLeaf", "identity"], "tree");
  return options.isLeaf;
}

type Same<A, B> = [A] extends [B] ? ([B] extends [A] ? true : false) : false;
type MappedJsTree<T, A, B> = T extends A
  ? B
  : T extends readonly unknown[]
    ? { [K in keyof T]: MappedJsTree<T[K], A, B> }
    : T extends object
      ? { [K in keyof T]: MappedJsTree<T[K], A, B> }
      : T;
/** The tree type T with leaves of type A replaced by B; tuples and objects are kept. */
export type MapJsTree<T, A, B> = Same<A, B> extends true ? T : MappedJsTree<T, A, B>;

/**
 * Leaves in order, and the structure.
 * @example
 * const [leaves, treedef] = tree.flatten({ b: 1, a: [2, 3] });
 * leaves; // => [2, 3, 1]
 * treedef.toString(); // => "JsTreeDef({a: [*, *], b: *})"
 */
export function flatten<T = unknown>(x: unknown, options: LeafTest = {}): [T[], JsTreeDef] {
  const leaves: unknown[] = [];
  const treedef = flattenInto(x, leaves, leafTest(options));
  return [leaves as T[], treedef];
}

/**
 * Leaves in order.
 * @example
 * tree.leaves({ b: 1, a: [2, null] }); // => [2, 1]
 */
export function leaves<T = unknown>(x: unknown, options: LeafTest = {}): T[] {
  if (leafTest(options) !== undefined) return flatten<T>(x, options)[0];
  const out: unknown[] = [];
  leavesInto(x, out);
  return out as T[];
}

/**
 * The structure.
 * @example
 * tree.structure([1, { a: 2 }]).size; // => 2
 */
export function structure(x: unknown, options: LeafTest = {}): JsTreeDef {
  return flatten(x, options)[1];
}

/** What follows the first tree of `map`: further trees, and last the options, if any: an object with `isLeaf` alone. */
function treesAndOptions(rest: readonly unknown[]): [readonly unknown[], TreeOptions] {
  const last = rest.at(-1);
  if (!isPlainObject(last) || Object.keys(last).join() !== "isLeaf") return [rest, {}];
  const { isLeaf } = last;
  return isLeaf === undefined || isLeaf instanceof Function ? [rest.slice(0, -1), last] : [rest, {}];
}

/**
 * Applies `fn` to every leaf, with what further trees have in its place: their leaves, or subtrees. `{ isLeaf }` comes
 * last, and says what of the first tree is to be a leaf.
 *
 * Errors: TreeMismatchError naming the first path at which a tree has another node than the first.
 * @example
 * tree.map((x, y) => x + y, { a: 1 }, { a: 10 }).a; // => 11
 * tree.map((x) => x.length, [[1, 2], [3]], { isLeaf: (x) => typeof x[0] === "number" }); // => [2, 1]
 */
// eslint-disable-next-line @typescript-eslint/no-explicit-any -- leaves of trees of every type
export function map<T = any, U = T, Tree = JsTree<T>>(
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- further trees may have subtrees there
  fn: (x: T, ...rest: any[]) => U,
  first: Tree,
  ...rest: unknown[]
): MapJsTree<Tree, T, U> {
  const [trees, options] = treesAndOptions(rest);
  const [xs, treedef] = flatten<T>(first, options);
  const others = trees.map((r) => flattenUpTo("tree.map", treedef, r) as T[]);
  const out = xs.map((x, i) => fn(x, ...others.map((ys) => ys[i]!)));
  return unflatten(treedef, out) as MapJsTree<Tree, T, U>;
}

/**
 * Combines all leaves in order, from `initial`, or from the first leaf.
 *
 * Errors: TreeMismatchError for a tree without leaves and no `initial`.
 * @example
 * tree.reduce((a, b) => a + b, { a: 1, b: [2, 3] }); // => 6
 */
// eslint-disable-next-line @typescript-eslint/no-explicit-any -- leaves of trees of every type
export function reduce<R = any>(fn: (total: R, leaf: any) => R, x: unknown, ...initial: [R?, LeafTest?]): R {
  const list = leaves(x, initial[1]);
  if (initial[0] !== undefined) return list.reduce<R>(fn, initial[0]);
  if (list.length === 0) throw new TreeMismatchError("tree.reduce: a tree without leaves; give an initial value");
  return (list as R[]).reduce(fn);
}

export interface ReduceAssociativeOptions<R> extends TreeOptions {
  /** What a tree without leaves gives. */
  readonly identity?: R | undefined;
}

/**
 * Combines all leaves by an associative operation, in pairs: the depth is the logarithm of their number.
 *
 * Errors: TreeMismatchError for a tree without leaves and no `identity`.
 * @example
 * tree.reduceAssociative((a, b) => a + b, [1, [2, 3], [4, 5, 6]]); // => 21
 */
export function reduceAssociative<R = any>( // eslint-disable-line @typescript-eslint/no-explicit-any -- leaves of trees of every type
  operation: (left: R, right: R) => R,
  x: unknown,
  options: ReduceAssociativeOptions<R> = {},
): R {
  let list = leaves(x, options) as R[];
  if (list.length === 0) {
    if (options.identity !== undefined) return options.identity;
    throw new TreeMismatchError("tree.reduceAssociative: a tree without leaves; give an identity");
  }
  while (list.length > 1) {
    const pairs = list;
    list = pairs.flatMap((left, i) => {
      if (i % 2 === 1) return [];
      return i + 1 < pairs.length ? [operation(left, pairs[i + 1]!)] : [left];
    });
  }
  return list[0]!;
}

/**
 * True if every leaf is true (a JS value: read arrays first).
 * @example
 * tree.all({ a: true, b: [1, 0] }); // => false
 */
export function all(x: unknown, options: TreeOptions = {}): boolean {
  return leaves(x, options).every(Boolean);
}

/**
 * A tree of the structure `outer` whose leaves are trees `inner`, turned inside out. `inner` may be null: it is then
 * that of the first subtree.
 *
 * Errors: TreeMismatchError if the tree is not made so.
 * @example
 * tree.transpose(tree.structure([0, 0]), tree.structure({ a: 0 }), [{ a: 1 }, { a: 2 }]); // => { a: [1, 2] }
 */
// eslint-disable-next-line @typescript-eslint/no-explicit-any -- the result is as deep as the arguments
export function transpose(outer: JsTreeDef, inner: JsTreeDef | null, x: unknown): any {
  const subtrees = flattenUpTo("tree.transpose", outer, x);
  const within = inner ?? structure(subtrees[0]);
  const rows = subtrees.map((t) => flattenUpTo("tree.transpose", within, t));
  const columns = Array.from({ length: within.size }, (_, i) =>
    unflatten(
      outer,
      rows.map((row) => row[i]),
    ),
  );
  return unflatten(within, columns);
}

/**
 * A tree of the structure of `full`, in which each leaf of `prefix` stands wherever it stood for a subtree. `isLeaf` is
 * asked about `prefix`.
 *
 * Errors: TreeMismatchError if `prefix` is no prefix of `full`.
 * @example
 * tree.broadcast([1, 2], [{ a: 0, b: 0 }, 0]); // => [{ a: 1, b: 1 }, 2]
 */
// eslint-disable-next-line @typescript-eslint/no-explicit-any -- the result is as deep as the argument
export function broadcast(prefix: unknown, full: unknown, options: LeafTest = {}): any {
  const [xs, treedef] = flatten(prefix, options);
  const parts = flattenUpTo("tree.broadcast", treedef, full);
  const wide = parts.flatMap((part, i) => leaves(part).map(() => xs[i]));
  return unflatten(structure(full), wide);
}

/**
 * Path and leaf of every leaf, and the structure; a path reads like code: `.layers[0].w`.
 * @example
 * tree.flattenWithPath({ a: [1] })[0][0]; // => [".a[0]", 1]
 */
export function flattenWithPath<T = unknown>(x: unknown, options: LeafTest = {}): [[string, T][], JsTreeDef] {
  const [xs, treedef] = flatten<T>(x, options);
  return [pathsOf(treedef).map((path, i): [string, T] => [path, xs[i]!]), treedef];
}

/**
 * Path and leaf of every leaf.
 * @example
 * tree.leavesWithPath([{ a: 1 }, 2]); // => [["[0].a", 1], ["[1]", 2]]
 */
export function leavesWithPath<T = unknown>(x: unknown, options: LeafTest = {}): [string, T][] {
  return flattenWithPath<T>(x, options)[0];
}

/**
 * `map` whose function gets the path of each leaf first. `{ isLeaf }` comes last.
 *
 * Errors: TreeMismatchError, as `map`.
 * @example
 * tree.mapWithPath((path, x) => `${path}=${x}`, { a: [1] }).a[0]; // => ".a[0]=1"
 */
// eslint-disable-next-line @typescript-eslint/no-explicit-any -- leaves of trees of every type
export function mapWithPath<T = any, U = any, Tree = any>(
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- further trees may have subtrees there
  fn: (path: string, x: T, ...rest: any[]) => U,
  first: Tree,
  ...rest: unknown[]
): MapJsTree<Tree, T, U> {
  const [, options] = treesAndOptions(rest);
  const paths = pathsOf(structure(first, options))[Symbol.iterator]();
  return map(
    (x: T, ...others: unknown[]) => fn(paths.next().value as string, x, ...others),
    first,
    ...rest,
  ) as MapJsTree<Tree, T, U>;
}

interface Disposable {
  dispose(): void;
  readonly refCount: number;
}

const isDisposable = (x: unknown): x is Disposable =>
  typeof x === "object" && x !== null && "dispose" in x && typeof x.dispose === "function";

/** Disposes every array of the tree, each handle once. Other leaves stay. */
export function dispose(x: unknown): void {
  for (const leaf of new Set(leaves(x))) if (isDisposable(leaf) && leaf.refCount !== 0) leaf.dispose();
}

/** Adds a reference to every array of the tree; the same tree. */
export function ref<Tree>(x: Tree): Tree {
  for (const leaf of leaves(x)) if (isDisposable(leaf)) void (leaf as unknown as { ref: unknown }).ref;
  return x;
}
