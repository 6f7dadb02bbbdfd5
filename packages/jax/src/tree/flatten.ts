/**
 * Flattening: lists, plain objects and registered classes are nodes, null and undefined are empty nodes, everything else
 * is a leaf. Keys of objects flatten in sorted order, as in JAX, and unflatten in the object's own order.
 */
import { TreeMismatchError } from "../base/errors";
import { sameValue } from "../base/structural";
import { nodeOf } from "./registry";
import { JsTreeDef } from "./treedef";

/** A tree with leaves of type T. Interfaces are welcome, so the node types are loose. */
export type JsTree<T> = T | readonly JsTree<T>[] | { readonly [key: string]: JsTree<T> } | null | undefined;

const sortedKeyCache = /* @__PURE__ */ new Map<string, readonly string[]>();

/** Sorted keys of objects whose own keys are these. */
function sortedOf(keys: readonly string[]): readonly string[] {
  for (let i = 1; i < keys.length; i++) {
    if (keys[i]! < keys[i - 1]!) {
      const id = keys.join("\u0000");
      let sorted = sortedKeyCache.get(id);
      if (sorted === undefined) {
        if (sortedKeyCache.size > 4096) sortedKeyCache.clear();
        sortedKeyCache.set(id, (sorted = [...keys].sort()));
      }
      return sorted;
    }
  }
  return keys;
}

export function isPlainObject(x: unknown): x is Record<string, unknown> {
  if (typeof x !== "object" || x === null) return false;
  const proto: unknown = Object.getPrototypeOf(x);
  return proto === Object.prototype || proto === null;
}

/** True for what is to be a leaf although it is a node. */
export type IsLeaf = (x: unknown) => boolean;

/** Appends the leaves of x and gives its structure. */
export function flattenInto(x: unknown, leaves: unknown[], isLeaf: IsLeaf | null = null): JsTreeDef {
  if (isLeaf?.(x)) {
    leaves.push(x);
    return JsTreeDef.leaf;
  }
  if (Array.isArray(x)) {
    const children: JsTreeDef[] = [];
    for (const child of x) children.push(flattenInto(child, leaves, isLeaf));
    return JsTreeDef.array(children);
  }
  if (x === null || x === undefined) return JsTreeDef.none(x);
  if (isPlainObject(x)) {
    const keys = Object.keys(x);
    const sorted = sortedOf(keys);
    const children: JsTreeDef[] = [];
    for (const key of sorted) children.push(flattenInto(x[key], leaves, isLeaf));
    return JsTreeDef.object(keys, sorted, children);
  }
  const node = nodeOf(x);
  if (node !== null) {
    const [parts, aux] = node.flatten(x);
    const children: JsTreeDef[] = [];
    for (const child of parts) children.push(flattenInto(child, leaves, isLeaf));
    return JsTreeDef.custom({ node, aux, paths: node.keys?.(x).map((key) => `.${key}`) ?? [] }, children);
  }
  leaves.push(x);
  return JsTreeDef.leaf;
}

/** Appends the leaves of x. */
export function leavesInto(x: unknown, leaves: unknown[]): void {
  if (Array.isArray(x)) for (let i = 0; i < x.length; i++) leavesInto(x[i], leaves);
  else if (x === null || x === undefined) return;
  else if (isPlainObject(x)) for (const key of sortedOf(Object.keys(x))) leavesInto(x[key], leaves);
  else {
    const node = nodeOf(x);
    if (node === null) leaves.push(x);
    else for (const part of node.flatten(x)[0]) leavesInto(part, leaves);
  }
}

/** Appends the leaves of x if it has the structure `def`; false if not. No structure is built. */
export function flattenAs(x: unknown, def: JsTreeDef, leaves: unknown[]): boolean {
  switch (def.nodeType) {
    case "Leaf":
      if (typeof x === "object" && (x === null || Array.isArray(x) || isPlainObject(x))) return false;
      if (x === undefined || nodeOf(x) !== null) return false;
      leaves.push(x);
      return true;
    case "None":
      return x === def.nodeMetadata;
    case "Array": {
      const children = def.childTreedefs;
      if (!Array.isArray(x) || x.length !== children.length) return false;
      for (let i = 0; i < children.length; i++) if (!flattenAs(x[i], children[i]!, leaves)) return false;
      return true;
    }
    case "Custom": {
      const { node, aux } = def.custom!;
      if (nodeOf(x) !== node) return false;
      const [parts, ownAux] = node.flatten(x);
      const children = def.childTreedefs;
      if (parts.length !== children.length || !sameValue(aux, ownAux)) return false;
      return children.every((child, i) => flattenAs(parts[i], child, leaves));
    }
    default: {
      if (!isPlainObject(x)) return false;
      const keys = def.nodeMetadata!;
      let n = 0;
      for (const key in x) if (key !== keys[n++]) return false;
      if (n !== keys.length) return false;
      const { sortedKeys, childTreedefs } = def;
      for (let i = 0; i < sortedKeys.length; i++)
        if (!flattenAs(x[sortedKeys[i]!], childTreedefs[i]!, leaves)) return false;
      return true;
    }
  }
}

/** The tree of this structure with these leaves. Throws TreeMismatchError if their number is wrong. */
export function unflatten<T>(treedef: JsTreeDef, leaves: Iterable<T>): JsTree<T> {
  const list = Array.isArray(leaves) ? (leaves as T[]) : [...leaves];
  if (list.length !== treedef.size) {
    throw new TreeMismatchError(`tree.unflatten: ${treedef} has ${treedef.size} leaves, got ${list.length}`);
  }
  let next = 0;
  const build = (def: JsTreeDef): unknown => {
    switch (def.nodeType) {
      case "Leaf":
        return list[next++];
      case "None":
        return def.nodeMetadata;
      case "Array":
        return def.childTreedefs.map(build);
      case "Custom": {
        const { node, aux } = def.custom!;
        return node.unflatten(aux, def.childTreedefs.map(build));
      }
      default: {
        const { nodeMetadata: keys, sortedKeys, childTreedefs } = def;
        const out: Record<string, unknown> = {};
        if (keys === sortedKeys) {
          for (let i = 0; i < sortedKeys.length; i++) out[sortedKeys[i]!] = build(childTreedefs[i]!);
          return out;
        }
        for (const key of keys!) out[key] = undefined;
        for (let i = 0; i < sortedKeys.length; i++) out[sortedKeys[i]!] = build(childTreedefs[i]!);
        return out;
      }
    }
  };
  return build(treedef) as JsTree<T>;
}
