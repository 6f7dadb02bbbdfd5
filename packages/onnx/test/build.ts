/** Small models for tests, by the schema of ONNX. */
import { create, toBinary } from "@bufbuild/protobuf";
import {
  type AttributeProto,
  AttributeProtoSchema,
  AttributeProto_AttributeType as Kind,
  type FunctionProto,
  FunctionProtoSchema,
  type GraphProto,
  GraphProtoSchema,
  ModelProtoSchema,
  type NodeProto,
  NodeProtoSchema,
  OperatorSetIdProtoSchema,
  type SparseTensorProto,
  SparseTensorProtoSchema,
  type TensorProto,
  TensorProtoSchema,
  TensorShapeProtoSchema,
  TensorShapeProto_DimensionSchema,
  TypeProtoSchema,
  TypeProto_TensorSchema,
  type ValueInfoProto,
  ValueInfoProtoSchema,
} from "onnx-buf";

const bytes = (text: string): Uint8Array<ArrayBuffer> => new TextEncoder().encode(text) as Uint8Array<ArrayBuffer>;

export type AttributeValue = number | bigint | string | readonly number[] | TensorProto | GraphProto;

/** Numbers are floats and bigints are ints; lists of numbers are ints. */
export function attribute(name: string, value: AttributeValue): AttributeProto {
  const a = create(AttributeProtoSchema, { name });
  if (typeof value === "bigint") Object.assign(a, { type: Kind.INT, i: value });
  else if (typeof value === "number") Object.assign(a, { type: Kind.FLOAT, f: value });
  else if (typeof value === "string") Object.assign(a, { type: Kind.STRING, s: bytes(value) });
  else if (Array.isArray(value)) Object.assign(a, { type: Kind.INTS, ints: value.map(BigInt) });
  else if ("node" in value) Object.assign(a, { type: Kind.GRAPH, g: value });
  else Object.assign(a, { type: Kind.TENSOR, t: value });
  return a;
}

export function node(
  opType: string,
  input: string[],
  output: string[],
  attributes: Record<string, AttributeValue> = {},
  more: { name?: string; domain?: string; attribute?: AttributeProto[] } = {},
): NodeProto {
  const attribute_ = Object.entries(attributes).map(([name, value]) => attribute(name, value));
  return create(NodeProtoSchema, {
    opType,
    input,
    output,
    ...more,
    attribute: [...attribute_, ...(more.attribute ?? [])],
  });
}

export const FLOAT = 1;
export const INT64 = 7;
export const BOOL = 9;

export function tensor(name: string, shape: readonly number[], data: readonly number[], dataType = FLOAT): TensorProto {
  const values = dataType === FLOAT ? { floatData: [...data] } : dataType === INT64 ? { int64Data: data.map(BigInt) } : { int32Data: [...data] }; // prettier-ignore
  return create(TensorProtoSchema, { name, dims: shape.map(BigInt), dataType, ...values });
}

export function sparse(
  name: string,
  shape: readonly number[],
  at: readonly number[],
  data: readonly number[],
): SparseTensorProto {
  return create(SparseTensorProtoSchema, {
    values: tensor(name, [data.length], data),
    indices: tensor("", [at.length], at, INT64),
    dims: shape.map(BigInt),
  });
}

/** A named input; sizes may be names. */
export function input(name: string, shape: readonly (number | string)[], elemType = FLOAT): ValueInfoProto {
  const dim = shape.map((d) =>
    create(TensorShapeProto_DimensionSchema, {
      value: typeof d === "number" ? { case: "dimValue", value: BigInt(d) } : { case: "dimParam", value: d },
    }),
  );
  const value = create(TypeProto_TensorSchema, { elemType, shape: create(TensorShapeProtoSchema, { dim }) });
  return create(ValueInfoProtoSchema, {
    name,
    type: create(TypeProtoSchema, { value: { case: "tensorType", value } }),
  });
}

export interface GraphParts {
  input?: ValueInfoProto[];
  output: string[];
  node: NodeProto[];
  initializer?: TensorProto[];
  sparseInitializer?: SparseTensorProto[];
}

export const graph = ({ output, ...parts }: GraphParts): GraphProto =>
  create(GraphProtoSchema, {
    name: "test",
    ...parts,
    output: output.map((name) => create(ValueInfoProtoSchema, { name })),
  });

export const fn = (
  name: string,
  parts: { input: string[]; output: string[]; node: NodeProto[]; attribute?: string[] },
): FunctionProto => create(FunctionProtoSchema, { name, domain: "my", ...parts, opsetImport: [opset("", 21)] });

const opset = (domain: string, version: number) =>
  create(OperatorSetIdProtoSchema, { domain, version: BigInt(version) });

/** The bytes of a model of one graph. */
export function model(parts: GraphParts, functions: FunctionProto[] = [], version = 21): Uint8Array {
  const opsetImport = [opset("", version), opset("my", 1), opset("com.microsoft", 1)];
  return toBinary(
    ModelProtoSchema,
    create(ModelProtoSchema, { irVersion: 10n, graph: graph(parts), functions, opsetImport }),
  );
}
