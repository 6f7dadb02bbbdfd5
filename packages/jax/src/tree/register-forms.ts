/** Other forms in which JAX registers classes as nodes of pytrees. */
import { registerPytreeNode } from "./registry";

// eslint-disable-next-line @typescript-eslint/no-explicit-any -- classes of every constructor
type Class<T> = abstract new (...args: any[]) => T;
type Parts = readonly [children: readonly unknown[], aux: unknown];
type KeyedParts = readonly [keysAndChildren: readonly (readonly [key: string, child: unknown])[], aux: unknown];

/**
 * `registerPytreeNode` by a function that gives `[[key, child], ...]` and aux: keys are the names of children in paths.
 * `flatten`, if given, gives the children alone.
 *
 * Errors: JaxError if the class is registered already.
 * Differs from JAX: a key is text, where JAX has `GetAttrKey("x")`.
 * @example
 * class Line { constructor(a, b) { this.a = a; this.b = b; } }
 * const withKeys = (l) => [[["a", l.a], ["b", l.b]], null];
 * treeUtil.registerPytreeWithKeys(Line, withKeys, (_, [a, b]) => new Line(a, b));
 * tree.leavesWithPath(new Line(1, 2)); // => [[".a", 1], [".b", 2]]
 */
export function registerPytreeWithKeys<T>(
  nodeClass: Class<T>,
  flattenWithKeys: (x: T) => KeyedParts,
  unflatten: (aux: never, children: readonly unknown[]) => T,
  flatten?: (x: T) => Parts,
): void {
  const children = (x: T): Parts => {
    const [pairs, aux] = flattenWithKeys(x);
    return [pairs.map(([, child]) => child), aux];
  };
  registerPytreeNode(nodeClass, flatten ?? children, unflatten as (aux: unknown, children: readonly unknown[]) => T, {
    keys: (x) => flattenWithKeys(x)[0].map(([key]) => key),
  });
}

/** A class that takes its objects apart and puts them together itself. */
interface NodeClass<T> extends Class<T> {
  treeUnflatten(aux: never, children: readonly unknown[]): T;
}

/**
 * `registerPytreeNode` for a class with a method `treeFlatten()`, which gives `[children, aux]`, and a static one
 * `treeUnflatten(aux, children)`. Returns the class.
 *
 * Errors: JaxError if the class is registered already.
 * @example
 * const Box = treeUtil.registerPytreeNodeClass(class Box {
 *   constructor(x) { this.x = x; }
 *   treeFlatten() { return [[this.x], null]; }
 *   static treeUnflatten(aux, [x]) { return new this(x); }
 * });
 * tree.map((x) => 2 * x, new Box(3)).x; // => 6
 */
export function registerPytreeNodeClass<C extends NodeClass<{ treeFlatten(): Parts }>>(nodeClass: C): C {
  const unflatten = (aux: unknown, children: readonly unknown[]) => nodeClass.treeUnflatten(aux as never, children);
  registerPytreeNode(nodeClass, (x) => x.treeFlatten(), unflatten);
  return nodeClass;
}

/**
 * As `registerPytreeNodeClass`, for a class with `treeFlattenWithKeys()`, which gives `[[key, child], ...]` and aux.
 *
 * Errors: JaxError if the class is registered already.
 * @example
 * const Pair = treeUtil.registerPytreeWithKeysClass(class Pair {
 *   constructor(x, y) { this.x = x; this.y = y; }
 *   treeFlattenWithKeys() { return [[["x", this.x], ["y", this.y]], null]; }
 *   static treeUnflatten(aux, [x, y]) { return new this(x, y); }
 * });
 * tree.leavesWithPath(new Pair(3, 4))[1]; // => [".y", 4]
 */
export function registerPytreeWithKeysClass<C extends NodeClass<{ treeFlattenWithKeys(): KeyedParts }>>(
  nodeClass: C,
): C {
  const unflatten = (aux: never, children: readonly unknown[]) => nodeClass.treeUnflatten(aux, children);
  registerPytreeWithKeys(nodeClass, (x) => x.treeFlattenWithKeys(), unflatten);
  return nodeClass;
}

/**
 * Makes objects of a class nodes without leaves: `jit` takes them as constants of its program. Returns the class.
 *
 * Errors: JaxError if the class is registered already.
 * Differs from JAX: objects are compared by identity.
 * @example
 * const Mode = treeUtil.registerStatic(class Mode {});
 * tree.leaves([new Mode(), 1]); // => [1]
 */
export function registerStatic<C extends Class<object>>(nodeClass: C): C {
  registerPytreeNode(
    nodeClass,
    (x) => [[], x],
    (aux) => aux,
  );
  return nodeClass;
}
