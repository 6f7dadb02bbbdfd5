/** The model as a function: inputs, weights, transformations, errors. */
import { type Array as NdArray, checkLeaks, grad, jit, numpy as np, random, tree, valueAndGrad } from "@jax-js/jax";
import { create, toBinary } from "@bufbuild/protobuf";
import { ModelProtoSchema, TensorProto_DataLocation } from "onnx-buf";
import { describe, expect, it, vi } from "vitest";
import { ONNXModel, OnnxError, OnnxNodeError, OnnxParseError, OnnxUnsupportedError, operatorNames } from "../src/index";
import { BOOL, type GraphParts, INT64, attribute, fn, graph, input, model, node, sparse, tensor } from "./build";

const load = (
  parts: GraphParts,
  ...rest: Parameters<typeof model> extends [unknown, ...infer R] ? R : never
): ONNXModel => new ONNXModel(model(parts, ...rest));

/** `y = relu(x w + b)`, x [n, 2], w [2, 3]. */
const dense: GraphParts = {
  input: [input("x", ["n", 2])],
  output: ["y"],
  node: [node("MatMul", ["x", "w"], ["h"]), node("Add", ["h", "b"], ["s"]), node("Relu", ["s"], ["y"])],
  initializer: [tensor("w", [2, 3], [1, 2, 3, 4, 5, 6]), tensor("b", [3], [0, -10, 1])],
};

/** Runs on arrays that are freed, and gives lists. */
function lists(m: ONNXModel, inputs: Record<string, NdArray>, options = {}): Record<string, unknown> {
  const out = m.run(inputs, options);
  const read = Object.fromEntries(Object.entries(out).map(([k, v]) => [k, v.js()]));
  tree.dispose([inputs, out] as never);
  return read;
}

describe("run", () => {
  it("names its inputs and outputs, and does not consume", () => {
    using m = load(dense);
    expect(m.inputNames).toEqual(["x"]);
    expect(m.outputNames).toEqual(["y"]);
    using x = np.array([[1, 1]]);
    for (let i = 0; i < 2; i++) {
      const { y } = m.run({ x });
      expect(y!.js()).toEqual([[5, 0, 10]]);
      y!.dispose();
    }
    expect(x.refCount).toBe(1);
  });

  it("converts numbers to the declared type", () => {
    using m = load({ input: [input("x", [2], 2)], output: ["y"], node: [node("Add", ["x", "x"], ["y"])] });
    using x = np.array([200, 3], { dtype: "int32" });
    const { y } = m.run({ x });
    expect([y!.dtype, y!.js()]).toEqual(["uint8", [144, 6]]);
    y!.dispose();
  });

  it("gives values of the inside when asked", () => {
    using m = load(dense);
    const out = lists(m, { x: np.array([[1, 1]]) }, { additionalOutputs: ["s", "b"] });
    expect(out).toEqual({ y: [[5, 0, 10]], s: [[5, -3, 10]], b: [0, -10, 1] });
  });

  it("prints nodes and statistics when asked", () => {
    using m = load(dense);
    const log = vi.spyOn(console, "log").mockImplementation(() => undefined);
    lists(m, { x: np.array([[1, 1]]) }, { verbose: true, debugStats: ["h"] });
    const lines = log.mock.calls.map(([line]) => String(line));
    log.mockRestore();
    expect(lines).toContain('MatMul "making "h"": h = float[1,3]');
    expect(lines).toContain("h: float[1,3] min 5 max 9 mean 7");
  });

  it("uses an initialiser as the default of an input", () => {
    const parts = { ...dense, input: [input("x", ["n", 2]), input("b", [3])] };
    using m = load(parts);
    expect(m.inputNames).toEqual(["x"]);
    expect(lists(m, { x: np.array([[1, 1]]), b: np.array([0, 0, 0]) }).y).toEqual([[5, 7, 9]]);
    expect(lists(m, { x: np.array([[1, 1]]) }).y).toEqual([[5, 0, 10]]);
  });

  it("says which inputs are missing, unknown or of another shape", () => {
    using m = load(dense);
    using x = np.zeros([3]);
    expect(() => m.run({})).toThrow(/the inputs "x" are missing/);
    expect(() => m.run({ x, z: x })).toThrow(/no input "z"; its inputs are "x"/);
    expect(() => m.run({ x })).toThrow(/"x" must have the shape \[\?,2\], got \[3\]/);
    expect(() => m.run({ x: "a" })).toThrow(OnnxError);
  });

  it("uploads weights once and frees them", () => {
    const big = tensor(
      "w",
      [4, 8],
      Array.from({ length: 32 }, (_, i) => i),
    );
    const m = load({
      input: [input("x", [4])],
      output: ["y"],
      node: [node("MatMul", ["x", "w"], ["y"])],
      initializer: [big],
    });
    using x = np.ones([4]);
    const before = checkLeaks.active;
    m.run({ x }).y!.dispose();
    m.run({ x }).y!.dispose();
    m.dispose();
    m.dispose();
    expect(checkLeaks.active).toBe(before);
    expect(() => m.run({ x })).toThrow(/was disposed/);
  });
});

describe("transformations", () => {
  it("jit gives the same, and traces once", () => {
    using m = load(dense);
    let traces = 0;
    using f = jit((x: NdArray) => {
      traces++;
      return m.run({ x }).y!;
    });
    using x = np.array([[1, 1]]);
    for (let i = 0; i < 3; i++) {
      using y = f(x);
      expect(y.js()).toEqual([[5, 0, 10]]);
    }
    expect(traces).toBe(1);
  });

  it("grad goes to inputs, and to weights that are given as inputs", () => {
    using m = load({ ...dense, input: [input("x", ["n", 2]), input("w", [2, 3])] });
    using x = np.array([[1, 1]]);
    using w = np.array([[1, 2, 3], [4, 5, 6]]); // prettier-ignore
    const loss = (args: Record<string, NdArray>): NdArray => m.run(args).y!.sum();
    const [value, grads] = valueAndGrad(loss)({ x, w });
    expect(value.item()).toBe(15);
    expect(grads.x!.js()).toEqual([[4, 10]]); // columns 0 and 2 are active
    expect(grads.w!.js()).toEqual([[1, 0, 1], [1, 0, 1]]); // prettier-ignore
    tree.dispose([value, grads] as never);
    using g = jit(grad(loss));
    const again = g({ x, w });
    expect(again.x!.js()).toEqual([[4, 10]]);
    tree.dispose(again as never);
  });
});

describe("weights", () => {
  it("are given by name, and taken in the place of the model's", () => {
    using m = load(dense);
    const weights = m.weights();
    expect(Object.keys(weights).sort()).toEqual(["b", "w"]);
    using x = np.array([[1, 1]]);
    const loss = (ws: Record<string, NdArray>): NdArray => m.run({ x, ...ws }).y!.sum();
    using step = jit((ws: Record<string, NdArray>) =>
      tree.map((w: NdArray, g: NdArray) => w.sub(g), ws as never, grad(loss)(ws) as never),
    );
    const next = step(weights) as Record<string, NdArray>;
    expect(next.b!.js()).toEqual([-1, -10, 0]);
    expect(next.w!.js()).toEqual([[0, 2, 2], [3, 5, 5]]); // prettier-ignore
    using wrong = np.zeros([2]);
    expect(() => m.run({ x, b: wrong })).toThrow(/weight "b" must have the shape \[3\], got \[2\]/);
    tree.dispose([weights, next] as never);
  });
});

describe("what files hold", () => {
  it("shapes are computed while tracing", () => {
    const parts: GraphParts = {
      input: [input("x", ["a", "b", "c"])],
      output: ["y"],
      node: [
        node("Shape", ["x"], ["s"]),
        node("Gather", ["s", "zero"], ["a"]),
        node("Unsqueeze", ["a", "first"], ["u"]),
        node("Concat", ["u", "rest"], ["t"], { axis: 0n }),
        node("Reshape", ["x", "t"], ["y"]),
      ],
      initializer: [tensor("zero", [], [0], INT64), tensor("first", [1], [0], INT64), tensor("rest", [1], [-1], INT64)],
    };
    using m = load(parts);
    using f = jit(m.run);
    using x = np.zeros([2, 3, 4]);
    using y = f({ x }).y!;
    expect(y.shape).toEqual([2, 12]);
  });

  it("external data", () => {
    const w = tensor("w", [2], []);
    w.dataLocation = TensorProto_DataLocation.EXTERNAL;
    for (const [key, value] of [
      ["location", "weights.bin"],
      ["offset", "4"],
      ["length", "8"],
    ] as const)
      // prettier-ignore
      w.externalData.push({ $typeName: "onnx.StringStringEntryProto", key, value });
    const bytes = model({
      input: [input("x", [2])],
      output: ["y"],
      node: [node("Add", ["x", "w"], ["y"])],
      initializer: [w],
    });
    const externalData = { "weights.bin": new Uint8Array(Float32Array.of(9, 3, 4).buffer) };
    using m = new ONNXModel(bytes, { externalData });
    expect(lists(m, { x: np.array([1, 1]) }).y).toEqual([4, 5]);
    expect(() => new ONNXModel(bytes)).toThrow(/"w" lies in "weights.bin"; pass it in externalData/);
    expect(() => new ONNXModel(bytes, { externalData: { "weights.bin": new Uint8Array(8) } })).toThrow(OnnxParseError);
  });

  it("sparse initialisers", () => {
    const parts = { input: [input("x", [2, 3])], output: ["y"], node: [node("Add", ["x", "w"], ["y"])] };
    using m = load({ ...parts, sparseInitializer: [sparse("w", [2, 3], [1, 5], [7, 8])] });
    expect(lists(m, { x: np.zeros([2, 3]) }).y).toEqual([[0, 7, 0], [0, 0, 8]]); // prettier-ignore
    expect(() => load({ ...parts, sparseInitializer: [sparse("w", [2, 3], [6], [7])] })).toThrow(/index 6 is outside/);
  });

  it("functions with attributes of their call, inside one another", () => {
    const slope = attribute("alpha", 0);
    slope.refAttrName = "slope";
    const inner = fn("Leaky", {
      input: ["a"],
      output: ["b"],
      attribute: ["slope"],
      node: [node("LeakyRelu", ["a"], ["b"], {}, { attribute: [slope] })],
    });
    const outer = fn("Twice", {
      input: ["a"],
      output: ["c"],
      node: [node("Leaky", ["a"], ["b"], { slope: 0.5 }, { domain: "my" }), node("Add", ["b", "b"], ["c"])],
    });
    using m = load(
      { input: [input("x", [2])], output: ["y"], node: [node("Twice", ["x"], ["y"], {}, { domain: "my" })] },
      [inner, outer],
    );
    expect(lists(m, { x: np.array([-2, 3]) }).y).toEqual([-2, 6]);
  });

  it("random operators follow the seed or the key", () => {
    const parts = (seed?: number): GraphParts => ({
      output: ["y"],
      node: [node("RandomNormal", [], ["y"], { shape: [4], ...(seed === undefined ? {} : { seed }) })],
    });
    using seeded = load(parts(3));
    expect(lists(seeded, {}).y).toEqual(lists(seeded, {}).y);
    using free = load(parts());
    const of = (seed: number): unknown => {
      using key = random.key(seed);
      return lists(free, {}, { key }).y;
    };
    expect(of(1)).toEqual(of(1));
    expect(of(1)).not.toEqual(of(2));
  });
});

describe("control flow under jit", () => {
  const branch = (op: string): ReturnType<typeof graph> =>
    graph({ output: ["r"], node: [node(op, ["x", "x"], ["r"])] });

  it("If on a traced condition runs one branch", () => {
    using m = load({
      input: [input("c", [], BOOL), input("x", [2])],
      output: ["y"],
      node: [node("If", ["c"], ["y"], { then_branch: branch("Add"), else_branch: branch("Mul") })],
    });
    using f = jit(m.run);
    using x = np.array([3, 4]);
    for (const [flag, want] of [[true, [6, 8]], [false, [9, 16]]] as const) {
      using c = np.array(flag);
      using y = f({ c, x }).y!;
      expect(y.js()).toEqual(want);
    } // prettier-ignore
  });

  it("If with branches of different shapes says so", () => {
    const flat = graph({ output: ["r"], node: [node("Flatten", ["x"], ["r"])] });
    using m = load({
      input: [input("c", [], BOOL), input("x", [2])],
      output: ["y"],
      node: [node("If", ["c"], ["y"], { then_branch: flat, else_branch: branch("Mul") }, { name: "choice" })],
    });
    using f = jit(m.run);
    using x = np.array([3, 4]);
    using c = np.array(true);
    expect(() => f({ c, x })).toThrow(/node "choice" \(If, opset 21\): cond: branches must give equal shapes/);
  });

  it("Loop to a traced count is a loop", () => {
    const body = graph({
      input: [input("i", [], INT64), input("go", [], BOOL), input("v", [2])],
      output: ["goOn", "w"],
      node: [node("Identity", ["go"], ["goOn"]), node("Add", ["v", "x"], ["w"])],
    });
    using m = load({
      input: [input("n", [], INT64), input("x", [2])],
      output: ["y"],
      node: [node("Loop", ["n", "", "x"], ["y"], { body })],
    });
    using f = jit(m.run);
    using x = np.array([1, 2]);
    for (const k of [0, 3]) {
      using n = np.array(k, { dtype: "int32" });
      using y = f({ n, x }).y!;
      expect(y.js()).toEqual([1 + k, 2 * (1 + k)]);
      using eager = m.run({ n, x }).y!;
      expect(eager.js()).toEqual([1 + k, 2 * (1 + k)]);
    }
  });
});

describe("errors", () => {
  it("name node, operator and version", () => {
    const parts: GraphParts = {
      ...dense,
      node: [node("MatMul", ["w", "w"], ["y"], {}, { name: "product" })],
      input: [],
    };
    using m = load(parts);
    expect(() => m.run({})).toThrow(OnnxNodeError);
    expect(() => m.run({})).toThrow(/node "product" \(MatMul, opset 21\): .*; inputs float\[2,3\], float\[2,3\]/);
  });

  it("name operators that are not there", () => {
    const build = (): ONNXModel =>
      load({ output: ["y"], node: [node("Wonder", [], ["y"], {}, { name: "w", domain: "com.microsoft" })] });
    expect(build).toThrow(OnnxUnsupportedError);
    expect(build).toThrow('node "w": unsupported ONNX operator com.microsoft.Wonder (opset 1)');
  });

  it("name inputs whose values are needed under jit", () => {
    using m = load({
      input: [input("x", [4]), input("s", [1], INT64)],
      output: ["y"],
      node: [node("Reshape", ["x", "s"], ["y"], {}, { name: "r" })],
    });
    using x = np.zeros([4]);
    using s = np.array([4], { dtype: "int32" });
    m.run({ x, s }).y!.dispose();
    using f = jit(m.run);
    expect(() => f({ x, s })).toThrow(/node "r" \(Reshape, opset 21\): needs the values of input 1 \("s"\)/);
  });

  it("name the length of a cache that is not known under jit", () => {
    const size = { num_heads: 1, kv_num_heads: 1 };
    const inputs = ["q", "k", "v", "pk", "pv", "length", "total"];
    using m = load({
      input: [
        ...["q", "k", "v"].map((name) => input(name, [1, 1, 8])),
        ...["pk", "pv"].map((name) => input(name, [1, 1, "p", 8])),
        input("length", [1], 6),
        input("total", [], 6),
      ],
      output: ["y"],
      node: [node("GroupQueryAttention", inputs, ["y"], size, { name: "a", domain: "com.microsoft" })],
    });
    const [x, past] = [np.ones([1, 1, 8]), np.ones([1, 1, 3, 8])];
    const [length, total] = [np.array([3], { dtype: "int32" }), np.array(4, { dtype: "int32" })];
    const given = { q: x, k: x, v: x, pk: past, pv: past, length, total };
    using f = jit(m.run);
    expect(() => f(given)).toThrow(/needs the values of input 6 \("total"\)/);
    tree.dispose([x, past, length, total] as never);
  });

  it("bytes that are no model", () => {
    expect(() => new ONNXModel(Uint8Array.of(1, 2, 3))).toThrow(OnnxParseError);
    expect(() => new ONNXModel(new Uint8Array(0))).toThrow(/has no graph/);
    expect(() => new ONNXModel(toBinary(ModelProtoSchema, create(ModelProtoSchema, {})))).toThrow(OnnxParseError);
    expect(() => load({ ...dense, initializer: [tensor("w", [2, 3], [1]), tensor("b", [3], [1, 2, 3])] })).toThrow(
      /tensor "w": has 1 elements, its shape \[2,3\] wants 6/,
    );
    expect(() => load({ output: ["y"], node: [node("Relu", ["x"], ["y"]), node("Relu", ["x"], ["y"])] })).toThrow(
      /two values are named "y"/,
    );
  });

  it("functions that call themselves", () => {
    const self = fn("Self", { input: ["a"], output: ["b"], node: [node("Self", ["a"], ["b"], {}, { domain: "my" })] });
    const call = { input: [input("x", [1])], output: ["y"], node: [node("Self", ["x"], ["y"], {}, { domain: "my" })] };
    expect(() => load(call, [self])).toThrow(/nested too deep/);
    // Two calls each: twice as many nodes on every level.
    const levels = Array.from({ length: 40 }, (_, i) =>
      fn(`L${i}`, {
        input: ["a"],
        output: ["c"],
        node: [
          node(`L${i + 1}`, ["a"], ["b"], {}, { domain: "my" }),
          node(`L${i + 1}`, ["b"], ["c"], {}, { domain: "my" }),
        ],
      }),
    );
    expect(() => load({ ...call, node: [node("L0", ["x"], ["y"], {}, { domain: "my" })] }, levels)).toThrow(OnnxError);
  });
});

it("operatorNames lists what models may use", () => {
  const names = operatorNames();
  expect(names[""]).toContain("Conv");
  expect(names["com.microsoft"]).toContain("MatMulNBits");
});
