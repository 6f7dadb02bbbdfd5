/** A graph in the making: nodes in order, constants, and values with their types. */
import { create } from "@bufbuild/protobuf";
import type { DType, ShapedArray } from "@jax-js/jax";
import {
  type AttributeProto,
  AttributeProtoSchema,
  AttributeProto_AttributeType as AttributeType,
  type GraphProto,
  GraphProtoSchema,
  type NodeProto,
  NodeProtoSchema,
  type TensorProto,
  TensorProtoSchema,
  TensorShapeProtoSchema,
  TensorShapeProto_DimensionSchema,
  TypeProtoSchema,
  TypeProto_TensorSchema,
  type ValueInfoProto,
  ValueInfoProtoSchema,
} from "onnx-buf";
import { BFLOAT16, BOOL, DOUBLE, FLOAT, FLOAT16, INT16, INT32, INT64, INT8, UINT16, UINT32, UINT8 } from "../elem-type";

/** A value of the graph: its name, and what it is. */
export interface Value {
  readonly name: string;
  readonly aval: ShapedArray;
}

/** A node's input: a value, or the name of an int64 tensor, which has no dtype here. */
export type Input = Value | string;

export type Attribute =
  | { readonly int: number }
  | { readonly ints: readonly number[] }
  | { readonly text: string }
  | { readonly graph: GraphProto };

export const ELEM_TYPES: Readonly<Record<DType, number>> = {
  bool: BOOL,
  int8: INT8,
  int16: INT16,
  int32: INT32,
  uint8: UINT8,
  uint16: UINT16,
  uint32: UINT32,
  float16: FLOAT16,
  bfloat16: BFLOAT16,
  float32: FLOAT,
  float64: DOUBLE,
};

const big = (xs: readonly number[]): bigint[] => xs.map(BigInt);

function attribute(name: string, value: Attribute): AttributeProto {
  const fields =
    "int" in value
      ? { type: AttributeType.INT, i: BigInt(value.int) }
      : "ints" in value
        ? { type: AttributeType.INTS, ints: big(value.ints) }
        : "text" in value
          ? { type: AttributeType.STRING, s: new TextEncoder().encode(value.text) }
          : { type: AttributeType.GRAPH, g: value.graph };
  return create(AttributeProtoSchema, { name, ...fields });
}

/** Declares a graph's input or output. */
export function valueInfo(name: string, elemType: number, shape: readonly number[]): ValueInfoProto {
  const dim = shape.map((n) =>
    create(TensorShapeProto_DimensionSchema, { value: { case: "dimValue", value: BigInt(n) } }),
  );
  const tensor = create(TypeProto_TensorSchema, { elemType, shape: create(TensorShapeProtoSchema, { dim }) });
  return create(ValueInfoProtoSchema, {
    name,
    type: create(TypeProtoSchema, { value: { case: "tensorType", value: tensor } }),
  });
}

/** Declares a value as a graph's input or output. */
export const infoOf = ({ name, aval }: Value): ValueInfoProto => valueInfo(name, ELEM_TYPES[aval.dtype], aval.shape);

/** What the graph and the graphs inside it share. */
interface Shared {
  names: number;
  readonly initializers: TensorProto[];
  readonly integers: Map<string, string>;
}

export class GraphBuilder {
  private readonly nodes: NodeProto[] = [];
  private readonly shared: Shared;

  constructor(shared: Shared = { names: 0, initializers: [], integers: new Map() }) {
    this.shared = shared;
  }

  /** A builder for a graph inside this one; it sees everything that is outside. */
  inner(): GraphBuilder {
    return new GraphBuilder(this.shared);
  }

  fresh(prefix = "v"): string {
    return `${prefix}${this.shared.names++}`;
  }

  /** Adds a node, and returns its one result. */
  node(type: string, inputs: readonly Input[], aval: ShapedArray, attributes: Record<string, Attribute> = {}): Value {
    return { name: this.several(type, inputs, 1, attributes)[0]!, aval };
  }

  /** As `node`, for int64 results: shapes and places. */
  integers(type: string, inputs: readonly Input[], attributes: Record<string, Attribute> = {}): string {
    return this.several(type, inputs, 1, attributes)[0]!;
  }

  /** The value under a name that the user chose. */
  rename(x: Value, name: string): Value {
    this.add("Identity", [x], [name], {});
    return { name, aval: x.aval };
  }

  /** Adds a node, and returns the names of its results. */
  several(type: string, inputs: readonly Input[], n: number, attributes: Record<string, Attribute> = {}): string[] {
    const output = Array.from({ length: n }, () => this.fresh());
    this.add(type, inputs, output, attributes);
    return output;
  }

  private add(opType: string, inputs: readonly Input[], output: string[], attributes: Record<string, Attribute>): void {
    const input = inputs.map((x) => (typeof x === "string" ? x : x.name));
    const list = Object.entries(attributes).map(([name, value]) => attribute(name, value));
    this.nodes.push(
      create(NodeProtoSchema, { opType, name: this.fresh(`${opType}_`), input, output, attribute: list }),
    );
  }

  /** A one-dimensional int64 constant. */
  list(values: readonly number[]): string {
    return this.int64([values.length], values);
  }

  /** An int64 constant; equal ones are one. */
  int64(shape: readonly number[], values: readonly number[]): string {
    const key = `${shape.join()}:${values.join()}`;
    let name = this.shared.integers.get(key);
    if (name === undefined) {
      name = this.fresh("c");
      const rawData = new Uint8Array(BigInt64Array.from(big(values)).buffer);
      this.shared.initializers.push(create(TensorProtoSchema, { name, dims: big(shape), dataType: INT64, rawData }));
      this.shared.integers.set(key, name);
    }
    return name;
  }

  /** A constant of these little-endian bytes. */
  constant(aval: ShapedArray, rawData: Uint8Array<ArrayBuffer>, name = this.fresh("c")): Value {
    const dataType = ELEM_TYPES[aval.dtype];
    this.shared.initializers.push(create(TensorProtoSchema, { name, dims: big(aval.shape), dataType, rawData }));
    return { name, aval };
  }

  build(name: string, inputs: readonly ValueInfoProto[], outputs: readonly Value[]): GraphProto {
    return create(GraphProtoSchema, { name, node: this.nodes, input: [...inputs], output: outputs.map(infoOf) });
  }

  /** The outermost graph, which holds the constants of all. */
  buildOutermost(name: string, inputs: readonly Value[], outputs: readonly Value[]): GraphProto {
    const graph = this.build(name, inputs.map(infoOf), outputs);
    graph.initializer = this.shared.initializers;
    return graph;
  }
}
