/** ONNX models in jax-js. */
export { OnnxError, OnnxExportError, OnnxNodeError, OnnxParseError, OnnxUnsupportedError } from "./errors";
export { type ExportOnnxOptions, exportOnnx } from "./export/export-onnx";
export type { ModelInput, ModelOutput } from "./io";
export { ONNXModel, type ONNXModelOptions, type ONNXRunOptions } from "./model";
export { operatorNames } from "./ops/table";
export type { ExternalData } from "./proto/tensor-data";
