/** Options that a function does not have, as JAX's names with underscores: a TypeError with the name that was meant. */
import * as jax from "@jax-js/jax";
import { describe, expect, test } from "vitest";
import { leavesArraysToCollector } from "../../../test/leak-rule";

leavesArraysToCollector("every call throws, arguments are made once");

const { image, lax, nn, numpy: np, random, scipy } = jax;
/* eslint-disable @typescript-eslint/no-explicit-any -- what types would refuse */
type Options = any;

const v = np.ones([4]);
const m = np.eye(4);
const i = np.array([0, 1, 0, 1]).astype("int32");
const k = random.key(0);
const x4 = np.ones([1, 1, 4, 4]);
const q = np.ones([1, 4, 2, 8]);
const id = (x: Options): Options => x;

const calls: Readonly<Record<string, (o: Options) => unknown>> = {
  "np.sum": (o) => np.sum(m, o),
  "np.argmax": (o) => np.argmax(m, o),
  "np.sort": (o) => np.sort(m, o),
  "np.argsort": (o) => np.argsort(m, o),
  "np.concatenate": (o) => np.concatenate([m, m], o),
  "np.stack": (o) => np.stack([m, m], o),
  "np.zeros": (o) => np.zeros([2], o),
  "np.full": (o) => np.full([2], 1, o),
  "np.array": (o) => np.array([1], o),
  "np.eye": (o) => np.eye(2, o),
  "np.arange": (o) => np.arange(0, 3, 1, o),
  "np.linspace": (o) => np.linspace(0, 1, 3, o),
  "np.meshgrid": (o) => np.meshgrid(v, v, o),
  "np.zerosLike": (o) => np.zerosLike(v, o),
  "np.pad": (o) => np.pad(m, 1, o),
  "np.matmul": (o) => np.matmul(m, m, o),
  "np.dot": (o) => np.dot(m, m, o),
  "np.tensordot": (o) => np.tensordot(m, m, o),
  "np.vecdot": (o) => np.vecdot(m, m, o),
  "np.einsum": (o) => np.einsum("ij,jk->ik", m, m, o),
  "np.unique": (o) => np.unique(v, o),
  "np.isin": (o) => np.isin(v, v, o),
  "np.quantile": (o) => np.quantile(v, 0.5, o),
  "np.median": (o) => np.median(v, o),
  "np.average": (o) => np.average(v, o),
  "np.cov": (o) => np.cov(m, o),
  "np.take": (o) => np.take(v, i, o),
  "np.repeat": (o) => np.repeat(v, 2, o),
  "np.roll": (o) => np.roll(v, 1, o),
  "np.flip": (o) => np.flip(v, o),
  "np.diff": (o) => np.diff(v, o),
  "np.cumsum": (o) => np.cumsum(v, o),
  "np.histogram": (o) => np.histogram(v, o),
  "np.bincount": (o) => np.bincount(i, o),
  "np.searchsorted": (o) => np.searchsorted(v, v, o),
  "np.nonzero": (o) => np.nonzero(v, o),
  "np.isclose": (o) => np.isclose(v, v, o),
  "np.clip": (o) => np.clip(v, o),
  "np.convolve": (o) => np.convolve(v, v, o),
  "np.nanToNum": (o) => np.nanToNum(v, o),
  "np.squeeze": (o) => np.squeeze(m, o),
  "np.trace": (o) => np.trace(m, o),
  "np.gradient": (o) => np.gradient(v, o),
  "np.trapezoid": (o) => np.trapezoid(v, o),
  "np.linalg.norm": (o) => np.linalg.norm(m, o),
  "np.linalg.svd": (o) => np.linalg.svd(m, o),
  "np.linalg.eigh": (o) => np.linalg.eigh(m, o),
  "np.linalg.qr": (o) => np.linalg.qr(m, o),
  "np.linalg.pinv": (o) => np.linalg.pinv(m, o),
  "np.linalg.lstsq": (o) => np.linalg.lstsq(m, v, o),
  "np.linalg.cholesky": (o) => np.linalg.cholesky(m, o),
  "np.linalg.matrixRank": (o) => np.linalg.matrixRank(m, o),
  "np.fft.rfft": (o) => np.fft.rfft(v, o),
  "np.fft.fftn": (o) => np.fft.fftn(m, o),
  "lax.convGeneralDilated": (o) => lax.convGeneralDilated(x4, x4, [1, 1], "SAME", o),
  "lax.dot": (o) => lax.dot(m, m, o),
  "lax.dotGeneral": (o) => lax.dotGeneral(m, m, [[[1], [0]], [[], []]], o), // prettier-ignore
  "lax.reduceWindow": (o) => lax.reduceWindow(v, (w: Options) => np.max(w), [2], [2], o),
  "lax.sort": (o) => lax.sort(v, o),
  "lax.cumsum": (o) => lax.cumsum(v, o),
  "lax.scan": (o) => lax.scan((c: Options, x: Options) => [c, x], v, m, o),
  "lax.map": (o) => lax.map(id, m, o),
  "lax.associativeScan": (o) => lax.associativeScan(np.add, v, o),
  "ops.segmentSum": (o) => jax.ops.segmentSum(v, i, o),
  "nn.softmax": (o) => nn.softmax(m, o),
  "nn.logsumexp": (o) => nn.logsumexp(m, o),
  "nn.standardize": (o) => nn.standardize(m, o),
  "nn.gelu": (o) => nn.gelu(v, o),
  "nn.glu": (o) => nn.glu(v, o),
  "nn.oneHot": (o) => nn.oneHot(i, 2, o),
  "nn.dotProductAttention": (o) => nn.dotProductAttention(q, q, q, o),
  "nn.initializers.glorotUniform": (o) => nn.initializers.glorotUniform(o),
  "random.normal": (o) => random.normal(k, o),
  "random.uniform": (o) => random.uniform(k, [2], o),
  "random.bernoulli": (o) => random.bernoulli(k, o),
  "random.categorical": (o) => random.categorical(k, v, o),
  "random.choice": (o) => random.choice(k, 4, o),
  "random.permutation": (o) => random.permutation(k, v, o),
  "image.resize": (o) => image.resize(m, [8, 8], o),
  "scipy.linalg.solve": (o) => scipy.linalg.solve(m, v, o),
  "scipy.optimize.minimize": (o) => scipy.optimize.minimize((x: Options) => x.sum(), v, o),
  "scipy.signal.welch": (o) => scipy.signal.welch(np.ones([64]), o),
  "scipy.stats.rankdata": (o) => scipy.stats.rankdata(v, o),
  "scipy.stats.mode": (o) => scipy.stats.mode(v, o),
  jit: (o) => jax.jit(id, o),
  grad: (o) => jax.grad(id, o),
  vjp: (o) => jax.vjp(id, [v], o),
  jvp: (o) => jax.jvp(id, [v], [v], o),
  linearize: (o) => jax.linearize(id, [v], o),
  checkpoint: (o) => jax.checkpoint(id, o),
  customJvp: (o) => jax.customJvp(id, o),
  customVjp: (o) => jax.customVjp(id, o),
};

describe("options of another name are refused", () => {
  for (const [name, call] of Object.entries(calls))
    test(name, () => expect(() => call({ no_such_option: 1 })).toThrow(/unknown option "no_such_option"/));
});

test("the name that was meant is said", () => {
  const meant: readonly [(o: Options) => unknown, string, string][] = [
    [calls["lax.convGeneralDilated"]!, "feature_group_count", "featureGroupCount"],
    [calls["lax.dotGeneral"]!, "preferred_element_type", "preferredElementType"],
    [calls["nn.dotProductAttention"]!, "is_causal", "isCausal"],
    [calls["np.pad"]!, "constant_values", "constantValues"],
    [calls["np.unique"]!, "return_counts", "returnCounts"],
    [calls["np.linalg.svd"]!, "full_matrices", "fullMatrices"],
    [calls["jit"]!, "static_argnums", "staticArgnums"],
  ];
  for (const [call, wrong, right] of meant)
    expect(() => call({ [wrong]: 1 })).toThrow(`unknown option "${wrong}": did you mean "${right}"?`);
});

test("options of JAX's that change nothing are taken", () => {
  const product = np.matmul(m, m, { precision: "highest" } as Options);
  expect(product.js()).toEqual(np.matmul(m, m).js());
  expect(np.searchsorted(v, 1, { method: "sort", side: "right" }).js()).toBe(4);
  expect(np.isin(v, v, { method: "auto" }).js()).toEqual([true, true, true, true]);
  expect(np.einsum("ij->i", m, { optimize: true } as Options).js()).toEqual([1, 1, 1, 1]);
  expect(
    jax
      .grad(jax.checkpoint((x: Options) => x.mul(x), { preventCse: false } as Options))(np.array(3))
      .js(),
  ).toBe(6);
});
