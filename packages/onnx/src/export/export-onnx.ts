/** `exportOnnx`: a function and its weights as the bytes of an ONNX model. */
import { checkOptions } from "../option-names";
import { create, toBinary } from "@bufbuild/protobuf";
import { type Array as NdArray, type ClosedJaxpr, makeJaxpr, tree } from "@jax-js/jax";
import { ModelProtoSchema, OperatorSetIdProtoSchema, Version } from "onnx-buf";
import { OnnxExportError } from "../errors";
import { GraphBuilder, type Value } from "./graph-builder";
import { writeJaxpr } from "./program";
import { constantOf } from "./values";

export interface ExportOnnxOptions {
  /** Names of the leaves of the arguments, in the order of their tree; else `arg0`, `arg1.w`, ... */
  readonly inputNames?: readonly string[];
  /** Names of the leaves of the result; else `out`, `out.loss`, ... */
  readonly outputNames?: readonly string[];
  /** Name of the graph; else that of the function. */
  readonly name?: string;
  readonly staticArgnums?: readonly number[];
}

/** Every operator that is written is defined in this version, and runtimes have it. */
const OPSET = 18;

/**
 * The bytes of an ONNX model that computes `f` for arguments like these (arrays, numbers, or ShapeDtypeStruct). Leaves of
 * the arguments are its inputs, leaves of the result its outputs, and arrays that `f` captures its initializers.
 *
 * Shapes: those of the arguments, fixed. Loops become `Loop`, branches `If`.
 * Errors: OnnxExportError for operations that ONNX does not have (factorizations, callbacks, digamma, ...), and for names
 * that are too few or too many; DeviceError if a captured array is on webgpu, where values cannot be read at once.
 * Source: the ONNX operator specification, https://onnx.ai/onnx/operators, opset 18.
 * @example
 * const w = np.array([[1, 2], [3, 4]]);
 * const bytes = exportOnnx((x) => np.tanh(np.matmul(x, w)))(np.ones([1, 2]));
 * new ONNXModel(bytes).run({ arg0: np.zeros([1, 2]) }).out.js(); // => [[0, 0]]
 */
// eslint-disable-next-line @typescript-eslint/no-explicit-any -- arguments are as the user's function has them
export function exportOnnx<F extends (...args: any[]) => unknown>(
  f: F,
  options: ExportOnnxOptions = {},
): (...args: Parameters<F>) => Uint8Array {
  checkOptions("exportOnnx", options, { inputNames: true, outputNames: true, name: true, staticArgnums: true });
  return (...args) => {
    const statics = options.staticArgnums ?? [];
    const { jaxpr: closed, treedef } = makeJaxpr(f as (...xs: unknown[]) => unknown, { staticArgnums: statics })(
      ...(args as unknown[]),
    );
    try {
      const inputs = args.flatMap((arg, i) =>
        statics.includes(i) ? [] : tree.leavesWithPath(arg).map(([path]) => `arg${i}${path}`),
      );
      const leaves = tree.unflatten(
        treedef,
        closed.jaxpr.outs.map((_, i) => i),
      );
      const outputs = tree.leavesWithPath(leaves).map(([path]) => `out${path}`);
      const graph = write(closed, {
        name: options.name ?? (f.name || "jax_js"),
        inputs: named("inputNames", options.inputNames, inputs),
        outputs: named("outputNames", options.outputNames, outputs),
      });
      const model = create(ModelProtoSchema, {
        irVersion: BigInt(Version.IR_VERSION_2023_5_5),
        producerName: "jax-js",
        opsetImport: [create(OperatorSetIdProtoSchema, { domain: "", version: BigInt(OPSET) })],
        graph,
      });
      return toBinary(ModelProtoSchema, model);
    } finally {
      closed.dispose();
    }
  };
}

function named(option: string, given: readonly string[] | undefined, made: readonly string[]): readonly string[] {
  if (given === undefined) return made;
  if (given.length === made.length && new Set(given).size === given.length) return given;
  throw new OnnxExportError(
    `exportOnnx: ${option} must be ${made.length} different names, one for each of ${made.join(", ")}; got ${given.length}`,
  );
}

interface Names {
  readonly name: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
}

function write({ jaxpr, consts }: ClosedJaxpr, { name, inputs, outputs }: Names) {
  const g = new GraphBuilder();
  const captured = (consts as readonly NdArray[]).map((c) => captureOf(g, c));
  const args = jaxpr.inBinders.map((v, i): Value => ({ name: inputs[i]!, aval: v.aval }));
  const results = writeJaxpr(g, jaxpr, [...captured, ...args]);
  const outs = results.map((y, i) => g.rename(y, outputs[i]!));
  return g.buildOutermost(name, args, outs);
}

const captureOf = (g: GraphBuilder, x: NdArray): Value =>
  constantOf(g, x.dataSync() as ArrayLike<number>, x.shape, x.dtype);
