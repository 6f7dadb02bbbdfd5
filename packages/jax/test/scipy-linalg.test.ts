/** jax.scipy.linalg and lax.linalg: oracles/scipy-linalg.py wrote the expected values. */
import { defaultDevice, jit, lax, numpy as np, scipy } from "@jax-js/jax";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { syncDevices } from "./devices";
import { functions } from "./matrix-functions";
import { type OracleCase, byFunction, expectCases } from "./oracle-case";
import oracle from "./oracles/scipy-linalg.json";
import { Owner } from "./owner";

const cases = oracle as unknown as OracleCase[];
const { linalg } = scipy;

for (const device of syncDevices) {
  describe(`equals JAX on ${device}`, () => {
    beforeAll(() => void defaultDevice(device));
    afterAll(() => void defaultDevice("wasm"));
    for (const [name, own] of byFunction(cases)) {
      test(`${name}: ${own.length} calls`, { timeout: 120_000 }, () => expectCases(own, functions));
    }
  });
}

describe("linalg", () => {
  test("runs under jit", () => {
    using own = new Owner();
    const a = own.of(np.array([[2, 1], [0, 3]])); // prettier-ignore
    const f = own.of(jit((x) => linalg.sqrtm(x).real));
    const root = own.of(f(a));
    own.of(np.matmul(root, root)).js().flat().forEach((v: number, i: number) => expect(v).toBeCloseTo([2, 1, 0, 3][i]!, 5)); // prettier-ignore
    const e = own.of(jit((x) => linalg.expm(x)));
    const [eager, compiled] = [own.of(linalg.expm(a)).js(), own.of(e(a)).js()] as number[][][];
    eager!.flat().forEach((v, i) => expect(compiled!.flat()[i]).toBeCloseTo(v, 4));
  });

  test("errors say what to do", () => {
    using own = new Owner();
    const [wide, square, v, cube] = own.of([np.ones([2, 3]), np.eye(2), np.ones([3]), np.ones([2, 2, 2])]);
    for (const f of [
      linalg.cholesky,
      linalg.det,
      linalg.inv,
      linalg.expm,
      linalg.schur,
      linalg.hessenberg,
      linalg.sqrtm,
    ]) {
      expect(() => f(wide)).toThrow(/square/);
    }
    expect(() => linalg.lu(v)).toThrow(/expected matrices/);
    expect(() => linalg.eigh(square, square as unknown as null)).toThrow(/generalised/);
    expect(() => linalg.qr(wide, { mode: "thin" as "full" })).toThrow(/"full", "economic" or "r"/);
    expect(() => linalg.solve(square, v)).toThrow(/does not fit/);
    expect(() => linalg.solve(square, square, { assumeA: "banded" as "gen" })).toThrow(/assumeA must be/);
    expect(() => linalg.solveTriangular(square, v)).toThrow(/does not fit/);
    expect(() => linalg.solveTriangular(square, square, "H" as "T")).toThrow(/trans must be/);
    expect(() => linalg.schur(square, "upper" as "real")).toThrow(/"real" or "complex"/);
    expect(() => linalg.polar(square, "up" as "left")).toThrow(/"left" or "right"/);
    expect(() => linalg.polar(square, { method: "newton" as "svd" })).toThrow(/"qdwh" or "svd"/);
    expect(() => linalg.qrMultiply(wide, v)).toThrow(/does not fit/);
    expect(() => linalg.eighTridiagonal(v, v)).toThrow(/\[n - 1\]/);
    expect(() => linalg.solveSylvester(square, square, wide)).toThrow(/do not fit/);
    expect(() => linalg.funm(square, () => v)).toThrow(/keep the shape/);
    expect(() => linalg.blockDiag(square, cube)).toThrow(/at most 2 axes.*block 1/);
    expect(() => linalg.hadamard(3)).toThrow(/power of 2/);
    expect(() => linalg.helmert(0)).toThrow(/at least 1/);
    expect(() => linalg.pascal(2, "full" as "lower")).toThrow(/kind must be/);
    expect(() => linalg.dft(2, "root" as "n")).toThrow(/scale must be/);
    expect(() => linalg.companion(1)).toThrow(/at least 2 coefficients/);
    expect(() => linalg.leslie(v, v)).toThrow(/n - 1 survival rates/);
    expect(() => linalg.convolutionMatrix(v, 0)).toThrow(/above 0/);
    expect(() => lax.linalg.qdwh(wide)).toThrow(/as many rows as columns/);
    expect(() => lax.linalg.ormqr(square, v, square)).toThrow(/taus/);
    expect(() => lax.linalg.choleskyUpdate(square, v)).toThrow(/vector of its size/);
    expect(() => lax.linalg.symmetricProduct(wide, wide)).toThrow(/c \[\.\., m, m\]/);
    expect(() => lax.linalg.tridiagonalSolve(v, v, v, square)).toThrow(/b \[\.\., m, k\]/);
    expect(() => lax.linalg.luPivotsToPermutation(v, 3)).toThrow(/integers/);
  });
});
