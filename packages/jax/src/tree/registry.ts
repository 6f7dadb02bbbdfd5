/** Classes of users as nodes of pytrees. */
import { JaxError } from "../base/errors";

/** How objects of a class come apart and together again. */
export interface PytreeNode<T = unknown, Aux = unknown> {
  /** For treedefs as text. */
  readonly name: string;
  /** The children (trees), and what is not an array; the latter is compared by content if plain. */
  flatten(x: T): readonly [children: readonly unknown[], aux: Aux];
  /** Must take any children: tracers, and placeholders of transformations. */
  unflatten(aux: Aux, children: readonly unknown[]): T;
  /** A name for each child, for paths; numbers unless given. */
  keys?(x: T): readonly string[];
}

/** The property of an object (or of its class's prototype) that makes it a node: a `PytreeNode`. */
export const pytreeNode: unique symbol = /* @__PURE__ */ Symbol.for("jax-js.pytreeNode") as never;

// eslint-disable-next-line @typescript-eslint/no-explicit-any -- classes of every constructor
type Class<T> = abstract new (...args: any[]) => T;

const registered = /* @__PURE__ */ new WeakMap<PytreeNode, object>();

/** What makes x a node of its own kind; null for all else. */
export function nodeOf(x: unknown): PytreeNode | null {
  if ((typeof x !== "object" && typeof x !== "function") || x === null) return null;
  const node = (x as { [pytreeNode]?: PytreeNode })[pytreeNode];
  if (node === undefined) return null;
  // A registered class speaks for its own objects alone: those of a subclass have parts that it does not know.
  const prototype = registered.get(node);
  return prototype === undefined || prototype === Object.getPrototypeOf(x) ? node : null;
}

/** The children of an object for which `nodeOf` gives a node. */
export const childrenOf = (x: unknown): readonly unknown[] => nodeOf(x)!.flatten(x)[0];

export interface RegisterOptions<T> {
  /** A name for each child, as `.name` in paths; `[0]`, `[1]`, ... unless given. */
  readonly keys?: (x: T) => readonly string[];
}

/**
 * Makes objects of a class nodes of pytrees, in every transformation: `flatten` gives `[children, aux]`, and
 * `unflatten(aux, children)` the object. Objects of subclasses stay leaves; classes that extend Array are lists.
 *
 * An object can also say it itself, with a `PytreeNode` in its property `pytreeNode`.
 * Errors: JaxError if the class is registered already.
 * @example
 * class Line { constructor(a, b) { this.a = a; this.b = b; } }
 * tree.registerPytreeNode(Line, (l) => [[l.a, l.b], null], (_, [a, b]) => new Line(a, b));
 * tree.map((x) => 2 * x, new Line(1, 2)).b; // => 4
 */
export function registerPytreeNode<T, Aux = unknown>(
  nodeClass: Class<T>,
  flatten: (x: T) => readonly [children: readonly unknown[], aux: Aux],
  unflatten: (aux: Aux, children: readonly unknown[]) => T,
  options: RegisterOptions<T> = {},
): void {
  const prototype = nodeClass.prototype as object;
  if (Object.hasOwn(prototype, pytreeNode)) {
    throw new JaxError(`registerPytreeNode: ${nodeClass.name} is registered already; register a class once`);
  }
  const node: PytreeNode<T, Aux> = {
    name: nodeClass.name,
    flatten,
    unflatten,
    ...(options.keys === undefined ? {} : { keys: options.keys }),
  };
  registered.set(node as PytreeNode, prototype);
  Object.defineProperty(prototype, pytreeNode, { value: node });
}

/**
 * `registerPytreeNode` by the names of properties: `dataFields` are children, `metaFields` are compared by content.
 * Objects are put together without running the constructor.
 *
 * Errors: JaxError if the class is registered already.
 * @example
 * class Layer { constructor(w, name) { this.w = w; this.name = name; } }
 * tree.registerDataclass(Layer, ["w"], ["name"]);
 * tree.flattenWithPath(new Layer(3, "out"))[0]; // => [[".w", 3]]
 */
export function registerDataclass<T extends object>(
  nodeClass: Class<T>,
  dataFields: readonly (keyof T & string)[],
  metaFields: readonly (keyof T & string)[] = [],
): void {
  const pick = (x: T, fields: readonly (keyof T & string)[]): unknown[] => fields.map((f) => x[f]);
  registerPytreeNode<T, unknown[]>(
    nodeClass,
    (x) => [pick(x, dataFields), pick(x, metaFields)],
    (aux, children) => {
      const x = Object.create(nodeClass.prototype as object) as Record<string, unknown>;
      dataFields.forEach((f, i) => (x[f] = children[i]));
      metaFields.forEach((f, i) => (x[f] = aux[i]));
      return x as T;
    },
    { keys: () => dataFields },
  );
}
