/** Finding and replacing parts of a state by their names. */
import { isArray } from "../base";

/** Keys from the root to a part of a tree: names in objects, numbers in lists. */
export type KeyPath = readonly (string | number)[];

/** Which of the parts of a name are meant. */
export type Filtering = (path: KeyPath, value: unknown) => boolean;

const isNode = (x: unknown): x is Record<string, unknown> | unknown[] =>
  typeof x === "object" &&
  x !== null &&
  !isArray(x) &&
  (Array.isArray(x) || Object.getPrototypeOf(x) === Object.prototype);

function children(x: Record<string, unknown> | unknown[]): [key: string | number, value: unknown][] {
  return Array.isArray(x) ? x.map((v, i): [number, unknown] => [i, v]) : Object.entries(x);
}

/**
 * All parts of a tree with a name, in objects at any depth, and their paths.
 *
 * Source: optax.tree.get_all_with_path.
 * @example
 * treeGetAllWithPath([{ count: 1 }, { count: 2 }], "count"); // => [[[0, "count"], 1], [[1, "count"], 2]]
 */
export function treeGetAllWithPath(tree: unknown, key: string, filtering?: Filtering | null): [KeyPath, unknown][] {
  const out: [KeyPath, unknown][] = [];
  const visit = (x: unknown, path: KeyPath): void => {
    if (!isNode(x)) return;
    for (const [k, v] of children(x)) {
      const at = [...path, k];
      if (k === key && (filtering?.(at, v) ?? true)) out.push([at, v]);
      visit(v, at);
    }
  };
  visit(tree, []);
  return out;
}

/**
 * The part of a tree with a name, or the default, null, if there is none. The part is the tree's own, not a copy.
 *
 * Errors: RangeError if there are several; `filtering` chooses.
 * Source: optax.tree.get.
 * @example
 * treeGet(adam(0.1).init([np.ones([2])]), "count").item(); // => 0
 */
// eslint-disable-next-line @typescript-eslint/no-explicit-any -- parts of a state have any type
export function treeGet(tree: unknown, key: string, defaultValue: unknown = null, filtering?: Filtering | null): any {
  const found = treeGetAllWithPath(tree, key, filtering);
  if (found.length > 1) {
    const paths = found.map(([path]) => path.join(".")).join(", ");
    throw new RangeError(`treeGet: several parts are named ${key}: ${paths}; choose one with filtering`);
  }
  return found.length === 0 ? defaultValue : found[0]![1];
}

/**
 * The tree with other values for the parts of these names.
 *
 * Arguments: tree, values; or tree, filtering, values.
 * Errors: RangeError if there is no part of a name.
 * Source: optax.tree.set.
 * @example
 * treeSet([{ count: 1, mu: 2 }], { count: 5 }); // => [{ count: 5, mu: 2 }]
 */
export function treeSet<T>(tree: T, ...rest: [values: object] | [filtering: Filtering | null, values: object]): T {
  const values = rest[rest.length - 1] as Record<string, unknown>;
  const filtering = rest.length === 2 ? (rest[0] as Filtering | null) : null;
  for (const key of Object.keys(values)) {
    if (treeGetAllWithPath(tree, key, filtering).length === 0) {
      throw new RangeError(`treeSet: no part is named ${key}${filtering === null ? "" : " and passes the filter"}`);
    }
  }
  const replaced = (x: unknown, path: KeyPath): unknown => {
    if (!isNode(x)) return x;
    const entries = children(x).map(([k, v]): [string | number, unknown] => {
      const at = [...path, k];
      return [k, k in values && (filtering?.(at, v) ?? true) ? values[k] : replaced(v, at)];
    });
    return Array.isArray(x) ? entries.map(([, v]) => v) : Object.fromEntries(entries);
  };
  return replaced(tree, []) as T;
}
