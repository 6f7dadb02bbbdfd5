/** Paths of leaves, and where two trees differ. */
import { flattenInto } from "./flatten";
import type { JsTreeDef } from "./treedef";

/** The path of every leaf, in order. */
export function pathsOf(treedef: JsTreeDef): string[] {
  const out: string[] = [];
  const visit = (def: JsTreeDef, path: string): void => {
    if (def.nodeType === "Leaf") out.push(path);
    else def.childTreedefs.forEach((child, i) => visit(child, path + def.pathOf(i)));
  };
  visit(treedef, "");
  return out;
}

/** Text that says where two trees differ first. */
export function explainMismatch(op: string, wanted: unknown, got: unknown): string {
  const [a, b] = [flattenInto(wanted, []), flattenInto(got, [])];
  const where = firstDifference(a, b, "");
  return `${op}: trees have different structures${where === null ? "" : `, first at ${where}`}; expected ${a}, got ${b}`;
}

function describe(def: JsTreeDef): string {
  switch (def.nodeType) {
    case "Leaf":
      return "a leaf";
    case "None":
      return String(def.nodeMetadata);
    case "Array":
      return `a list of ${def.childTreedefs.length}`;
    case "Object":
      return `an object with keys {${def.sortedKeys.join(", ")}}`;
    default:
      return `a node ${def.toString(false)}`;
  }
}

function firstDifference(a: JsTreeDef, b: JsTreeDef, path: string): string | null {
  if (!a.sameNode(b)) return `${path || "the root"}: expected ${describe(a)}, got ${describe(b)}`;
  for (let i = 0; i < a.childTreedefs.length; i++) {
    const found = firstDifference(a.childTreedefs[i]!, b.childTreedefs[i]!, path + a.pathOf(i));
    if (found !== null) return found;
  }
  return null;
}

/** As `explainMismatch`, for a tree that must have the nodes of another down to its leaves. */
export function explainPrefix(op: string, prefix: JsTreeDef, path: string, got: unknown): string {
  const found = flattenInto(got, [], (x) => x !== got);
  return (
    `${op}: trees have different structures, first at ${path || "the root"}: ` +
    `expected ${describe(prefix)}, got ${describe(found)}`
  );
}
