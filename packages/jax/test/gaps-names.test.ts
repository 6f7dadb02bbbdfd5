/** Functions that users miss elsewhere: the names are here, and each of numpy's gives a right value. */
import * as jax from "@jax-js/jax";
import { defaultDevice, lax, numpy as np } from "@jax-js/jax";
import { afterEach, beforeEach, describe, expect, test as plainTest } from "vitest";
import { syncDevices } from "./devices";
import { owned, test } from "./scoped";

type A = jax.Array;
/** A name, what to compute, its value as nested lists. */
type Row = readonly [name: string, compute: () => unknown, expected: unknown];

const f = (...values: readonly number[]): A => np.array(values);
const i = (...values: readonly number[]): A => np.array(values, { dtype: "int32" });
const b = (...values: readonly boolean[]): A => np.array(values);
const square = (): A => np.arange(4).reshape([2, 2]);

function plain(x: unknown): unknown {
  if (x instanceof jax.Array) return owned(x).js();
  if (Array.isArray(x)) return x.map(plain);
  if (x !== null && typeof x === "object") return Object.fromEntries(Object.entries(x).map(([k, v]) => [k, plain(v)]));
  return x;
}

function matches(got: unknown, wanted: unknown): boolean {
  if (typeof got === "number" && typeof wanted === "number")
    return Object.is(got, wanted) || Math.abs(got - wanted) <= 1e-5 * Math.max(1, Math.abs(wanted));
  if (Array.isArray(got) && Array.isArray(wanted))
    return got.length === wanted.length && wanted.every((w, k) => matches(got[k], w));
  return got === wanted;
}

const SELECTION: readonly Row[] = [
  ["argpartition", () => np.argpartition(f(3, 1, 2), 1).slice(1), 2],
  ["argwhere", () => np.argwhere(i(0, 3, 4)), [[1], [2]]],
  ["compress", () => np.compress(b(false, true), f(5, 6)), [6]],
  ["extract", () => np.extract(b(true, false), f(5, 6)), [5]],
  ["flatnonzero", () => np.flatnonzero(i(0, 3, 4)), [1, 2]],
  ["nonzero", () => np.nonzero(i(0, 3, 4)), [[1, 2]]],
  ["intersect1d", () => np.intersect1d(i(1, 2, 3), i(3, 1)), [1, 3]],
  ["isdtype", () => np.isdtype("int8", "integral"), true],
  ["issubdtype", () => np.issubdtype("float16", "floating"), true],
  ["lexsort", () => np.lexsort([i(2, 1, 1), i(1, 1, 0)]), [2, 1, 0]],
  ["partition", () => np.partition(f(3, 1, 2), 1).slice(1), 2],
  ["place", () => np.place(i(1, 2, 3), b(true, false, true), i(7, 8)), [7, 2, 8]],
  ["put", () => np.put(i(1, 2, 3), i(1), i(9)), [1, 9, 3]],
  ["putAlongAxis", () => np.putAlongAxis(i(1, 2, 3), i(0), 9, 0), [9, 2, 3]],
  ["searchsorted", () => np.searchsorted(f(1, 2, 3), f(2, 4)), [1, 3]],
  ["trimZeros", () => np.trimZeros(i(0, 1, 0)), [1]],
  ["union1d", () => np.union1d(i(2, 1), i(3, 1)), [1, 2, 3]],
  ["unique", () => np.unique(i(2, 1, 2)), [1, 2]],
  ["uniqueAll", () => np.uniqueAll(i(2, 1, 2)).counts, [1, 2]],
  ["uniqueCounts", () => np.uniqueCounts(i(2, 1, 2)).values, [1, 2]],
  ["uniqueInverse", () => np.uniqueInverse(i(2, 1, 2)).inverseIndices, [1, 0, 1]],
  ["uniqueValues", () => np.uniqueValues(i(2, 1, 2)), [1, 2]],
  ["delete", () => np.delete(i(1, 2, 3), 1), [1, 3]],
  ["insert", () => np.insert(i(1, 2), 1, 9), [1, 9, 2]],
  ["digitize", () => np.digitize(f(0.5, 2.5), f(1, 2, 3)), [0, 2]],
  ["bincount", () => np.bincount(i(1, 1, 3)), [0, 2, 0, 1]],
  ["setdiff1d", () => np.setdiff1d(i(3, 1, 2), i(1)), [2, 3]],
  ["setxor1d", () => np.setxor1d(i(3, 1), i(1, 2)), [2, 3]],
];

const STATISTICS: readonly Row[] = [
  ["histogram", () => np.histogram(f(1, 2, 2), 2), [[1, 2], [1, 1.5, 2]]], // prettier-ignore
  ["histogramBinEdges", () => np.histogramBinEdges(f(1, 3), 2), [1, 2, 3]],
  ["histogram2d", () => np.histogram2d(f(0, 1), f(0, 1), 2)[0], [[1, 0], [0, 1]]], // prettier-ignore
  ["histogramdd", () => np.histogramdd(np.array([[0], [1], [1]]), 2)[0], [1, 2]],
  ["median", () => np.median(f(3, 1, 2, 4)), 2.5],
  ["nanmedian", () => np.nanmedian(f(3, NaN, 1)), 2],
  ["percentile", () => np.percentile(f(1, 2, 3), 50), 2],
  ["nanpercentile", () => np.nanpercentile(f(1, NaN, 3), 50), 2],
  ["quantile", () => np.quantile(f(1, 2), 0.25), 1.25],
  ["nanquantile", () => np.nanquantile(f(1, NaN, 2), 0.25), 1.25],
];

const INDICES: readonly Row[] = [
  ["fillDiagonal", () => np.fillDiagonal(np.zeros([2, 2]), 5), [[5, 0], [0, 5]]], // prettier-ignore
  ["maskIndices", () => np.maskIndices(2, np.triu), [[0, 0, 1], [0, 1, 1]]], // prettier-ignore
  ["ravelMultiIndex", () => np.ravelMultiIndex([i(1), i(2)], [3, 4]), [6]],
  ["unravelIndex", () => np.unravelIndex(i(6), [3, 4]), [[1], [2]]],
  ["trilIndices", () => np.trilIndices(2), [[0, 1, 1], [0, 0, 1]]], // prettier-ignore
  ["trilIndicesFrom", () => np.trilIndicesFrom(square()), [[0, 1, 1], [0, 0, 1]]], // prettier-ignore
  ["triuIndices", () => np.triuIndices(2), [[0, 0, 1], [0, 1, 1]]], // prettier-ignore
  ["triuIndicesFrom", () => np.triuIndicesFrom(square()), [[0, 0, 1], [0, 1, 1]]], // prettier-ignore
];

const NUMERICS: readonly Row[] = [
  ["gradient", () => np.gradient(f(1, 2, 4)), [1, 1.5, 2]],
  ["interp", () => np.interp(1.5, f(1, 2), f(10, 20)), 15],
  ["kron", () => np.kron(i(1, 2), i(1, 1)), [1, 1, 2, 2]],
  ["gcd", () => np.gcd(i(12), i(18)), [6]],
  ["lcm", () => np.lcm(i(4), i(6)), [12]],
  ["i0", () => np.i0(f(1)), [1.2660658777520084]],
  ["kaiser", () => np.kaiser(3, 0), [1, 1, 1]],
  ["hamming", () => np.hamming(3), [0.08, 1, 0.08]],
  ["nextafter", () => np.nextafter(f(1), f(2)), [1 + 2 ** -23]],
  ["spacing", () => np.spacing(f(1)), [2 ** -23]],
  ["piecewise", () => np.piecewise(f(-1, 1), [b(true, false)], [5, (x: A) => x.mul(2)]), [5, 2]],
  ["vectorize", () => np.vectorize((x: A) => x.mul(2))(f(1, 2)), [2, 4]],
  ["poly", () => np.poly(f(1, 2)), [1, -3, 2]],
  ["polydiv", () => np.polydiv(f(1, 0, -1), f(1, 1)), [[1, -1], [0, 0, 0]]], // prettier-ignore
  ["polyfit", () => np.polyfit(f(0, 1, 2), f(1, 3, 5), 1), [2, 1]],
  ["polyint", () => np.polyint(f(2, 2)), [1, 2, 0]],
  ["roots", () => np.roots(f(1, -3, 2)), [2, 1]],
  ["block", () => np.block([[np.ones([1, 1]), np.zeros([1, 1])]]), [[1, 0]]],
  ["frombuffer", () => np.frombuffer(new Uint8Array([1, 0, 0, 0, 2, 0, 0, 0]), { dtype: "int32" }), [1, 2]],
  ["resize", () => np.resize(i(1, 2), [3]), [1, 2, 1]],
  ["canCast", () => np.canCast("int8", "int16"), true],
];

const CHEAP: readonly Row[] = [
  ["amax", () => np.amax(f(1, 2)), 2],
  ["amin", () => np.amin(f(1, 2)), 1],
  ["asarray", () => np.asarray([1, 2]), [1, 2]],
  ["atleast1d", () => np.atleast1d(3), [3]],
  ["atleast2d", () => np.atleast2d(3), [[3]]],
  ["atleast3d", () => np.atleast3d(3), [[[3]]]],
  ["concat", () => np.concat([f(1), f(2)]), [1, 2]],
  ["copy", () => np.copy(f(1)), [1]],
  ["empty", () => np.shape(np.empty([2])), [2]],
  ["emptyLike", () => np.shape(np.emptyLike(f(1, 2))), [2]],
  ["fabs", () => np.fabs(f(-1)), [1]],
  ["fix", () => np.fix(f(-1.5)), [-1]],
  ["isclose", () => np.isclose(f(1, 2), f(1, 3)), [true, false]],
  ["mod", () => np.mod(i(-7), 3), [2]],
  ["choose", () => np.choose(i(1, 0), [i(1, 2), i(3, 4)]), [3, 2]],
  ["rollaxis", () => np.shape(np.rollaxis(np.zeros([1, 2, 3]), 2)), [3, 1, 2]],
  ["packbits", () => np.packbits(b(true, false, true)), [160]],
  ["unpackbits", () => np.unpackbits(np.array([160], { dtype: "uint8" })), [1, 0, 1, 0, 0, 0, 0, 0]],
  ["load of save", () => np.load(np.save(f(1, 2))), [1, 2]],
  ["mgrid", () => np.mgrid([0, 2], [0, 2]), [[[0, 0], [1, 1]], [[0, 1], [0, 1]]]], // prettier-ignore
  ["ogrid", () => np.ogrid([0, 2], [0, 2]), [[[0], [1]], [[0, 1]]]], // prettier-ignore
  ["ix_", () => np.ix_(i(0, 1), i(2)), [[[0], [1]], [[2]]]], // prettier-ignore
  ["einsumPath", () => np.einsumPath("ij,jk", np.ones([2, 3]), np.ones([3, 2]))[0], [[0, 1]]],
  ["arrayRepr", () => np.arrayRepr(f(1, 2)), "Array([1., 2.], dtype=float32)"],
  ["arrayStr", () => np.arrayStr(f(1, 2)), "[1. 2.]"],
  ["real", () => np.real(f(1)), [1]],
  ["imag", () => np.imag(f(1)), [0]],
  ["angle", () => np.angle(f(-1)), [Math.PI]],
  ["conj", () => np.conj(f(1)), [1]],
];

const PARTIAL: readonly Row[] = [
  ["allclose", () => np.allclose(f(1), f(1)), true],
  ["hypot of large numbers", () => np.hypot(f(3e30), f(4e30)).div(5e30), [1]],
  ["derivative of sinc at 0", () => jax.grad((x: A) => np.sinc(x))(np.array(0)), 0],
  ["full with an array", () => np.full([2, 2], f(1, 2)), [[1, 2], [1, 2]]], // prettier-ignore
  ["fullLike with an array", () => np.fullLike(i(0, 0), f(1, 2)), [1, 2]],
  ["repeat with counts", () => np.repeat(i(5, 6), i(1, 2)), [5, 6, 6]],
  ["pad reflect", () => np.pad(i(1, 2, 3), 1, "reflect"), [2, 1, 2, 3, 2]],
  ["pad edge", () => np.pad(i(1, 2, 3), 1, "edge"), [1, 1, 2, 3, 3]],
  ["pad wrap", () => np.pad(i(1, 2, 3), 1, "wrap"), [3, 1, 2, 3, 1]],
  ["pad linear_ramp", () => np.pad(f(4, 4), 2, "linear_ramp"), [0, 2, 4, 4, 2, 0]],
  ["pad mean", () => np.pad(f(1, 3), 1, "mean"), [2, 1, 3, 2]],
  ["where with one argument", () => np.where(b(false, true)), [[1]]],
  ["power of ints", () => np.power(i(2), i(10)), [1024]],
];

const spd = (): A => np.array([[4, 1], [1, 3]]); // prettier-ignore
const LINALG: readonly Row[] = [
  ["cond", () => np.linalg.cond(np.diag(f(4, 2))), 2],
  ["eig", () => np.linalg.eigvals(np.array([[0, 1], [-1, 0]])).imag, [1, -1]], // prettier-ignore
  ["matrixRank", () => np.linalg.matrixRank(np.ones([2, 2])), 1],
  ["pinv", () => np.linalg.pinv(np.diag(f(4, 2))), [[0.25, 0], [0, 0.5]]], // prettier-ignore
  ["qr", () => np.abs(np.linalg.qr(np.diag(f(4, 2)))[1]), [[4, 0], [0, 2]]], // prettier-ignore
  ["tensorinv", () => np.linalg.tensorinv(np.diag(f(4, 2)).reshape([2, 2]), 1), [[0.25, 0], [0, 0.5]]], // prettier-ignore
  ["tensorsolve", () => np.linalg.tensorsolve(np.diag(f(4, 2)), f(4, 2)), [1, 1]],
  ["eigh has a gradient", () => jax.grad((x: A) => np.linalg.eigh(x)[0].sum())(spd()), [[1, 0], [0, 1]]], // prettier-ignore
  ["lstsq", () => np.linalg.lstsq(np.array([[1, 0], [0, 1], [0, 0]]), f(1, 2, 3)), [1, 2]], // prettier-ignore
  ["matrixNorm nuc", () => np.linalg.matrixNorm(np.diag(f(4, 2)), { ord: "nuc" }), 6],
  ["matrixNorm 2", () => np.linalg.matrixNorm(np.diag(f(4, 2)), { ord: 2 }), 4],
  ["matrixNorm -2", () => np.linalg.matrixNorm(np.diag(f(4, 2)), { ord: -2 }), 2],
  ["full svd", () => np.shape(np.linalg.svd(np.ones([3, 2]), { fullMatrices: true })[0]), [3, 3]],
];

const groups: Readonly<Record<string, readonly Row[]>> = {
  "selection and sets": SELECTION, statistics: STATISTICS, "index helpers": INDICES, "numerics, polynomials, construction": NUMERICS,
  "cheap to offer": CHEAP, "partial elsewhere": PARTIAL, "numpy.linalg": LINALG,
}; // prettier-ignore

for (const device of syncDevices) {
  describe(`on ${device}`, () => {
    beforeEach(() => void defaultDevice(device));
    afterEach(() => void defaultDevice("wasm"));
    for (const [title, rows] of Object.entries(groups)) {
      describe(title, () => {
        for (const [name, compute, expected] of rows) {
          test(name, () => {
            const got = plain(compute());
            expect(matches(got, expected), `${JSON.stringify(got)} is not ${JSON.stringify(expected)}`).toBe(true);
          });
        }
      });
    }
  });
}

describe("dtypes", () => {
  for (const dtype of ["int8", "uint8", "int16", "uint16", "bfloat16", "float16", "float64"] as const) {
    test(dtype, () => {
      const x = np.array([1, 2, 3], { dtype });
      expect(x.dtype).toBe(dtype);
      expect(x.add(x).dtype).toBe(dtype);
      expect(x.add(x).astype("float32").js()).toEqual([2, 4, 6]);
    });
  }
});

/** Names by the dotted path of their module. */
const NAMES: Readonly<Record<string, string>> = {
  jax: "customJvp customVjp customGradient checkpoint closureConvert evalShape ShapeDtypeStruct linearTranspose vmap jacfwd jacrev hessian jit",
  lax: `scan whileLoop foriLoop cond switch map associativeScan dynamicSlice dynamicUpdateSlice dynamicIndexInDim slice gather
    scatter scatterAdd reduce reducePrecision cumsum cumprod cummax cummin cumlogsumexp argmax customRoot customLinearSolve
    rngBitGenerator sort populationCount clamp selectN iota igamma lgamma digamma betainc rsqrt erfInv psum pmean pmax
    allGather ppermute allToAll axisIndex`,
  "lax.linalg": "qr cholesky eigh lu svd triangularSolve",
  random: `foldIn beta binomial chisquare dirichlet f gamma generalizedNormal loggamma multinomial orthogonal poisson t
    truncatedNormal wald`,
  "nn.initializers": "glorotNormal heNormal lecunNormal orthogonal varianceScaling zeros",
  "scipy.special": `expit xlogy xlog1py entr gammaln digamma betaln betainc gammainc i0 i0e i1 i1e ndtr ndtri logNdtr erfinv
    zeta polygamma`,
  image: "resize scaleAndTranslate",
  flattenUtil: "ravelPytree",
  debug: "print callback",
  tree: "leavesWithPath mapWithPath",
};

describe("names elsewhere", () => {
  for (const [path, names] of Object.entries(NAMES)) {
    for (const name of names.split(/\s+/)) {
      plainTest(`${path}.${name}`, () => {
        let at: unknown = jax;
        for (const part of path === "jax" ? [] : path.split(".")) at = (at as Record<string, unknown>)[part];
        expect(typeof (at as Record<string, unknown>)[name]).toBe("function");
      });
    }
  }
  test("updates at an index", () => {
    expect(owned(i(1, 2, 3).at(1).set(9)).js()).toEqual([1, 9, 3]);
  });
  test("a sort of several operands", () => {
    expect(lax.sort([i(2, 1), i(5, 6)]).map((x) => owned(x).js() as unknown)).toEqual([[1, 2], [6, 5]]); // prettier-ignore
  });
});
