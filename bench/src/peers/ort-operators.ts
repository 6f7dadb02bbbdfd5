/** Workloads that are one operator of ONNX, or a few. */
import type { Inputs } from "../workload";
import type { Attribute, Declared } from "./onnx-model";
import { int64 } from "./onnx-model";
import type { Graph } from "./ort";
import type { Makers, Runner } from "./peer";

const floats = (shape: readonly number[]): Declared => ({ shape, type: "float32" });

export function ortOperators(graph: Graph): Makers {
  const unary = (inputs: Inputs, op: string, attributes: Record<string, Attribute> = {}): Runner =>
    graph(inputs, ["x"], { nodes: [[op, ["x"], ["out"], attributes]], output: floats(inputs.x!.shape) });

  return {
    matmul: (inputs, { constantB }) => {
      const [a, b] = [inputs.a!.shape, inputs.b!.shape];
      return graph(inputs, constantB ? ["a"] : ["a", "b"], {
        nodes: [["MatMul", ["a", "b"], ["out"]]],
        output: floats([...a.slice(0, -1), b.at(-1)!]),
        ...(constantB ? { note: "the second matrix is a constant" } : {}),
      });
    },
    conv: (inputs, { groups }) => {
      const [n, , h, w] = inputs.x!.shape as [number, number, number, number];
      const [filters, , side] = inputs.w!.shape as [number, number, number];
      const pad = (side - 1) >> 1;
      const attributes = { group: groups, kernel_shape: [side, side], pads: [pad, pad, pad, pad], strides: [1, 1] };
      return graph(inputs, ["x"], {
        nodes: [["Conv", ["x", "w"], ["out"], attributes]],
        output: floats([n, filters, h, w]),
      });
    },
    chain: (inputs) =>
      graph(inputs, ["x", "y", "z"], {
        nodes: [
          ["Mul", ["x", "y"], ["t0"]],
          ["Add", ["t0", "z"], ["t1"]],
          ["Tanh", ["t1"], ["t2"]],
          ["Sigmoid", ["x"], ["t3"]],
          ["Mul", ["t2", "t3"], ["out"]],
        ],
        output: floats(inputs.x!.shape),
      }),
    exp: (inputs) => unary(inputs, "Exp"),
    softmax: (inputs) => unary(inputs, "Softmax", { axis: -1 }),
    add: (inputs) =>
      graph(inputs, ["x", "y"], { nodes: [["Add", ["x", "y"], ["out"]]], output: floats(inputs.x!.shape) }),
    sum: (inputs) =>
      graph(inputs, ["x"], { nodes: [["ReduceSum", ["x"], ["out"], { keepdims: 0 }]], output: floats([]) }),
    rowSums: (inputs) =>
      graph(inputs, ["x"], {
        nodes: [["ReduceSum", ["x", "axes"], ["out"], { keepdims: 0 }]],
        constants: { axes: int64([1]) },
        output: floats([inputs.x!.shape[0]!]),
      }),
    layernorm: (inputs) =>
      graph(inputs, ["x"], {
        nodes: [["LayerNormalization", ["x", "gain", "bias"], ["out"], { axis: -1, epsilon: { float: 1e-5 } }]],
        output: floats(inputs.x!.shape),
      }),
    argmax: (inputs) =>
      graph(inputs, ["x"], {
        nodes: [["ArgMax", ["x"], ["out"], { axis: 1, keepdims: 0 }]],
        output: { shape: [inputs.x!.shape[0]!], type: "int64" },
      }),
    sort: (inputs) =>
      graph(inputs, ["x"], {
        nodes: [["TopK", ["x", "count"], ["out", "places"], { axis: -1, largest: 0, sorted: 1 }]],
        constants: { count: int64([inputs.x!.data.length]) },
        output: floats(inputs.x!.shape),
        note: "no sort: TopK of all",
      }),
    cumsum: (inputs) =>
      graph(inputs, ["x"], {
        nodes: [["CumSum", ["x", "axis"], ["out"]]],
        constants: { axis: int64([0], []) },
        output: floats(inputs.x!.shape),
      }),
    gather: (inputs) =>
      graph(inputs, ["ids"], {
        nodes: [["Gather", ["table", "ids"], ["out"], { axis: 0 }]],
        output: floats([inputs.ids!.shape[0]!, inputs.table!.shape[1]!]),
      }),
    fft: ({ re, im }) => {
      const n = re!.data.length;
      const x = Float32Array.from({ length: 2 * n }, (_, i) => (i % 2 === 0 ? re : im)!.data[i >> 1]!);
      return graph({ x: { shape: [1, n, 2], data: x } }, ["x"], {
        nodes: [["DFT", ["x", "", "axis"], ["out"]]],
        constants: { axis: int64([1], []) },
        output: floats([1, n, 2]),
        read: ({ data }) =>
          Float32Array.from({ length: 2 * n }, (_, i) => (data as Float32Array)[2 * (i % n) + (i < n ? 0 : 1)]!),
      });
    },
  };
}
