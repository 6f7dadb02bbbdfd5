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
  "lax.linalg.cholesky": (o) => lax.linalg.cholesky(m, o),
  "lax.linalg.eig": (o) => lax.linalg.eig(m, o),
  "lax.linalg.eigh": (o) => lax.linalg.eigh(m, o),
  "lax.linalg.ormqr": (o) => lax.linalg.ormqr(m, v, m, o),
  "lax.linalg.qdwh": (o) => lax.linalg.qdwh(m, o),
  "lax.linalg.qr": (o) => lax.linalg.qr(m, o),
  "lax.linalg.schur": (o) => lax.linalg.schur(m, o),
  "lax.linalg.svd": (o) => lax.linalg.svd(m, o),
  "lax.linalg.symmetricProduct": (o) => lax.linalg.symmetricProduct(m, m, o),
  "lax.linalg.triangularSolve": (o) => lax.linalg.triangularSolve(m, m, o),
  "lax.linalg.tridiagonal": (o) => lax.linalg.tridiagonal(m, o),
  "lax.linalg.tridiagonalSolve": (o) => lax.linalg.tridiagonalSolve(v, v, v, np.ones([4, 1]), o),
  "lax.psum": (o) => jax.vmap((x: Options) => lax.psum(x, "i", o), { axisName: "i" })(v),
  "lax.allGather": (o) => jax.vmap((x: Options) => lax.allGather(x, "i", o), { axisName: "i" })(v),
  "lax.customRoot": (o) => lax.customRoot(id, v, (_f, x) => x as unknown, (g, y) => g(y) as unknown, o), // prettier-ignore
  "lax.topK": (o) => lax.topK(v, 1, o),
  makeJaxpr: (o) => jax.makeJaxpr(id, o),
  exportStableHlo: (o) => jax.exportStableHlo(id, o),
  pmap: (o) => jax.pmap(id, o),
  shardMap: (o) => jax.shardMap(id, o),
  "nn.initializers.constant": (o) => nn.initializers.constant(1, o),
  "np.choose": (o) => np.choose(i, [v, v], o),
  "np.compress": (o) => np.compress(v, v, o),
  "np.extract": (o) => np.extract(v, v, o),
  "np.cumulativeSum": (o) => np.cumulativeSum(v, o),
  "np.digitize": (o) => np.digitize(v, v, o),
  "np.fillDiagonal": (o) => np.fillDiagonal(m, 1, o),
  "np.fromfunction": (o) => np.fromfunction(id, [2], o),
  "np.frompyfunc": (o) => np.frompyfunc(id, 1, 1, o),
  "np.histogram2d": (o) => np.histogram2d(v, v, o),
  "np.histogramdd": (o) => np.histogramdd(m, o),
  "np.linalg.cross": (o) => np.linalg.cross(np.ones([3]), np.ones([3]), o),
  "np.linalg.matrixNorm": (o) => np.linalg.matrixNorm(m, o),
  "np.linalg.vectorNorm": (o) => np.linalg.vectorNorm(m, o),
  "np.polydiv": (o) => np.polydiv(v, v, o),
  "np.polymul": (o) => np.polymul(v, v, o),
  "np.printoptions": (o) => np.printoptions(o, () => 1),
  "np.union1d": (o) => np.union1d(v, v, o),
  "np.uniqueAll": (o) => np.uniqueAll(v, o),
  "np.vander": (o) => np.vander(v, o),
  "np.vectorize": (o) => np.vectorize(id, o),
  "random.ball": (o) => random.ball(k, 2, o),
  "scipy.linalg.dft": (o) => scipy.linalg.dft(2, o),
  "scipy.linalg.eighTridiagonal": (o) => scipy.linalg.eighTridiagonal(v, np.ones([3]), o),
  "scipy.linalg.expm": (o) => scipy.linalg.expm(m, o),
  "scipy.linalg.expmFrechet": (o) => scipy.linalg.expmFrechet(m, m, o),
  "scipy.linalg.funm": (o) => scipy.linalg.funm(m, id, o),
  "scipy.linalg.hadamard": (o) => scipy.linalg.hadamard(2, o),
  "scipy.linalg.hessenberg": (o) => scipy.linalg.hessenberg(m, o),
  "scipy.linalg.lu": (o) => scipy.linalg.lu(m, o),
  "scipy.linalg.luSolve": (o) => scipy.linalg.luSolve([m, i], v, o),
  "scipy.linalg.pascal": (o) => scipy.linalg.pascal(2, o),
  "scipy.linalg.qr": (o) => scipy.linalg.qr(m, o),
  "scipy.linalg.schur": (o) => scipy.linalg.schur(m, o),
  "scipy.linalg.solveSylvester": (o) => scipy.linalg.solveSylvester(m, m, m, o),
  "scipy.sparse.linalg.cg": (o) => scipy.sparse.linalg.cg(m, v, o),
  "scipy.special.besselJn": (o) => scipy.special.besselJn(v, { v: 1, ...o }),
  "scipy.special.comb": (o) => scipy.special.comb(v, v, o),
  "scipy.special.sphHarmY": (o) => scipy.special.sphHarmY(i, i, v, v, o),
  "scipy.stats.gaussianKde": (o) => scipy.stats.gaussianKde(v, o),
  "scipy.stats.sem": (o) => scipy.stats.sem(v, o),
  "testUtil.checkJvp": (o) => jax.testUtil.checkJvp(np.sin, (xs, ts) => jax.jvp(np.sin, xs, ts) as unknown, [v], o),
  "testUtil.checkVjp": (o) => jax.testUtil.checkVjp(np.sin, (...xs) => jax.vjp(np.sin, xs) as unknown, [v], o),
  "treeUtil.keystr": (o) => jax.treeUtil.keystr(".a", o),
  "tree.leaves": (o) => jax.tree.leaves([v], o),
  "tree.flatten": (o) => jax.tree.flatten([v], o),
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
