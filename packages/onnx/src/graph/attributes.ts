/** Attributes of a node, by name and with the type that the operator wants. */
import {
  type AttributeProto,
  AttributeProto_AttributeType,
  type GraphProto,
  type TensorProto,
  type TypeProto,
} from "onnx-buf";
import { OnnxParseError } from "../errors";

const text = new TextDecoder();

/** The attributes of one node. References of a function's body (`refAttrName`) have been resolved. */
export class Attributes {
  readonly #byName: ReadonlyMap<string, AttributeProto>;
  constructor(attributes: readonly AttributeProto[]) {
    this.#byName = new Map(attributes.map((a) => [a.name, a]));
  }
  has(name: string): boolean {
    return this.#byName.has(name);
  }
  get(name: string): AttributeProto | undefined {
    return this.#byName.get(name);
  }
  int(name: string, otherwise: number): number {
    return this.#number(name) ?? otherwise;
  }
  /** An attribute without a default: undefined if absent. */
  optionalInt(name: string): number | undefined {
    return this.#number(name);
  }
  flag(name: string, otherwise = false): boolean {
    return this.int(name, otherwise ? 1 : 0) !== 0;
  }
  float(name: string, otherwise: number): number {
    return this.#number(name) ?? otherwise;
  }
  optionalFloat(name: string): number | undefined {
    return this.#number(name);
  }
  /** Exporters write whole numbers as ints where floats are asked for, and first versions had floats for ints. */
  #number(name: string): number | undefined {
    const a = this.#byName.get(name);
    if (!a) return undefined;
    if (a.type === AttributeProto_AttributeType.FLOAT) return a.f;
    return a.type === AttributeProto_AttributeType.INT ? Number(a.i) : a.f || Number(a.i);
  }
  string(name: string, otherwise: string): string {
    const a = this.#byName.get(name);
    return a ? text.decode(a.s) : otherwise;
  }
  ints(name: string): number[] | undefined {
    return this.#byName.get(name)?.ints.map(Number);
  }
  floats(name: string): number[] | undefined {
    return this.#byName.get(name)?.floats;
  }
  strings(name: string): string[] | undefined {
    return this.#byName.get(name)?.strings.map((s) => text.decode(s));
  }
  tensor(name: string): TensorProto | undefined {
    return this.#byName.get(name)?.t;
  }
  type(name: string): TypeProto | undefined {
    return this.#byName.get(name)?.tp;
  }
  graph(name: string): GraphProto {
    const graph = this.#byName.get(name)?.g;
    if (!graph) throw new OnnxParseError(`the attribute "${name}", a graph, is missing`);
    return graph;
  }
}

/** Attributes of a node in a function's body, with references to the call's attributes replaced. */
export function resolveReferences(
  attributes: readonly AttributeProto[],
  call: ReadonlyMap<string, AttributeProto>,
): AttributeProto[] {
  return attributes.flatMap((a) => {
    if (!a.refAttrName) return [a];
    const found = call.get(a.refAttrName);
    return found ? [{ ...found, name: a.name }] : [];
  });
}
