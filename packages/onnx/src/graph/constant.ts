/** The value of a Constant node, which is known when the model is read. */
import { type AttributeProto } from "onnx-buf";
import { FLOAT, INT64, STRING } from "../elem-type";
import { OnnxParseError } from "../errors";
import { type ExternalData, type RawTensor, readSparse, readTensor } from "../proto/tensor-data";

const text = new TextDecoder();

/** The tensor that the attributes of a Constant give. */
export function constantOf(attributes: readonly AttributeProto[], external: ExternalData): RawTensor {
  for (const a of attributes) {
    switch (a.name) {
      case "value":
        if (a.t) return readTensor(a.t, external);
        break;
      case "sparse_value":
        if (a.sparseTensor) return readSparse(a.sparseTensor, external);
        break;
      case "value_float":
        return { type: FLOAT, shape: [], data: [a.f] };
      case "value_floats":
        return { type: FLOAT, shape: [a.floats.length], data: a.floats };
      case "value_int":
        return { type: INT64, shape: [], data: [Number(a.i)] };
      case "value_ints":
        return { type: INT64, shape: [a.ints.length], data: a.ints.map(Number) };
      case "value_string":
        return { type: STRING, shape: [], data: [text.decode(a.s)] };
      case "value_strings":
        return { type: STRING, shape: [a.strings.length], data: a.strings.map((s) => text.decode(s)) };
    }
  }
  throw new OnnxParseError("a Constant node has no value");
}
