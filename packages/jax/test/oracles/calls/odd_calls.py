"""Calls with options and dtypes that few use, and of jax.scipy, image and ops."""
import itertools

from record import *  # noqa: F403 -- the vocabulary of the tables

NAMED = {"f32": np.float32, "f16": np.float16, "bf16": BF16, "i8": np.int8, "u8": np.uint8, "i16": np.int16, "u16": np.uint16,
         "i32": np.int32, "u32": np.uint32, "b": np.bool_, "f64": np.float64}


def arr(shape, name):
    if name == "b":
        return rng.integers(0, 2, shape).astype(bool)
    if name[0] in "ui":
        return rng.integers(0 if name[0] == "u" else -9, 9, shape).astype(NAMED[name])
    return (rng.integers(-64, 64, shape) / 16).astype(NAMED[name])


# ---- reductions

PLAIN = "average ptp count_nonzero median nanmedian".split()
for n in "sum prod mean max min all any std var nansum nanprod nanmean nanmax nanmin nanstd nanvar".split() + PLAIN:
    for dt in NAMED:
        v(f"numpy.{n}", arr((2, 3), dt), axis=-1, keepdims=True)
    if n in PLAIN:
        continue
    mask = A([[1, 0, 1], [1, 1, 0]], bool)
    extra = {"initial": 0} if n[-3:] in ("max", "min") else {}
    for dt in ["f32", "i32", "b", "u8", "bf16"]:
        v(f"numpy.{n}", arr((2, 3), dt), axis=0, where=mask | (np.arange(3) == 1), **extra)
        v(f"numpy.{n}", arr((2, 3), dt), where=mask[0], keepdims=True, **extra)
    if n in ("max", "min", "all", "any", "nanmax", "nanmin"):
        continue
    for dt, to in itertools.product(["f32", "i32", "b", "u8"], ["float16", "float32", "bfloat16", "float64"]):
        v(f"numpy.{n}", arr((2, 3), dt), axis=1, dtype=to)
    if n in ("sum", "prod", "mean", "nansum", "nanprod", "nanmean"):
        for dt, to in itertools.product(["f32", "i32", "b"], ["int32", "int8", "uint8"]):
            v(f"numpy.{n}", np.abs(arr((2, 3), dt)), axis=1, dtype=to)
for n in "sum prod nansum nanprod".split():
    v(f"numpy.{n}", arr((2, 3), "i32"), initial=2)
    v(f"numpy.{n}", arr((2, 3), "i32"), initial=2.5)
    v(f"numpy.{n}", arr((2, 3), "u8"), initial=2, axis=0)
    for dt in ["i8", "u8"]:
        v(f"numpy.{n}", arr((2, 3), dt), axis=1, promote_integers=False)
    for dt in ["f32", "i32", "b"]:
        v(f"numpy.{n}", arr((2, 3), dt), axis=1, dtype="bool")
for n in "cumsum cumprod nancumsum nancumprod cumulative_sum cumulative_prod".split():
    for dt in NAMED:
        v(f"numpy.{n}", arr((2, 3), dt), axis=1)
    for dt, to in itertools.product(["f32", "i32", "b"], ["float16", "int8", "float64", "bool"]):
        v(f"numpy.{n}", arr((2, 3), dt), axis=0, dtype=to)
WEIGHTS = np.abs(rand(3, 4)) + np.float32(0.1)
for n in "percentile quantile nanpercentile nanquantile".split():
    k = 100 if "percent" in n else 1
    for x, q in itertools.product([M, MN], [0.3, 0.0, 1.0, A([0.2, 0.9])]):
        v(f"numpy.{n}", x, q * k, method="inverted_cdf")
        v(f"numpy.{n}", x, q * k, axis=1, method="inverted_cdf", weights=WEIGHTS)
        v(f"numpy.{n}", x, q * k, method="inverted_cdf", weights=WEIGHTS, keepdims=True)
        v(f"numpy.{n}", x, q * k, axis=0, method="inverted_cdf", weights=A([1, 0, 2]))
    v(f"numpy.{n}", M, 0.3 * k, axis=0, method="inverted_cdf", weights=A([1, -1, 2]))
    c(f"numpy.{n}", M, 0.3 * k, axis=0, weights=A([1, 1, 2]))

# ---- elementwise, all dtypes

for n in "abs sign square reciprocal sqrt cbrt exp expm1 log1p sin tanh arctan sinc floor ceil trunc rint negative isnan signbit logical_not i0 invert bitwise_count".split():
    for dt in NAMED:
        v(f"numpy.{n}", np.abs(arr((3,), dt)) if n in ("sqrt", "log1p") and dt != "b" else arr((3,), dt))
for n in "add subtract multiply power maximum fmin arctan2 copysign heaviside logaddexp less bitwise_xor left_shift gcd floor_divide remainder".split():
    for a, b in itertools.product(["f32", "i32", "u8", "b", "bf16", "u32", "i8", "f64"], repeat=2):
        x, y = arr((2, 3), a), arr((3,), b)
        if n in ("floor_divide", "remainder"):
            y = np.where(y == 0, np.ones_like(y), y).astype(y.dtype)
        if n in ("power", "left_shift"):
            x, y = [t if t.dtype == bool else np.abs(t).astype(t.dtype) for t in (x, y)]
        v(f"numpy.{n}", x, y, tol=5e-5 if n == "power" and "64" not in a + b and "16" not in a + b else None)
for to in ["float16", "bfloat16", "float32", "float64", "int8", "uint8", "int16", "uint16", "int32", "uint32", "bool"]:
    for x in [A([1.7, -1.7, 300, -300, nan, inf, -inf, 3e9, -3e9, 0.4]), A([1, 300, -1, 70000, -70000], np.int32), U8, I8, H, BF]:
        v("numpy.astype", x, to)
    for x in [A([1.5, -2]), A([1, -2], np.int32), H[0], BF[0], I8[:4], U8[:4], np.array([[1, 2], [3, 4]], np.int16)]:
        if to != "float64":
            v("lax.bitcast_convert_type", x, to)

# ---- products of a preferred dtype

I23, I32 = I8.reshape(2, 3), I8.reshape(3, 2)
for to in ["int32", "float32"]:
    for f in ["lax.dot", "numpy.dot", "numpy.matmul", "numpy.inner", "numpy.tensordot"]:
        more = (I23,) if f == "numpy.inner" else (I32,)
        v(f, I23, *more, preferred_element_type=to, **({"axes": 1} if f == "numpy.tensordot" else {}))
    v("numpy.einsum", "ij,jk", I23, I32, preferred_element_type=to)
    v("numpy.vecdot", I23, I23, preferred_element_type=to)
    v("numpy.vdot", I23, I23, preferred_element_type=to)
    v("numpy.matmul", np.stack([I23, I23]), np.stack([I32, I32]), preferred_element_type=to)
for f in ["lax.dot", "numpy.matmul", "numpy.dot"]:
    v(f, H, H.T.copy(), preferred_element_type="float32")
    v(f, M, M.T.copy(), preferred_element_type="float16")

# ---- linear algebra

SPD = A([[4, 1, 0.5], [1, 3, -1], [0.5, -1, 5]])
for p in [None, 1, 2, 3, 0.5, 0, -1, -2, inf, -inf, "fro", "nuc"]:
    for axis, keepdims in itertools.product([None, 0, (0, 1), (1, 0), (-1,)], [False, True]):
        v("linalg.norm", M, p, axis, keepdims)
    v("linalg.norm", M3, p, axis=(2, 0), keepdims=True)
    v("linalg.norm", E0, p)
    v("linalg.norm", E03, p)
for n, args, kw in [
    ("det", (SPD,), {}), ("inv", (SPD,), {}), ("expm", (SPD * 0.2,), {}), ("sqrtm", (SPD,), {}), ("toeplitz", (V, V[:3]), {}),
    ("toeplitz", (M,), {}), ("hilbert", (3,), {}), ("block_diag", (M, V, S), {}), ("solve", (SPD, V[:3]), {"assume_a": "pos"}),
    ("solve", (SPD, M[:, :2]), {"assume_a": "sym"}), ("solve_triangular", (SPD, V[:3]), {}), ("solve_triangular", (SPD, V[:3]), {"lower": True}),
    ("solve_triangular", (SPD, V[:3]), {"trans": "T", "unit_diagonal": True}), ("cholesky", (SPD,), {"lower": True}),
    ("lu", (SPD,), {"permute_l": True}), ("polar", (SPD,), {}), ("pascal", (4,), {"kind": "upper"}), ("hadamard", (4,), {}),
    ("companion", (A([1, 2, 3]),), {}), ("circulant", (V,), {}), ("hankel", (V[:3], V), {}), ("convolution_matrix", (V, 4), {"mode": "same"}),
    ("convolution_matrix", (V, 4, "valid"), {}), ("helmert", (4,), {"full": True}), ("fiedler", (V,), {}), ("invhilbert", (3,), {}),
]:
    v(f"scipyLinalg.{n}", *args, tol=1e-4, **kw)

# ---- random

K = Key(3)
v("random.gumbel", K, (4,), mode="high", tol=4e-6)
v("random.categorical", K, M, axis=-1, mode="high")
v("random.categorical", K, M, replace=False, shape=(2, 3))
v("random.bernoulli", K, 0.3, (40,), mode="high")
CHANCES = A([0.1, 0.2, 0.05, 0.15, 0.1, 0.1, 0.2, 0.1])
v("random.choice", K, 8, (4,), False, CHANCES)
v("random.choice", K, 8, (2, 3), True, CHANCES)
v("random.choice", K, 8, (2, 3), replace=False, p=CHANCES, mode="high")
v("random.choice", K, M3, (2,), False, None, 2)
v("random.weibull_min", K, A([1, 2]), A(3.0), tol=4e-6)
v("random.weibull_min", K, A([[1], [2]]), A(3.0), (3,), tol=4e-6)
for lo, hi, to in [(0, 10, "int8"), (-100, 100, "int8"), (0, 250, "uint8"), (-(2**31), 2**31 - 1, "int32"), (5, 5, "int32"), (0, 60000, "uint16")]:
    v("random.randint", K, (4,), lo, hi, to)
v("random.randint", K, (2, 3), A([0, 10, 20], np.int32), 100)
for n, args in [("normal", ()), ("uniform", ()), ("exponential", ()), ("gumbel", ()), ("laplace", ()), ("logistic", ()), ("gamma", (A([0.3, 5]),)),
                ("loggamma", (A([0.3, 5]),)), ("dirichlet", (A([[1, 2, 3], [0.1, 0.1, 0.1]]),)), ("poisson", (A([0.5, 50]),)), ("binomial", (A([10, 100]), A([0.3, 0.6])))]:
    for shape in [(2,), (3, 2), (0, 2)]:
        v(f"random.{n}", K, *args, shape=shape, tol=2e-5)
    for to in ["float16", "bfloat16", "float64"]:
        if n not in ("poisson", "binomial"):
            v(f"random.{n}", K, *args, dtype=to, tol=2e-2 if "16" in to else 2e-6)

# ---- lax

for lo, hi, inner in itertools.product([-1, 0, 2], [-1, 0, 1], [0, 2]):
    v("lax.pad", M, np.float32(9), [(lo, hi, inner), (hi, lo, 0)])
for start, limit, stride in itertools.product([None, 0, 1, -2], [None, 2, -1], [1, 2]):
    v("lax.slice_in_dim", M, start, limit, stride, axis=1)
for i in [0, -1, 3, -5, 2]:
    v("lax.dynamic_index_in_dim", M, i, 1, False)
    v("lax.dynamic_slice_in_dim", M, i, 2, axis=1)
    v("lax.dynamic_update_slice_in_dim", M, A([[9, 8]]), i, 1)
    v("lax.dynamic_update_index_in_dim", M, A([1, 2, 3]), i, 1)
for bits in itertools.product([2, 5, 8], [1, 3, 10, 23]):
    v("lax.reduce_precision", A([1.2345678, 70000, 1e-10, nan, inf, -0.0, 3.4e38]), *bits)
    v("lax.reduce_precision", H[0], *bits)
v("lax.sort", (I, M, B), num_keys=2)
v("lax.top_k", M3, 2, axis=1)
v("lax.top_k", V, 0)
v("lax.approx_max_k", M, 2, reduction_dimension=0)
OUT = A([[0, 9], [-1, -9]], np.int32)
for mode, x in itertools.product(["fill", "clip", "wrap"], [M, I, B, H]):
    v("numpy.take", x, OUT, axis=0, mode=mode)
    v("numpy.take_along_axis", x, OUT, -1, mode=mode)

# ---- special functions, images, segments, signals

P = A([0.1, 0.5, 0.9, 1.5, 3, 7])
for n in "erf erfc erfinv expit logit gammaln gamma digamma i0 i0e i1 i1e ndtr ndtri log_ndtr spence".split():
    for x in [P, P.astype(np.float16), P.astype(np.float64)]:
        v(f"special.{n}", x * x.dtype.type(0.1) if n in ("erfinv", "logit", "ndtri") else x, tol=4e-3 if x.dtype == np.float16 else 2e-5)
    v(f"special.{n}", S)
    v(f"special.{n}", E03)
for n in "xlogy xlog1py betaln beta gammainc gammaincc rel_entr kl_div zeta poch".split():
    for x, y in [(P, P[::-1].copy()), (P[:, None], P[:3]), (P, 2), (A([0, 0, 1]), A([1, 2, 1])), (E0, P[:1])]:
        v(f"special.{n}", x, y, tol=5e-5)
for n in "logsumexp softmax log_softmax".split():
    v(f"special.{n}", M3, axis=(0, 2))
    v(f"special.{n}", I, axis=0)
v("special.logsumexp", M, b=2.0, keepdims=True)
v("special.logsumexp", M, axis=0, where=B)
PICTURE = rand(1, 5, 4, 2)
for method in "nearest linear bilinear triangle cubic bicubic lanczos3 lanczos5".split():
    for shape, antialias in itertools.product([(1, 3, 7, 2), (1, 10, 2, 2), (2, 5, 4, 2)], [True, False]):
        v("image.resize", PICTURE, shape, method, antialias=antialias, tol=2e-5)
    v("image.resize", I, (5, 2), method)
    if method != "nearest":
        v("image.scale_and_translate", PICTURE, (1, 6, 6, 2), (1, 2), A([1.5, 0.7]), A([0.3, -1.0]), method, tol=2e-5)
IDS = A([0, 2, 1, 0, 5, -1], np.int32)
for n, x in itertools.product("segment_sum segment_prod segment_max segment_min".split(), [rand(6), rand(6, 2), ints(6), U8]):
    v(f"ops.{n}", x, IDS)
    v(f"ops.{n}", x, IDS, num_segments=3)
    v(f"ops.{n}", x, np.sort(np.abs(IDS)), indices_are_sorted=True)
    v(f"ops.{n}", x, IDS, num_segments=7, bucket_size=2)
for mode in ["full", "same", "valid"]:
    for n in "convolve2d correlate correlate2d fftconvolve".split():
        v(f"signal.{n}", M, M[:2, :2], mode=mode, tol=2e-5)
    v("signal.convolve", V, A([1, 2]), mode=mode)
v("signal.detrend", M, type="constant", axis=0)
v("signal.detrend", V, tol=2e-5)
for n, norm in itertools.product("dct idct dctn idctn".split(), [None, "ortho"]):
    v(f"scipyFft.{n}", M, norm=norm)
    v(f"scipyFft.{n}", M3, norm=norm, **({"axes": (0, 2)} if n[-1] == "n" else {"axis": 1}))
for order, mode in itertools.product([0, 1], "constant nearest wrap mirror reflect".split()):
    v("ndimage.map_coordinates", M, [A([-1.2, 0.5, 2.7, 1]), A([0.1, 3.6, -2.5, 2])], order, mode)
