/** ONNX models of a few nodes, written by hand: what a user of onnxruntime would have. */
import { create, toBinary } from "@bufbuild/protobuf";
import {
  type AttributeProto,
  AttributeProtoSchema,
  AttributeProto_AttributeType as AttributeType,
  GraphProtoSchema,
  ModelProtoSchema,
  NodeProtoSchema,
  OperatorSetIdProtoSchema,
  type TensorProto,
  TensorProtoSchema,
  TensorProto_DataType as DataType,
  TensorShapeProtoSchema,
  TensorShapeProto_DimensionSchema,
  TypeProtoSchema,
  TypeProto_TensorSchema,
  type ValueInfoProto,
  ValueInfoProtoSchema,
} from "onnx-buf";

export interface Constant {
  readonly shape: readonly number[];
  readonly data: Float32Array | Int32Array | BigInt64Array;
}

/** A number is an int attribute, a list ints, a string a string, and `{ float }` a float. */
export type Attribute = number | readonly number[] | string | { readonly float: number };

/** Operator, inputs, outputs, attributes. */
export type Node = readonly [
  op: string,
  inputs: readonly string[],
  outputs: readonly string[],
  attributes?: Readonly<Record<string, Attribute>>,
];

export type ElementType = "float32" | "int32" | "int64";

export interface Declared {
  readonly shape: readonly number[];
  readonly type: ElementType;
}

export interface OnnxModel {
  readonly nodes: readonly Node[];
  readonly inputs: Readonly<Record<string, Declared>>;
  readonly output: Declared;
  readonly constants: Readonly<Record<string, Constant>>;
}

const TYPES = { float32: DataType.FLOAT, int32: DataType.INT32, int64: DataType.INT64 } as const;

export const int64 = (values: readonly number[], shape: readonly number[] = [values.length]): Constant => ({
  shape,
  data: BigInt64Array.from(values.map(BigInt)),
});

export const scalar = (value: number): Constant => ({ shape: [], data: Float32Array.of(value) });

export function elementType(data: Constant["data"]): ElementType {
  if (data instanceof Float32Array) return "float32";
  return data instanceof Int32Array ? "int32" : "int64";
}

const big = (values: readonly number[]): bigint[] => values.map(BigInt);

function attribute(name: string, value: Attribute): AttributeProto {
  if (typeof value === "number") {
    return create(AttributeProtoSchema, { name, type: AttributeType.INT, i: BigInt(value) });
  }
  if (typeof value === "string") {
    return create(AttributeProtoSchema, { name, type: AttributeType.STRING, s: new TextEncoder().encode(value) });
  }
  if ("float" in value) return create(AttributeProtoSchema, { name, type: AttributeType.FLOAT, f: value.float });
  return create(AttributeProtoSchema, { name, type: AttributeType.INTS, ints: big(value) });
}

function initializer(name: string, { shape, data }: Constant): TensorProto {
  const rawData = new Uint8Array(data.buffer as ArrayBuffer, data.byteOffset, data.byteLength);
  return create(TensorProtoSchema, { name, dims: big(shape), dataType: TYPES[elementType(data)], rawData });
}

function declaration(name: string, { shape, type }: Declared): ValueInfoProto {
  const dim = shape.map((n) =>
    create(TensorShapeProto_DimensionSchema, { value: { case: "dimValue", value: BigInt(n) } }),
  );
  const tensor = create(TypeProto_TensorSchema, {
    elemType: TYPES[type],
    shape: create(TensorShapeProtoSchema, { dim }),
  });
  return create(ValueInfoProtoSchema, {
    name,
    type: create(TypeProtoSchema, { value: { case: "tensorType", value: tensor } }),
  });
}

/** The bytes of a model with one output, `out`. */
export function onnxBytes({ nodes, inputs, output, constants }: OnnxModel): Uint8Array {
  const graph = create(GraphProtoSchema, {
    name: "bench",
    node: nodes.map(([opType, input, out, attributes = {}], i) =>
      create(NodeProtoSchema, {
        opType,
        name: `${opType}_${i}`,
        input: [...input],
        output: [...out],
        attribute: Object.entries(attributes).map(([name, value]) => attribute(name, value)),
      }),
    ),
    input: Object.entries(inputs).map(([name, declared]) => declaration(name, declared)),
    output: [declaration("out", output)],
    initializer: Object.entries(constants).map(([name, constant]) => initializer(name, constant)),
  });
  const opsetImport = [create(OperatorSetIdProtoSchema, { domain: "", version: 20n })];
  return toBinary(ModelProtoSchema, create(ModelProtoSchema, { irVersion: 9n, opsetImport, graph }));
}
