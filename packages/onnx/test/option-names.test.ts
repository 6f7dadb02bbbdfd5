/** Options that a function does not have are refused. */
import { numpy as np } from "@jax-js/jax";
import { ONNXModel, exportOnnx } from "@jax-js/onnx";
import { expect, test } from "vitest";

test("options of another name are refused", () => {
  const bad: object = { no_such_option: 1 };
  const message = /unknown option "no_such_option"; expected one of /;
  expect(() => exportOnnx(np.sin, bad)).toThrow(message);
  using x = np.ones([2]);
  const bytes = exportOnnx(np.sin, { inputNames: ["x"] })(x);
  expect(() => new ONNXModel(bytes, bad)).toThrow(message);
  const model = new ONNXModel(bytes);
  expect(() => model.run({ x }, bad)).toThrow(message);
  model.dispose();
});
