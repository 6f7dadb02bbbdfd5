/** Flat names with dots, and nested objects. */
import { LoaderError } from "../errors";

/**
 * Nested objects from names with dots: `a.b` becomes `{ a: { b } }`.
 *
 * Errors: LoaderError if one name is both a value and the start of another.
 * @example safetensors.toNested({ "a.b": 1, "a.c": 2 }); // => { a: { b: 1, c: 2 } }
 */
// eslint-disable-next-line @typescript-eslint/no-explicit-any -- as deep as the names say
export function toNested(tensors: { [key: string]: any }): any {
  const root = new Map<string, unknown>();
  for (const [name, value] of Object.entries(tensors)) {
    const path = name.split(".");
    const last = path.pop()!;
    let node = root;
    for (const part of path) {
      if (!node.has(part)) node.set(part, new Map());
      const next = node.get(part);
      if (!(next instanceof Map)) throw new LoaderError(`safetensors: ${name} lies below another tensor`);
      node = next as Map<string, unknown>;
    }
    if (node.has(last)) throw new LoaderError(`safetensors: ${name} is both a tensor and the start of another's name`);
    node.set(last, value);
  }
  return plain(root);
}

/** `fromEntries` defines properties, so that `__proto__` is one like any other. */
function plain(node: unknown): unknown {
  return node instanceof Map ? Object.fromEntries([...node].map(([k, v]) => [k, plain(v)])) : node;
}

const isNode = (x: unknown): x is object => {
  if (typeof x !== "object" || x === null) return false;
  const proto: unknown = Object.getPrototypeOf(x);
  return Array.isArray(x) || ((proto === Object.prototype || proto === null) && !("data" in x && "shape" in x));
};

/**
 * Names with dots from nested objects and lists, the inverse of `toNested`. Arrays and tensors are values.
 * @example safetensors.fromNested({ a: { b: 1, c: [2, 3] } }); // => { "a.b": 1, "a.c.0": 2, "a.c.1": 3 }
 */
// eslint-disable-next-line @typescript-eslint/no-explicit-any -- leaves of any type
export function fromNested(nested: any, prefix = ""): { [key: string]: any } {
  const out: [string, unknown][] = [];
  const visit = (node: unknown, path: string): void => {
    if (!isNode(node)) out.push([path, node]);
    else for (const [key, child] of Object.entries(node)) visit(child, path === "" ? key : `${path}.${key}`);
  };
  visit(nested, prefix);
  return Object.fromEntries(out);
}
