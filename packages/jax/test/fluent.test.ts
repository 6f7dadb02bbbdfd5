/** NumPy's methods and properties of arrays are its functions. */
import { type Array as JaxArray, grad, jit, numpy as np } from "@jax-js/jax";
import { describe, expect } from "vitest";
import { owned, test } from "./scoped";

const x = (): JaxArray => np.array([[1, -2, 3], [4, 5, -6]]); // prettier-ignore
const plain = (v: unknown): unknown =>
  Array.isArray(v) ? v.map(plain) : v instanceof Object && "js" in v ? (owned(v as JaxArray).js() as unknown) : v;

type Row = readonly [name: string, method: (a: JaxArray) => unknown, fn: (a: JaxArray) => unknown];

const ROWS: readonly Row[] = [
  ["neg", (a) => a.neg(), (a) => np.negative(a)],
  ["add", (a) => a.add(1), (a) => np.add(a, 1)],
  ["sub", (a) => a.sub(a), (a) => np.subtract(a, a)],
  ["mul", (a) => a.mul(2), (a) => np.multiply(a, 2)],
  ["div", (a) => a.div(2), (a) => np.divide(a, 2)],
  ["mod", (a) => a.mod(2), (a) => np.remainder(a, 2)],
  ["pow", (a) => a.pow(2), (a) => np.power(a, 2)],
  ["greater", (a) => a.greater(0), (a) => np.greater(a, 0)],
  ["lessEqual", (a) => a.lessEqual(0), (a) => np.lessEqual(a, 0)],
  ["sum", (a) => a.sum(1, { keepdims: true }), (a) => np.sum(a, 1, { keepdims: true })],
  ["prod", (a) => a.prod(0), (a) => np.prod(a, 0)],
  ["mean", (a) => a.mean(), (a) => np.mean(a)],
  ["var", (a) => a.var(0), (a) => np.var(a, 0)],
  ["std", (a) => a.std(0), (a) => np.std(a, 0)],
  ["ptp", (a) => a.ptp(1), (a) => np.ptp(a, 1)],
  ["min", (a) => a.min(0), (a) => np.min(a, 0)],
  ["argmax", (a) => a.argmax(1), (a) => np.argmax(a, 1)],
  ["any", (a) => a.any(0), (a) => np.any(a, 0)],
  ["cumsum", (a) => a.cumsum(1), (a) => np.cumsum(a, 1)],
  ["transpose", (a) => a.transpose(), (a) => np.transpose(a)],
  ["transpose by numbers", (a) => a.transpose(1, 0), (a) => np.transpose(a, [1, 0])],
  ["T", (a) => a.T, (a) => np.transpose(a)],
  ["mT", (a) => a.mT, (a) => np.matrixTranspose(a)],
  ["swapaxes", (a) => a.swapaxes(0, 1), (a) => np.swapaxes(a, 0, 1)],
  ["reshape", (a) => a.reshape([3, -1]), (a) => np.reshape(a, [3, -1])],
  ["reshape by numbers", (a) => a.reshape(3, 2), (a) => np.reshape(a, [3, 2])],
  ["reshape to a vector", (a) => a.reshape(-1), (a) => np.ravel(a)],
  ["flatten", (a) => a.flatten(), (a) => np.ravel(a)],
  ["squeeze", (a) => a.reshape(1, 6).squeeze(0), (a) => np.ravel(a)],
  ["repeat", (a) => a.repeat(2, 1), (a) => np.repeat(a, 2, 1)],
  ["astype", (a) => a.astype("int32"), (a) => np.astype(a, "int32")],
  ["diagonal", (a) => a.diagonal(1), (a) => np.diagonal(a, 1)],
  ["trace", (a) => a.trace(1), (a) => np.trace(a, 1)],
  ["sort", (a) => a.sort(0), (a) => np.sort(a, 0)],
  ["argsort", (a) => a.argsort(), (a) => np.argsort(a)],
  ["argpartition", (a) => a.argpartition(1), (a) => np.argpartition(a, 1)],
  ["searchsorted", (a) => a.flatten().sort().searchsorted(2), (a) => np.searchsorted(np.sort(np.ravel(a)), 2)],
  ["nonzero", (a) => a.nonzero(), (a) => np.nonzero(a)],
  ["dot", (a) => a.dot(a.T), (a) => np.dot(a, np.transpose(a))],
  ["matmul", (a) => a.matmul(a.T), (a) => np.matmul(a, np.transpose(a))],
  ["clip", (a) => a.clip(0, 3), (a) => np.clip(a, 0, 3)],
  ["round", (a) => a.div(3).round(1), (a) => np.round(np.divide(a, 3), 1)],
  [
    "take",
    (a) => a.take(np.array([2], { dtype: "int32" }), 1),
    (a) => np.take(a, np.array([2], { dtype: "int32" }), 1),
  ],
  ["compress", (a) => a.compress(np.array([true, false]), 0), (a) => np.compress(np.array([true, false]), a, 0)],
  ["choose", (a) => a.greater(0).astype("int32").choose([5, 6]), (a) => np.where(np.greater(a, 0), 6, 5)],
  ["copy", (a) => a.copy(), (a) => np.copy(a)],
  ["conj", (a) => a.conj(), (a) => np.conj(a)],
  ["real", (a) => a.real, (a) => np.real(a)],
  ["imag", (a) => a.imag, (a) => np.imag(a)],
  ["itemsize", (a) => a.itemsize, () => 4],
  ["nbytes", (a) => a.nbytes, () => 24],
  ["tolist", (a) => a.tolist() as unknown, () => [[1, -2, 3], [4, 5, -6]]], // prettier-ignore
  ["view", (a) => a.view("int32").view("float32"), (a) => np.copy(a)],
];

describe("methods are functions", () => {
  for (const [name, method, fn] of ROWS) {
    test(name, () => {
      expect(plain(method(x()))).toEqual(plain(fn(x())));
    });
  }
  test("also of tracers", () => {
    const f = (a: JaxArray): JaxArray => a.T.reshape(2, 3).var(1).ptp();
    expect(owned(jit(f))(x()).item()).toBeCloseTo(owned(f(x())).item(), 5);
    expect(owned(grad((a: JaxArray) => a.mT.trace())(x())).js()).toEqual([[1, 0, 0], [0, 1, 0]]); // prettier-ignore
  });
});
