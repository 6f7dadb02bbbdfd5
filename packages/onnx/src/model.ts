/** A model of an ONNX file as a function on arrays. */
import { checkOptions } from "./option-names";
import { type Array as NdArray, numpy as np, owned } from "@jax-js/jax";
import { type ModelProto, type TypeProto } from "onnx-buf";
import { isFloatType } from "./elem-type";
import { OnnxError } from "./errors";
import { evaluateGraph } from "./graph/evaluate";
import { type Limits, defaultLimits } from "./graph/limits";
import { type Library, type Program, canonicalDomain, compileGraph, functionKey } from "./graph/program";
import { type Session } from "./graph/session";
import { Weights } from "./graph/weights";
import { type ModelInput, fromUser, toUser } from "./io";
import { decodeModel } from "./proto/decode";
import { type ExternalData } from "./proto/tensor-data";
import { describeStats } from "./stats";
import { type Value, describe, none, toDevice } from "./value";

export interface ONNXModelOptions {
  /** Bytes of the files beside the model that hold its weights, by the path that the model gives. */
  externalData?: ExternalData | undefined;
  /** Bounds on what an untrusted file may ask for. */
  limits?: Partial<Limits> | undefined;
}

export interface ONNXRunOptions {
  /** Print each node and the shapes of its outputs. */
  verbose?: boolean;
  /** Names of values inside the graph that are returned besides the outputs. */
  additionalOutputs?: string[];
  /** Names of values inside the graph of which the range and the mean are printed. */
  debugStats?: string[];
  /** Where the random operators without a seed of their own start from; one key gives the same numbers each time. */
  key?: NdArray;
}

/** More nodes than this, functions written out, are taken for a broken file. */
const maxSteps = 1_000_000;

/**
 * A model, read from the bytes of an `.onnx` file. Its weights are uploaded once; `dispose()` frees them.
 *
 * Errors: OnnxParseError for bytes that are no model, OnnxUnsupportedError naming an operator that is not there.
 * @example
 * const file = exportOnnx((x) => x.mul(2).sum(-1))(np.ones([1, 2])); // or the bytes of a download
 * const model = new ONNXModel(file);
 * model.run({ arg0: np.array([[1, 2]]) }).out.js(); // => [6]
 */
export class ONNXModel {
  /** The file as it was read. */
  readonly model: ModelProto;
  readonly #program: Program;
  readonly #weights = new Weights();
  readonly #limits: Limits;
  #disposed = false;

  constructor(modelBytes: Uint8Array | ArrayBuffer, options: ONNXModelOptions = {}) {
    checkOptions("ONNXModel", options, { externalData: true, limits: true });
    this.model = decodeModel(modelBytes instanceof Uint8Array ? modelBytes : new Uint8Array(modelBytes));
    this.#limits = { ...defaultLimits, ...options.limits };
    const library: Library = {
      opsets: new Map(this.model.opsetImport.map((o) => [canonicalDomain(o.domain), Number(o.version)])),
      functions: new Map(this.model.functions.map((f) => [functionKey(f.domain, f.name, f.overload), f])),
      external: options.externalData ?? {},
      weights: this.#weights,
      budget: { steps: maxSteps },
    };
    try {
      this.#program = compileGraph(this.model.graph!, library);
    } catch (error) {
      this.#weights.dispose();
      throw error;
    }
  }

  /** Names of the inputs that `run` must be given: those of the graph without the ones that have a value in the file. */
  get inputNames(): string[] {
    return this.#program.inputs.filter((name) => !this.#program.constants.has(name));
  }

  get outputNames(): string[] {
    return [...this.#program.outputs];
  }

  /**
   * The weights by name, for training: handles of their own, which `run` takes among its inputs in the place of the
   * model's. Floats alone; dispose of them when done.
   * @example
   * const w = np.array([1, 2]);
   * const model = new ONNXModel(exportOnnx((x) => x.mul(w), { inputNames: ["x"], outputNames: ["y"] })(np.ones([2])));
   * const [[name, value]] = Object.entries(model.weights());
   * model.run({ x: np.ones([2]), [name]: value.mul(3) }).y.js(); // => [3, 6]
   */
  weights(): Record<string, NdArray> {
    this.#check();
    const floats = this.model.graph!.initializer.filter((tensor) => isFloatType(tensor.dataType));
    return Object.fromEntries(
      floats.map(({ name }) => {
        const tensor = this.#program.constants.get(name)!;
        return [name, tensor.array ? np.copy(tensor.array) : toDevice(tensor)];
      }),
    );
  }

  /**
   * Runs the model on arrays by name and gives its outputs by name. A function like any other: `jit(model.run)`,
   * `vmap(model.run)` and `grad` of it work. Inputs are not consumed; numbers are converted to the type that the model
   * declares. Sequences are lists, tensors of strings lists of strings, an optional without a value is null. A weight
   * among the inputs is used instead of the model's.
   *
   * Errors: OnnxNodeError, naming node, operator and operator set; OnnxError for inputs that are missing or unknown.
   * @example
   * const model = new ONNXModel(exportOnnx(np.sin, { inputNames: ["x"], outputNames: ["y"] })(np.ones([])));
   * jit(grad((x) => model.run({ x }).y))(0).item(); // => 1
   */
  readonly run = (inputs: Record<string, ModelInput>, options: ONNXRunOptions = {}): Record<string, NdArray> => {
    checkOptions("run", options, { verbose: true, additionalOutputs: true, debugStats: true, key: true });
    this.#check();
    const program = this.#program;
    const infos = new Map(this.model.graph!.input.map((info) => [info.name, info.type]));
    for (const name of Object.keys(inputs)) {
      if (!infos.has(name) && !program.constants.has(name))
        throw new OnnxError(`the model has no input "${name}"; its inputs are ${quoted(this.inputNames)}`);
    }
    const missing = this.inputNames.filter((name) => !Object.hasOwn(inputs, name) && !isOptional(infos.get(name)));
    if (missing.length) throw new OnnxError(`run: the inputs ${quoted(missing)} are missing`);
    const names = [...new Set([...program.outputs, ...(options.additionalOutputs ?? [])])];
    return owned(() => {
      const given = new Map<string, Value>(
        Object.entries(inputs).map(([name, x]) => [
          name,
          fromUser(name, x, infos.get(name), program.constants.get(name)),
        ]),
      );
      for (const name of this.inputNames) if (!given.has(name)) given.set(name, none);
      const session = sessionOf(options, this.#limits);
      const results = evaluateGraph(program, [], null, session, { wanted: names, given });
      return Object.fromEntries(names.map((name, i) => [name, toUser(results[i]!)])) as Record<string, NdArray>;
    });
  };

  #check(): void {
    if (this.#disposed) throw new OnnxError("the model was disposed");
  }

  /** Frees the weights. The model cannot be run afterwards. */
  dispose(): void {
    this.#disposed = true;
    this.#weights.dispose();
  }
  [Symbol.dispose](): void {
    this.dispose();
  }
}

const quoted = (names: readonly string[]): string => names.map((name) => `"${name}"`).join(", ");

const isOptional = (type: TypeProto | undefined): boolean => type?.value.case === "optionalType";

function sessionOf(options: ONNXRunOptions, limits: Limits): Session {
  const { verbose = false, debugStats = [], key = null } = options;
  const stats = new Set(debugStats);
  const watch: Session["watch"] = (name, value, step) => {
    if (verbose) console.log(`${step.opType} "${step.name}": ${name} = ${describe(value)}`);
    if (stats.has(name)) console.log(`${name}: ${describeStats(value)}`);
  };
  return { key, watch: verbose || stats.size ? watch : null, limits, iterations: 0 };
}
