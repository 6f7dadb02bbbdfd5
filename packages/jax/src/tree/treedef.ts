/** The structure of a pytree. Interned: equal structures are the same object. */

export const NodeType = {
  Array: "Array",
  Object: "Object",
  None: "None",
  Leaf: "Leaf",
} as const;
export type NodeType = (typeof NodeType)[keyof typeof NodeType];

export class JsTreeDef {
  readonly nodeType: NodeType;
  /** Keys of an object in the order in which it had them; null or undefined for an empty node. */
  readonly nodeMetadata: readonly string[] | null | undefined;
  /** Children in the order of flattening: those of an object by sorted key. */
  readonly childTreedefs: readonly JsTreeDef[];
  /** Number of leaves. */
  readonly size: number;
  /** Positions in `nodeMetadata` of the keys in sorted order. */
  readonly sortedKeys: readonly string[];

  private constructor(
    nodeType: NodeType,
    nodeMetadata: readonly string[] | null | undefined,
    childTreedefs: readonly JsTreeDef[],
    sortedKeys: readonly string[],
  ) {
    this.nodeType = nodeType;
    this.nodeMetadata = nodeMetadata;
    this.childTreedefs = childTreedefs;
    this.size = nodeType === "Leaf" ? 1 : childTreedefs.reduce((sum, c) => sum + c.size, 0);
    this.sortedKeys = sortedKeys;
  }

  private static intern(
    nodeType: NodeType,
    metadata: readonly string[] | null | undefined,
    children: readonly JsTreeDef[],
    sortedKeys: readonly string[],
  ): JsTreeDef {
    let key: string = nodeType + (metadata === undefined ? "u" : JSON.stringify(metadata));
    for (const c of children) key += `,${idOf(c)}`;
    let def = interned.get(key);
    if (def === undefined) interned.set(key, (def = new JsTreeDef(nodeType, metadata, children, sortedKeys)));
    return def;
  }

  static get leaf(): JsTreeDef {
    return (leaf ??= JsTreeDef.intern("Leaf", null, [], []));
  }
  /** An empty node: null, or undefined. */
  static none(value: null | undefined = null): JsTreeDef {
    return JsTreeDef.intern("None", value, [], []);
  }
  static array(children: readonly JsTreeDef[]): JsTreeDef {
    return JsTreeDef.intern("Array", null, children, []);
  }
  /** `children` by sorted key. */
  static object(keys: readonly string[], sortedKeys: readonly string[], children: readonly JsTreeDef[]): JsTreeDef {
    return JsTreeDef.intern("Object", keys, children, sortedKeys);
  }

  /** Same structure; the order in which objects have their keys does not matter. */
  equals(other: JsTreeDef): boolean {
    if (this === other) return true;
    if (this.nodeType !== other.nodeType || this.childTreedefs.length !== other.childTreedefs.length) return false;
    if (this.sortedKeys.some((k, i) => k !== other.sortedKeys[i])) return false;
    return this.childTreedefs.every((c, i) => c.equals(other.childTreedefs[i]!));
  }

  /** `JsTreeDef({a: *, b: [*, *]})`. */
  toString(root = true): string {
    const inner = (): string => {
      switch (this.nodeType) {
        case "Leaf":
          return "*";
        case "None":
          return "null";
        case "Array":
          return `[${this.childTreedefs.map((c) => c.toString(false)).join(", ")}]`;
        default:
          return `{${this.sortedKeys.map((k, i) => `${k}: ${this.childTreedefs[i]!.toString(false)}`).join(", ")}}`;
      }
    };
    return root ? `JsTreeDef(${inner()})` : inner();
  }
}

const interned = /* @__PURE__ */ new Map<string, JsTreeDef>();
const ids = /* @__PURE__ */ new WeakMap<JsTreeDef, number>();
let nIds = 0;
let leaf: JsTreeDef | null = null;

function idOf(def: JsTreeDef): number {
  let id = ids.get(def);
  if (id === undefined) ids.set(def, (id = nIds++));
  return id;
}
