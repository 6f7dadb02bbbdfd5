/** The transformer block and the recurrent unit as ONNX graphs. */
import { transpose } from "../float64";
import { GRU } from "../workloads/gru";
import { BLOCK } from "../workloads/transformer";
import { type Node, int64, scalar } from "./onnx-model";
import type { Graph } from "./ort";
import type { Makers } from "./peer";

export function ortModels(graph: Graph): Makers {
  const norm = { axis: -1, epsilon: { float: 1e-5 } } as const;
  const dense = (x: string, w: string, b: string, out: string): Node[] => [
    ["MatMul", [x, w], [`${out}_product`]],
    ["Add", [`${out}_product`, b], [out]],
  ];
  const head = (name: string, perm: readonly number[]): Node[] => [
    ["Reshape", [`${name}_flat`, "heads"], [`${name}_heads`]],
    ["Transpose", [`${name}_heads`], [name], { perm }],
  ];

  return {
    block: (inputs) => {
      const { S, D, H } = BLOCK;
      const nodes: Node[] = [
        ["LayerNormalization", ["x", "gain1", "bias1"], ["normed"], norm],
        ...dense("normed", "wqkv", "bqkv", "qkv"),
        ["Split", ["qkv"], ["q_flat", "k_flat", "v_flat"], { axis: 1, num_outputs: 3 }],
        ...head("q", [1, 0, 2]),
        ...head("k", [1, 2, 0]),
        ...head("v", [1, 0, 2]),
        ["MatMul", ["q", "k"], ["scores"]],
        ["Mul", ["scores", "scale"], ["scaled"]],
        ["Softmax", ["scaled"], ["weights"], { axis: -1 }],
        ["MatMul", ["weights", "v"], ["mixed"]],
        ["Transpose", ["mixed"], ["mixed_heads"], { perm: [1, 0, 2] }],
        ["Reshape", ["mixed_heads", "flat"], ["mixed_flat"]],
        ...dense("mixed_flat", "wo", "bo", "projected"),
        ["Add", ["projected", "x"], ["x1"]],
        ["LayerNormalization", ["x1", "gain2", "bias2"], ["normed1"], norm],
        ...dense("normed1", "w1", "c1", "hidden"),
        ["Gelu", ["hidden"], ["active"], { approximate: "tanh" }],
        ...dense("active", "w2", "c2", "change"),
        ["Add", ["change", "x1"], ["out"]],
      ];
      return graph(inputs, ["x"], {
        nodes,
        constants: { heads: int64([S, H, D / H]), flat: int64([S, D]), scale: scalar(1 / Math.sqrt(D / H)) },
        output: { shape: [S, D], type: "float32" },
      });
    },

    gru: ({ x, w, u, bw, bu }, { form }) => {
      if (form !== "scan") return undefined;
      const { T, B, I, H } = GRU;
      // The operator has its weights the other way round; its gates are in the order z, r, h.
      const constants = {
        w: { shape: [1, 3 * H, I], data: Float32Array.from(transpose(w!.data, I, 3 * H)) },
        u: { shape: [1, 3 * H, H], data: Float32Array.from(transpose(u!.data, H, 3 * H)) },
        b: { shape: [1, 6 * H], data: Float32Array.from([...bw!.data, ...bu!.data]) },
      };
      return graph({ x: x! }, ["x"], {
        nodes: [["GRU", ["x", "w", "u", "b"], ["out"], { hidden_size: H, linear_before_reset: 1 }]],
        constants,
        output: { shape: [T, 1, B, H], type: "float32" },
        note: "an operator of its own",
      });
    },
  };
}
