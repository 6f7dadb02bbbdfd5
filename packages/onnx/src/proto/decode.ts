/** The bytes of a file as a ModelProto. */
import { fromBinary } from "@bufbuild/protobuf";
import { type ModelProto, ModelProtoSchema } from "onnx-buf";
import { OnnxParseError } from "../errors";

/** Reads a model. Errors: OnnxParseError for bytes that are not one. */
export function decodeModel(bytes: Uint8Array): ModelProto {
  let model: ModelProto;
  try {
    model = fromBinary(ModelProtoSchema, bytes);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new OnnxParseError(`these ${bytes.length} bytes are no ONNX model: ${why}`, { cause: error });
  }
  if (!model.graph) throw new OnnxParseError(`the model has no graph (${bytes.length} bytes)`);
  return model;
}
