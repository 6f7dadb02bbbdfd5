/**
 * onnxruntime-web on its WebAssembly provider. Weights are initializers, which it may pack once; what changes from run to
 * run is fed, and copied in and out, because `session.run` has no other way.
 */
import type * as OrtModule from "onnxruntime-web";
import { moments } from "../float64";
import type { Inputs, Tensor } from "../workload";
import { type Constant, type Declared, type Node, type OnnxModel, elementType, onnxBytes } from "./onnx-model";
import { ortModels } from "./ort-models";
import { ortOperators } from "./ort-operators";
import type { Peer, Runner } from "./peer";

export type Ort = typeof OrtModule;

export interface GraphParts {
  readonly nodes: readonly Node[];
  readonly output: Declared;
  /** Constants besides the inputs that are not fed. */
  readonly constants?: Readonly<Record<string, Constant>>;
  readonly note?: string;
  read?(values: OrtModule.Tensor): ArrayLike<number>;
}

/** A runner of a graph: the inputs of these names are fed, the others are constants. */
export type Graph = (inputs: Inputs, fed: readonly string[], parts: GraphParts) => Runner;

export async function createOrtPeer(ort: Ort, threads: number): Promise<Peer> {
  ort.env.wasm.numThreads = threads;
  ort.env.logLevel = "error";
  const open = (model: OnnxModel): Promise<OrtModule.InferenceSession> =>
    ort.InferenceSession.create(onnxBytes(model), {
      executionProviders: ["wasm"],
      graphOptimizationLevel: "all",
      intraOpNumThreads: threads,
      logSeverityLevel: 3,
    });
  const upload = ({ data, shape }: Tensor): OrtModule.Tensor =>
    data instanceof Int32Array ? new ort.Tensor("int32", data, shape) : new ort.Tensor("float32", data, shape);

  const graph: Graph = (inputs, fed, { nodes, output, constants, note, read = numbers }) => {
    const split = (wanted: boolean): [string, Tensor][] =>
      Object.entries(inputs).filter(([name]) => fed.includes(name) === wanted);
    const model: OnnxModel = {
      nodes,
      output,
      inputs: Object.fromEntries(split(true).map(([k, { shape, data }]) => [k, { shape, type: elementType(data) }])),
      constants: { ...Object.fromEntries(split(false)), ...constants },
    };
    const feeds = Object.fromEntries(split(true).map(([name, tensor]) => [name, upload(tensor)]));
    let session: Promise<OrtModule.InferenceSession> | undefined;
    const compute = async (): Promise<OrtModule.Tensor> => (await (await (session ??= open(model))).run(feeds)).out!;
    return {
      note,
      run: async () => (await compute()).dispose(),
      values: async () => read(await compute()),
      dispose: async () => (await session)?.release(),
    };
  };

  /** A chain of calls on a graph of two nodes. */
  const calls = (inputs: Inputs, count: number): Runner => {
    const model: OnnxModel = {
      nodes: [
        ["Mul", ["x", "half"], ["y"]],
        ["Add", ["y", "one"], ["out"]],
      ],
      inputs: { x: { shape: [8], type: "float32" } },
      output: { shape: [8], type: "float32" },
      constants: {
        half: { shape: [], data: Float32Array.of(0.5) },
        one: { shape: [], data: Float32Array.of(1) },
      },
    };
    const x = upload(inputs.x!);
    let session: Promise<OrtModule.InferenceSession> | undefined;
    const compute = async (): Promise<OrtModule.Tensor> => {
      const opened = await (session ??= open(model));
      let value = x;
      for (let k = 0; k < count; k++) value = (await opened.run({ x: value })).out!;
      return value;
    };
    return {
      note: "session.run of two nodes",
      run: async () => void (await compute()),
      values: async () => numbers(await compute()),
      dispose: async () => (await session)?.release(),
    };
  };

  // The runtime is loaded and compiled with the first session; that is not part of a workload's first call.
  const warm = await open({
    nodes: [["Relu", ["x"], ["out"]]],
    inputs: { x: { shape: [1], type: "float32" } },
    output: { shape: [1], type: "float32" },
    constants: {},
  });
  await warm.run({ x: new ort.Tensor("float32", Float32Array.of(1), [1]) });
  await warm.release();

  return {
    info: { version: ort.env.versions.web ?? "not said", provider: "wasm", threads: ort.env.wasm.numThreads },
    makers: {
      ...ortOperators(graph),
      ...ortModels(graph),
      jitCalls: (inputs, { count }) => calls(inputs, count),
      normal: (_, { n }) =>
        graph({}, [], {
          nodes: [["RandomNormal", [], ["out"], { shape: [n] }]],
          output: { shape: [n], type: "float32" },
          read: (values) => moments(numbers(values)),
        }),
    },
  };
}

function numbers({ data }: OrtModule.Tensor): ArrayLike<number> {
  return data instanceof BigInt64Array ? Float64Array.from(data, Number) : (data as Float32Array);
}
