/** All operators, by domain and name. */
import { OnnxUnsupportedError } from "../errors";
import { type Operator, type OperatorTable } from "./operator";
import { activation } from "./activation";
import { arithmetic } from "./arithmetic";
import { casting } from "./cast";
import { convolution } from "./conv";
import { elementwise } from "./elementwise";
import { gathering } from "./gather";
import { linear } from "./linear";
import { normalization } from "./norm";
import { padding } from "./padding";
import { pooling } from "./pool";
import { reduce } from "./reduce";
import { selection } from "./select";
import { shape } from "./shape";

import { attending, previewAttention } from "./attention";
import { controlFlow } from "./control-flow";
import { linearAttending } from "./linear-attention";
import { losses } from "./loss";
import { quantization } from "./quant";
import { randomness } from "./random";
import { recurrent } from "./rnn";
import { contribActivation } from "./contrib/activation";
import { contribAttention } from "./contrib/attention";
import { contribGroupQuery } from "./contrib/group-query-attention";
import { contribMatmul } from "./contrib/matmul";
import { contribMisc } from "./contrib/misc";
import { contribNormalization, simplifiedLayerNormalization } from "./contrib/norm";
import { contribQuantization } from "./contrib/quant";
import { mlFeatures } from "./ml/features";
import { mlForest } from "./ml/forest";
import { mlLinear } from "./ml/linear";
import { sequences } from "./sequence";
import { training } from "./training";
import { deformable } from "./deform-conv";
import { regions } from "./regions";
import { resizing } from "./resize";
import { sampling } from "./sample";
import { signal } from "./signal";
import { text } from "./text";

const standard: OperatorTable = {
  ...activation,
  ...arithmetic,
  ...attending,
  ...casting,
  ...controlFlow,
  ...convolution,
  ...deformable,
  ...elementwise,
  ...gathering,
  ...linear,
  ...linearAttending,
  ...losses,
  ...normalization,
  ...padding,
  ...pooling,
  ...quantization,
  ...randomness,
  ...recurrent,
  ...reduce,
  ...regions,
  ...resizing,
  ...sampling,
  ...selection,
  ...sequences,
  ...shape,
  ...signal,
  ...text,
};

/** Operators of onnxruntime, in the domain com.microsoft. */
const contrib: OperatorTable = {
  ...contribActivation,
  ...contribAttention,
  ...contribGroupQuery,
  ...contribMatmul,
  ...contribMisc,
  ...contribNormalization,
  ...contribQuantization,
  // The same as those of ONNX.
  CausalConvWithState: convolution.CausalConvWithState!,
  GatherND: gathering.GatherND!,
  GridSample: sampling.GridSample!,
  LinearAttention: linearAttending.LinearAttention!,
  Range: shape.Range!,
  Trilu: shape.Trilu!,
};

const tables: Readonly<Record<string, OperatorTable>> = {
  // onnxruntime's exporters put this one among ONNX's own.
  "": { ...standard, SimplifiedLayerNormalization: simplifiedLayerNormalization },
  "com.microsoft": contrib,
  "ai.onnx.ml": { ...mlFeatures, ...mlForest, ...mlLinear },
  "ai.onnx.preview": previewAttention,
  "ai.onnx.preview.training": training,
  "ai.onnx.training": training,
};

/** Errors: OnnxUnsupportedError, naming the operator, its version and the node. */
export function findOperator(domain: string, opType: string, version: number, node: string): Operator {
  const table = Object.hasOwn(tables, domain) ? tables[domain]! : {};
  if (Object.hasOwn(table, opType)) return table[opType]!;
  const title = domain ? `${domain}.${opType}` : opType;
  throw new OnnxUnsupportedError(`node "${node}": unsupported ONNX operator ${title} (opset ${version})`);
}

/**
 * Names of the operators that models may use, by domain; "" is ONNX's own.
 * @example
 * operatorNames()["com.microsoft"].includes("MatMulNBits"); // => true
 */
export function operatorNames(): Record<string, string[]> {
  return Object.fromEntries(Object.entries(tables).map(([domain, table]) => [domain, Object.keys(table).sort()]));
}
