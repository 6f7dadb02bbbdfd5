/** Trees that are a prefix of others: their leaves stand for whole subtrees. */
import { TreeMismatchError } from "../base/errors";
import { flattenInto } from "./flatten";
import { explainPrefix } from "./paths";
import type { JsTreeDef } from "./treedef";

/** The subtrees of x at the leaves of a structure. Throws TreeMismatchError where x has another node. */
export function flattenUpTo(op: string, prefix: JsTreeDef, x: unknown): unknown[] {
  const out: unknown[] = [];
  const visit = (def: JsTreeDef, y: unknown, path: string): void => {
    if (def.nodeType === "Leaf") {
      out.push(y);
      return;
    }
    const parts: unknown[] = [];
    const node = flattenInto(y, parts, (z) => z !== y);
    if (!def.sameNode(node)) throw new TreeMismatchError(explainPrefix(op, def, path, y));
    def.childTreedefs.forEach((child, i) => visit(child, parts[i], path + def.pathOf(i)));
  };
  visit(prefix, x, "");
  return out;
}
