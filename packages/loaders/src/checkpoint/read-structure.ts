/** The structure of a saved state, read back from JSON: checked node by node, since a file may hold anything. */
import { FormatError } from "../errors";
import { type Node, specialValue } from "./tree-text";

const FORMAT = "checkpoint";
const MAX_DEPTH = 256;

const fail = (what: string): never => {
  throw new FormatError(FORMAT, `its structure is damaged: ${what}`);
};

/** Errors: FormatError. */
export function readStructure(text: string): Node {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return fail("it is not JSON");
  }
  return readNode(json, 0);
}

function readNode(json: unknown, depth: number): Node {
  if (depth > MAX_DEPTH) fail("it is nested too deeply");
  if (typeof json !== "object" || json === null) return fail("a node is not an object");
  const field = (key: string): unknown =>
    Object.hasOwn(json, key) ? (json as Record<string, unknown>)[key] : undefined;
  const nodes = (list: unknown[]): Node[] => list.map((child) => readNode(child, depth + 1));
  const list = field("list");
  if (Array.isArray(list)) return { list: nodes(list) };
  const node = field("node");
  if (Array.isArray(node)) return { node: nodes(node) };
  const object = field("object");
  if (Array.isArray(object)) return { object: object.map((entry) => readEntry(entry, depth + 1)) };
  const array = field("array");
  if (typeof array === "string") return { array };
  const typed = field("typed");
  const kind = field("kind");
  if (typeof typed === "string" && typeof kind === "string") return { typed, kind };
  const special = field("special");
  if (typeof special === "string" && specialValue(special) !== null) return { special };
  const value = field("value");
  if (value === null || ["string", "number", "boolean"].includes(typeof value)) return { value } as Node;
  return fail("a node is of no known kind");
}

function readEntry(json: unknown, depth: number): readonly [string, Node] {
  if (!Array.isArray(json) || json.length !== 2 || typeof json[0] !== "string")
    return fail("an entry is not a key and a node");
  return [json[0], readNode(json[1], depth)];
}
