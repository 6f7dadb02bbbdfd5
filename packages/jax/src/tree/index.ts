/** Pytrees: nested lists and objects of arrays, as arguments and results of transformations. */
import { TreeMismatchError } from "../base/errors";
import { type JsTree, flattenInto, isPlainObject, unflatten } from "./flatten";
import { JsTreeDef, NodeType } from "./treedef";

export { type JsTree, JsTreeDef, NodeType, unflatten };

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
export function flatten<T = unknown>(x: unknown): [T[], JsTreeDef] {
  const leaves: unknown[] = [];
  const treedef = flattenInto(x, leaves);
  return [leaves as T[], treedef];
}

/**
 * Leaves in order.
 * @example
 * tree.leaves({ b: 1, a: [2, null] }); // => [2, 1]
 */
export function leaves<T = unknown>(x: unknown): T[] {
  return flatten<T>(x)[0];
}

/**
 * The structure.
 * @example
 * tree.structure([1, { a: 2 }]).size; // => 2
 */
export function structure(x: unknown): JsTreeDef {
  return flatten(x)[1];
}

/**
 * Applies `fn` to every leaf, or to the corresponding leaves of several trees of the same structure.
 *
 * Errors: TreeMismatchError naming the first path at which the trees differ.
 * @example
 * tree.map((x, y) => x + y, { a: 1 }, { a: 10 }).a; // => 11
 */
// eslint-disable-next-line @typescript-eslint/no-explicit-any -- leaves of trees of every type
export function map<T = any, U = T, Tree = JsTree<T>>(
  fn: (...args: T[]) => U,
  first: Tree,
  ...rest: unknown[]
): MapJsTree<Tree, T, U> {
  const [xs, treedef] = flatten<T>(first);
  const others = rest.map((r) => {
    const [ys, other] = flatten<T>(r);
    if (!other.equals(treedef)) throw new TreeMismatchError(explainMismatch("tree.map", first, r));
    return ys;
  });
  const out = xs.map((x, i) => fn(x, ...others.map((ys) => ys[i]!)));
  return unflatten(treedef, out) as MapJsTree<Tree, T, U>;
}

/**
 * Path and leaf of every leaf; a path reads like code: `.layers[0].w`.
 * @example
 * tree.flattenWithPath({ a: [1] })[0][0]; // => [".a[0]", 1]
 */
export function flattenWithPath<T = unknown>(x: unknown): [[string, T][], JsTreeDef] {
  const out: [string, T][] = [];
  const visit = (y: unknown, path: string): void => {
    if (Array.isArray(y)) y.forEach((child, i) => visit(child, `${path}[${i}]`));
    else if (isPlainObject(y)) for (const key of Object.keys(y).sort()) visit(y[key], `${path}.${key}`);
    else if (y !== null && y !== undefined) out.push([path, y as T]);
  };
  visit(x, "");
  return [out, structure(x)];
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

/** Text that says where two trees differ first. */
export function explainMismatch(op: string, wanted: unknown, got: unknown): string {
  const where = firstDifference(wanted, got, "");
  return `${op}: trees have different structures${where === null ? "" : `, first at ${where}`}; expected ${structure(wanted)}, got ${structure(got)}`;
}

function describe(x: unknown): string {
  if (Array.isArray(x)) return `a list of ${x.length}`;
  if (x === null || x === undefined) return String(x);
  return isPlainObject(x) ? `an object with keys {${Object.keys(x).sort().join(", ")}}` : "a leaf";
}

function firstDifference(a: unknown, b: unknown, path: string): string | null {
  const here = (): string => `${path || "the root"}: expected ${describe(a)}, got ${describe(b)}`;
  if (Array.isArray(a)) {
    if (!Array.isArray(b) || a.length !== b.length) return here();
    for (let i = 0; i < a.length; i++) {
      const d = firstDifference(a[i], b[i], `${path}[${i}]`);
      if (d !== null) return d;
    }
    return null;
  }
  if (isPlainObject(a)) {
    if (!isPlainObject(b) || Object.keys(a).sort().join() !== Object.keys(b).sort().join()) return here();
    for (const key of Object.keys(a).sort()) {
      const d = firstDifference(a[key], b[key], `${path}.${key}`);
      if (d !== null) return d;
    }
    return null;
  }
  return describe(a) === describe(b) ? null : here();
}
