/** The structure of a pytree. Equal structures of lists and plain objects are mostly the same object. */
import { sameValue } from "../base/structural";
import type { PytreeNode } from "./registry";

export const NodeType = {
  Array: "Array",
  Object: "Object",
  None: "None",
  Leaf: "Leaf",
  Custom: "Custom",
} as const;
export type NodeType = (typeof NodeType)[keyof typeof NodeType];

/** What a node of a registered class is besides its children. */
export interface CustomNode {
  readonly node: PytreeNode;
  readonly aux: unknown;
  /** The part of a path that names each child. */
  readonly paths: readonly string[];
}

export class JsTreeDef {
  readonly nodeType: NodeType;
  /** Keys of an object in the order in which it had them; null or undefined for an empty node. */
  readonly nodeMetadata: readonly string[] | null | undefined;
  /** Children in the order of flattening: those of an object by sorted key. */
  readonly childTreedefs: readonly JsTreeDef[];
  /** Number of leaves. */
  readonly size: number;
  /** Keys of an object in sorted order. */
  readonly sortedKeys: readonly string[];
  /** For a node of type Custom. */
  readonly custom: CustomNode | null;
  /** True if no node of type Custom is inside. */
  readonly isPlain: boolean;
  private readonly id = nIds++;

  private constructor(
    nodeType: NodeType,
    nodeMetadata: readonly string[] | null | undefined,
    childTreedefs: readonly JsTreeDef[],
    sortedKeys: readonly string[],
    custom: CustomNode | null = null,
  ) {
    this.nodeType = nodeType;
    this.nodeMetadata = nodeMetadata;
    this.childTreedefs = childTreedefs;
    this.size = nodeType === "Leaf" ? 1 : childTreedefs.reduce((sum, c) => sum + c.size, 0);
    this.sortedKeys = sortedKeys;
    this.custom = custom;
    this.isPlain = custom === null && childTreedefs.every((c) => c.isPlain);
  }

  private static intern(
    nodeType: NodeType,
    metadata: readonly string[] | null | undefined,
    children: readonly JsTreeDef[],
    sortedKeys: readonly string[],
  ): JsTreeDef {
    // What belongs to a custom node may be any object, which a table must not keep alive.
    if (!children.every((c) => c.isPlain)) return new JsTreeDef(nodeType, metadata, children, sortedKeys);
    let key: string = nodeType + (metadata === undefined ? "u" : JSON.stringify(metadata));
    for (const c of children) key += `,${c.id}`;
    let def = interned.get(key);
    if (def === undefined) {
      if (interned.size >= MAX_INTERNED) interned.clear();
      interned.set(key, (def = new JsTreeDef(nodeType, metadata, children, sortedKeys)));
    }
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
    for (let i = 0; i < children.length; i++) {
      if (children[i] !== leaf) return JsTreeDef.intern("Array", null, children, []);
    }
    return (leafLists[children.length] ??= JsTreeDef.intern("Array", null, children, []));
  }
  /** `children` by sorted key. */
  static object(keys: readonly string[], sortedKeys: readonly string[], children: readonly JsTreeDef[]): JsTreeDef {
    return JsTreeDef.intern("Object", keys, children, sortedKeys);
  }
  static custom(custom: CustomNode, children: readonly JsTreeDef[]): JsTreeDef {
    return new JsTreeDef("Custom", null, children, [], custom);
  }

  /** Same structure; the order in which objects have their keys does not matter. */
  equals(other: JsTreeDef): boolean {
    if (this === other) return true;
    if (!this.sameNode(other)) return false;
    return this.childTreedefs.every((c, i) => c.equals(other.childTreedefs[i]!));
  }

  /** As `equals`, of this node alone: its children may differ in their structure, not in their number. */
  sameNode(other: JsTreeDef): boolean {
    if (this.nodeType !== other.nodeType || this.childTreedefs.length !== other.childTreedefs.length) return false;
    if (this.sortedKeys.some((k, i) => k !== other.sortedKeys[i])) return false;
    if (this.custom === null) return true;
    return this.custom.node === other.custom!.node && sameValue(this.custom.aux, other.custom!.aux);
  }

  /** What a path says to come to child number i. */
  pathOf(i: number): string {
    if (this.nodeType === "Object") return `.${this.sortedKeys[i]}`;
    return this.custom?.paths[i] ?? `[${i}]`;
  }

  /** `JsTreeDef({a: *, b: [*, *]})`; a registered class as `CustomNode(Name[aux], [*, *])`. */
  toString(root = true): string {
    const children = (): string[] => this.childTreedefs.map((c) => c.toString(false));
    const inner = (): string => {
      switch (this.nodeType) {
        case "Leaf":
          return "*";
        case "None":
          return "null";
        case "Array":
          return `[${children().join(", ")}]`;
        case "Object":
          return `{${children()
            .map((text, i) => `${this.sortedKeys[i]}: ${text}`)
            .join(", ")}}`;
        default: {
          const { node, aux } = this.custom!;
          return `CustomNode(${node.name}[${auxText(aux)}], [${children().join(", ")}])`;
        }
      }
    };
    return root ? `JsTreeDef(${inner()})` : inner();
  }
}

function auxText(aux: unknown): string {
  if (typeof aux === "function") return aux.name || "anonymous";
  if (Array.isArray(aux)) return aux.map(auxText).join(", ");
  if (typeof aux !== "object" || aux === null) return String(aux);
  const entries = Object.entries(aux).map(([k, v]) => `${k}: ${auxText(v)}`);
  return `{${entries.join(", ")}}`;
}

/** Structures beyond this many are forgotten: equal ones may then be different objects, which `equals` compares. */
const MAX_INTERNED = 16384;
const interned = /* @__PURE__ */ new Map<string, JsTreeDef>();
/** Lists of leaves alone, by length: what most arguments and results are. */
const leafLists: JsTreeDef[] = [];
let nIds = 0;
let leaf: JsTreeDef | null = null;
