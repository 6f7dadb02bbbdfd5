"""Writes ops.json: values of primitives for ../laws/oracle.test.ts. Run: python ops.py (needs jax 0.10)."""
import json
import os
import sys

sys.path.pop(0)  # this file would hide a module of its name
import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

jax.config.update("jax_enable_x64", True)
jax.config.update("jax_default_matmul_precision", "highest")
cases = []
inf, nan = np.inf, np.nan


def plain(x):
    a = np.asarray(x)
    if a.dtype == np.int64:
        a = a.astype(np.int32)
    if a.dtype.kind in "iub":
        values = a.astype(np.int64).ravel().tolist()
    else:
        spell = lambda v: str(v) if not np.isfinite(v) or (v == 0 and np.signbit(v)) else float(f"{v:.9g}")
        values = [spell(v) for v in a.astype(np.float64).ravel()]
    return {"dtype": str(a.dtype), "shape": list(a.shape), "data": values}


def add(op, inputs, outputs, tol=4e-6, **params):
    """params: ours, in camelCase. tol: relative to the larger of 1 and the value."""
    outs = outputs if isinstance(outputs, (list, tuple)) else [outputs]
    cases.append({"op": op, "params": params, "in": [plain(x) for x in inputs], "out": [plain(y) for y in outs], "tol": tol})


def f32(*values, shape=None):
    a = np.array(values, np.float32)
    return a if shape is None else a.reshape(shape)


def precise(f, *xs):
    """f of float32 values in float64, rounded once: nearer to the truth than float32 throughout."""
    return np.asarray(f(*[jnp.asarray(x, jnp.float64) for x in xs])).astype(np.float32)


rng = np.random.default_rng(0)
rand = lambda *shape: (rng.integers(-128, 128, shape) / 64).astype(np.float32)
EDGES = f32(0, -0.0, 1, -1, 0.5, -0.5, 2, -2, 1e-5, -1e-5, 3.25, -3.25, 100, -100, inf, -inf, nan)
UNARY = "sin cos tan asin acos atan sinh cosh tanh asinh acosh atanh exp exp2 expm1 log log1p logistic sqrt rsqrt cbrt erf erfc"
for name in UNARY.split():
    add(name, [EDGES], precise(getattr(lax, name), EDGES))
for name in "erf_inv lgamma digamma".split():
    x = EDGES if name != "digamma" else EDGES[[2, 4, 5, 6, 10, 11, 12, 16]]
    add(name, [x], precise(getattr(lax, name), x), tol=1e-5)
for name in "neg abs sign floor ceil is_finite".split():
    add(name, [EDGES], getattr(lax, name)(EDGES), tol=0)
HALVES = f32(0.5, 1.5, 2.5, -0.5, -1.5, -2.5, 0.49999997, 8388609, inf, nan)
add("round", [HALVES], lax.round(HALVES, lax.RoundingMethod.AWAY_FROM_ZERO), tol=0, roundingMethod=0)
add("round", [HALVES], lax.round(HALVES, lax.RoundingMethod.TO_NEAREST_EVEN), tol=0, roundingMethod=1)
for y in [0, 1, 2, 3, 7, -1, -3]:
    x = EDGES[2:12]
    add("integer_pow", [x], precise(lambda v: lax.integer_pow(v, y), x), y=y)

A, B = [g.astype(np.float32).ravel() for g in np.meshgrid(f32(0, -0.0, 1, -2.5, 3, inf, -inf, nan), f32(0, 1, -2.5, 0.5, inf, nan))]
for name in "add sub mul div rem max min pow atan2".split():
    add(name, [A, B], precise(getattr(lax, name), A, B))
add("nextafter", [A, B], lax.nextafter(A, B), tol=0)
for name in "eq ne lt le gt ge".split():
    add(name, [A, B], getattr(lax, name)(A, B))

for dtype in [np.int32, np.uint32, np.int8, np.uint8, np.int16]:
    info = np.iinfo(dtype)
    a = np.array([0, 1, 2, 7, info.min, info.max, info.max - 1, 100], dtype)
    b = np.array([0, 3, 0, 2, 1, 2, 7, 5], dtype)
    for name in "add sub mul div rem max min eq lt ge bitwise_and bitwise_or bitwise_xor".split():
        add(name.replace("bitwise_", ""), [a, b], getattr(lax, name)(a, b))
    for name in "shift_left shift_right_logical shift_right_arithmetic".split():
        add(name, [a, b], getattr(lax, name)(a, b))
    for name in "bitwise_not population_count clz neg sign".split():
        add(name.replace("bitwise_", ""), [a], getattr(lax, name)(a))
    if info.min < 0:
        add("abs", [a], lax.abs(a))
    add("integer_pow", [a], lax.integer_pow(a, 3), y=3)
    for target in ["float32", "int32", "uint8", "bool"]:
        add("convert_element_type", [a], lax.convert_element_type(a, target), newDtype=target, weakType=False)
for target in ["int32", "uint32", "float16", "bool"]:
    x = f32(0, 1.7, -1.7, 255.5, 70000, 0.1) if target != "uint32" else f32(0, 1.7, 255.5, 70000, 3e9)
    add("convert_element_type", [x], lax.convert_element_type(x, target), newDtype=target, weakType=False)
add("bitcast_convert_type", [EDGES[:16]], lax.bitcast_convert_type(EDGES[:16], jnp.int32), newDtype="int32")

M = rand(3, 4)
I = rng.integers(-5, 5, (3, 4)).astype(np.int32)
for axes in [[0], [1], [0, 1]]:
    for name in "sum max min prod".split():
        f = {"sum": jnp.sum, "max": jnp.max, "min": jnp.min, "prod": jnp.prod}[name]
        add(f"reduce_{name}", [M], precise(lambda v: f(v, tuple(axes)), M), axes=axes)
        add(f"reduce_{name}", [I], f(I, tuple(axes)).astype(np.int32), axes=axes)
    add("reduce_and", [I > 0], jnp.all(I > 0, tuple(axes)), axes=axes)
    add("reduce_or", [I > 0], jnp.any(I > 0, tuple(axes)), axes=axes)
TIES = f32(1, 3, 3, nan, 2, nan, -inf, 5, 5, shape=(3, 3))
for name in ["argmax", "argmin"]:
    for axis in [0, 1]:
        add(name, [TIES], getattr(lax, name)(TIES, axis, np.int32), axes=[axis], indexDtype="int32")
for name in "cumsum cumprod cummax cummin cumlogsumexp".split():
    for axis, reverse in [(0, False), (1, True)]:
        add(name, [M], precise(lambda v: getattr(lax, name)(v, axis, reverse), M), axis=axis, reverse=reverse)
ENDS = f32(1, inf, 2, -inf, 0, -inf, -inf, 3, nan, 1, -inf, inf, inf, 0, -inf, -inf, shape=(2, 8))
add("cumlogsumexp", [ENDS], lax.cumlogsumexp(ENDS, 1), axis=1, reverse=False)

add("reshape", [M], M.reshape(2, 6), newSizes=[2, 6])
add("transpose", [M], M.T, permutation=[1, 0])
add("rev", [M], lax.rev(M, [1]), dimensions=[1])
add("broadcast_in_dim", [M[0]], lax.broadcast_in_dim(M[0], (2, 4, 3), (1,)), shape=[2, 4, 3], broadcastDimensions=[1])
add("iota", [], lax.broadcasted_iota(np.int32, (2, 3), 1), dtype="int32", shape=[2, 3], dimension=1)
add("slice", [M], lax.slice(M, (0, 1), (3, 4), (2, 2)), startIndices=[0, 1], limitIndices=[3, 4], strides=[2, 2])
for config in [[(1, 2, 0), (0, 1, 2)], [(-1, 1, 1), (2, -3, 0)]]:
    add("pad", [M, f32(9).reshape(())], lax.pad(M, np.float32(9), config), paddingConfig=config)
add("concatenate", [M, M[:2]], lax.concatenate([M, M[:2]], 0), dimension=0)
WHICH = rng.integers(0, 2, (3, 4)).astype(bool)
add("select_n", [WHICH, M, -M], lax.select_n(WHICH, M, -M))
add("dynamic_slice", [M, np.int32(2), np.int32(1)], lax.dynamic_slice(M, (2, 1), (2, 2)).astype(np.float32), sliceSizes=[2, 2])
add("dynamic_update_slice", [M, f32(7, 8, shape=(1, 2)), np.int32(5), np.int32(1)], lax.dynamic_update_slice(M, f32(7, 8, shape=(1, 2)), (5, 1)))

ours = lambda **kw: {"operandBatchingDims": [], **kw}
INDEX = np.array([[2], [0], [9], [-1]], np.int32)
for mode, jmode in [("clip", "clip"), ("fill", "fill")]:
    dims = lax.GatherDimensionNumbers(offset_dims=(1,), collapsed_slice_dims=(0,), start_index_map=(0,))
    mine = ours(offsetDims=[1], collapsedSliceDims=[0], startIndexMap=[0], startIndicesBatchingDims=[])
    add("gather", [M, INDEX], lax.gather(M, INDEX, dims, (1, 4), mode=jmode, fill_value=5), dimensionNumbers=mine, sliceSizes=[1, 4], mode=mode, fillValue=5)
    sdims = lax.ScatterDimensionNumbers(update_window_dims=(1,), inserted_window_dims=(0,), scatter_dims_to_operand_dims=(0,))
    smine = ours(updateWindowDims=[1], insertedWindowDims=[0], scatterDimsToOperandDims=[0], scatterIndicesBatchingDims=[])
    for name in ["scatter", "scatter_add", "scatter_mul", "scatter_min", "scatter_max"]:
        updates = rand(4, 4)
        f = getattr(lax, name)
        add(name, [M, INDEX, updates], f(M, INDEX, updates, sdims, mode=jmode), dimensionNumbers=smine, mode=mode)

S = f32(3, nan, -0.0, 0, -inf, 3, inf, -1)
add("sort", [S], lax.sort(S), tol=0, dimension=0, numKeys=1)
K = np.array([1, 0, 1, 0, 1, 0], np.int32)
V = np.array([5, 4, 3, 2, 5, 4], np.int32)
T = np.arange(6, dtype=np.int32)
add("sort", [K, V, T], lax.sort([K, V, T], num_keys=2), dimension=0, numKeys=2)

W = rand(4, 5)
add("dot_general", [M, W], precise(jnp.matmul, M, W), dimensionNumbers=[[[1], [0]], [[], []]], preferredElementType=None)
X3, Y3 = rand(2, 3, 4), rand(2, 5, 4)
add("dot_general", [X3, Y3], precise(lambda a, b: jnp.einsum("bik,bjk->bij", a, b), X3, Y3), dimensionNumbers=[[[2], [2]], [[0], [0]]], preferredElementType=None)
for options in [
    dict(window_strides=(1, 1), padding=[(0, 0), (1, 2)], lhs_dilation=(1, 1), rhs_dilation=(1, 1), feature_group_count=1),
    dict(window_strides=(2, 1), padding=[(1, 1), (0, 0)], lhs_dilation=(1, 2), rhs_dilation=(2, 1), feature_group_count=2),
]:
    x, k = rand(2, 4, 5, 4), rand(2, 4 // options["feature_group_count"], 2, 3)
    y = precise(lambda a, b: lax.conv_general_dilated(a, b, **options), x, k)
    words = {"window_strides": "windowStrides", "padding": "padding", "lhs_dilation": "lhsDilation", "rhs_dilation": "rhsDilation", "feature_group_count": "featureGroupCount"}
    add("conv_general_dilated", [x, k], y, **{words[n]: v for n, v in options.items()})
window = dict(windowDimensions=[2, 2], windowStrides=[1, 2], windowDilation=[1, 1])
for name, init, f in [("max", -inf, lax.max), ("min", inf, lax.min)]:
    add(f"reduce_window_{name}", [M], lax.reduce_window(M, np.float32(init), f, (2, 2), (1, 2), "VALID"), **window)

Q = rand(3, 3)
SPD = (Q @ Q.T + 3 * np.eye(3)).astype(np.float32)
add("cholesky", [SPD], precise(jnp.linalg.cholesky, SPD), tol=1e-5)
for lower, transpose, unit in [(True, False, False), (False, True, False), (True, True, True)]:
    solve = lambda a, b: lax.linalg.triangular_solve(a, b, left_side=True, lower=lower, transpose_a=transpose, unit_diagonal=unit)
    R = rand(3, 2)
    add("triangular_solve", [SPD, R], precise(solve, SPD, R), tol=1e-5, lower=lower, transpose=transpose, unit_diagonal=unit)
lu, pivots, permutation = lax.linalg.lu(jnp.asarray(Q, jnp.float64))
add("lu", [Q], [np.asarray(lu, np.float32), pivots, permutation], tol=1e-5)
RE, IM = rand(2, 6), rand(2, 6)
for inverse in [False, True]:
    z = (np.fft.ifft(RE + 1j * IM) * 6) if inverse else np.fft.fft(RE + 1j * IM)
    add("fft", [RE, IM], [z.real.astype(np.float32), z.imag.astype(np.float32)], tol=1e-5, inverse=inverse)
words = [np.array(v, np.uint32) for v in ([0, 1, 0xFFFFFFFF], [0, 2, 0xFFFFFFFF], [0, 3, 0xFFFFFFFF], [0, 4, 0xFFFFFFFF])]
from jax.extend.random import threefry2x32_p

add("threefry2x32", words, threefry2x32_p.bind(*words))

out = os.path.join(os.path.dirname(os.path.abspath(__file__)), "ops.json")
head = json.dumps({"jax": jax.__version__, "numpy": np.__version__, "python": sys.version.split()[0]})
with open(out, "w") as file:
    file.write('{"made by": ' + head + ', "cases": [\n' + ",\n".join(json.dumps(c, separators=(",", ":")) for c in cases) + "\n]}\n")
print(len(cases), "cases,", os.path.getsize(out), "bytes")
