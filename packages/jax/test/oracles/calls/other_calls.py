"""Calls of jax.numpy.linalg, jax.numpy.fft, lax, nn and random."""
from record import *  # noqa: F403 -- the vocabulary of the tables

# ---- linear algebra

Q = A([[4, 1, 0.5], [1, 3, -1], [0.5, -1, 5]])
R = A([[2, -1, 0], [1, 3, 2], [-2, 0.5, 1]])
QB = np.stack([Q, Q + np.eye(3, dtype=np.float32)])
SINGULAR = A([[1, 2], [2, 4]])
for x in [Q, R, QB, SINGULAR, M, np.zeros((0, 0), np.float32), A([[3]]), I[:3, :3], Q.astype(np.float64)]:
    for n in "det slogdet".split():
        c(f"linalg.{n}", x)
    if x is not SINGULAR:
        c("linalg.inv", x)
c("linalg.det", rand(5, 5))
c("linalg.det", rand(2, 4, 4))
for b in [A([1, 2, 3]), rand(3, 2), rand(4)]:
    c("linalg.solve", R, b)
c("linalg.solve", QB, rand(2, 3, 2))
c("linalg.solve", QB, rand(3, 2))
c("linalg.solve", I[:3, :3] + 9 * np.eye(3, dtype=np.int32), A([1, 2, 3], np.int32))
for x in [Q, QB, A([[4]]), Q.astype(np.float64), M, np.zeros((0, 0), np.float32)]:
    c("linalg.cholesky", x)
c("linalg.cholesky", Q, upper=True)
c("linalg.cholesky", A([[1, 2], [2, 1]]))
for x in [Q, QB]:
    c("linalg.eigvalsh", x)
    c("linalg.eigh", x, post=lambda r: r[0], as_="eigvalsh")
c("linalg.eigvalsh", R, "U")
c("linalg.eigvalsh", Q.astype(np.float64))
for x in [M, Q, SINGULAR, rand(5, 3), QB]:
    c("linalg.svdvals", x, tol=1e-5)
    c("linalg.svd", x, compute_uv=False, tol=1e-5)
    c("linalg.pinv", x, tol=2e-5)
    c("linalg.matrix_rank", x)
    c("linalg.cond", x, tol=1e-4) if x is not SINGULAR else None
for p in ["fro", "nuc", 1, -1, 2, -2, inf, -inf]:
    c("linalg.cond", R, p, tol=1e-4)
    c("linalg.norm", M, p)
    c("linalg.norm", M3, p, axis=(0, 2))
    c("linalg.matrix_norm", M, ord=p)
c("linalg.matrix_norm", M3, keepdims=True)
for p in [None, 1, 2, 3, 0.5, 0, -1, inf, -inf]:
    c("linalg.norm", V, p)
    c("linalg.norm", M, p, axis=1)
    if p is not None:
        c("linalg.vector_norm", M, ord=p, axis=0, keepdims=True)
c("linalg.norm", M)
c("linalg.norm", M3, axis=(1, 2), keepdims=True)
c("linalg.norm", M3)
c("linalg.norm", E0)
c("linalg.norm", I)
c("linalg.vector_norm", M3)
c("linalg.vector_norm", M3, axis=(0, 2))
c("linalg.norm", M, "bad")
for n in [0, 1, 2, 3, 5, -1, -2]:
    c("linalg.matrix_power", R, n, tol=5e-5)
c("linalg.matrix_power", I[:3, :3], 3)
c("linalg.matrix_power", QB, 2)
c("linalg.multi_dot", [M, rand(4, 2), rand(2, 5)])
c("linalg.multi_dot", [rand(3), M, rand(4)])
c("linalg.tensorinv", rand(6, 2, 3), 1, tol=1e-4)
c("linalg.tensorsolve", rand(2, 3, 6), rand(2, 3), tol=1e-4)
for n in "cross matmul outer tensordot vecdot".split():
    x = (V, V) if n == "outer" else (rand(3, 3), rand(3, 3))
    c(f"linalg.{n}", *x)
c("linalg.tensordot", rand(3, 3), rand(3, 3), axes=1)
c("linalg.matrix_transpose", M3)
c("linalg.trace", M3)
c("linalg.trace", M3, offset=1)
c("linalg.diagonal", M3)
c("linalg.diagonal", M3, offset=-1)
c("laxLinalg.cholesky", Q)
c("laxLinalg.lu", R)
c("laxLinalg.lu", rand(4, 2))
for kw in [dict(left_side=True, lower=True), dict(left_side=True), dict(left_side=True, transpose_a=True), dict(left_side=True, lower=True, unit_diagonal=True)]:
    c("laxLinalg.triangular_solve", R, rand(3, 2), **kw)
c("laxLinalg.triangular_solve", R, rand(2, 3), lower=True)
c("laxLinalg.triangular_solve", R, V[:3], left_side=True)
c("laxLinalg.triangular_solve", R, V[:3], lower=True)
c("laxLinalg.triangular_solve", R, V[:3], left_side=True, transpose_a=True, unit_diagonal=True)

# ---- Fourier transforms

Zc = (rand(6) + 1j * rand(6)).astype(np.complex64)
Zm = (rand(3, 4) + 1j * rand(3, 4)).astype(np.complex64)
for n in "fft ifft".split():
    for x in [V, Zc, M, rand(7), rand(8), A([1])]:
        c(f"fft.{n}", x)
    c(f"fft.{n}", M, axis=0)
    c(f"fft.{n}", Zc, 4, js=[Zc, {"n": 4}])
    c(f"fft.{n}", Zc, 9, js=[Zc, {"n": 9}])
    for norm in ["ortho", "forward", "backward"]:
        c(f"fft.{n}", Zc, norm=norm)
    c(f"fft.{n}", D[0])
    c(f"fft.{n}", IV)
for n in "fft2 ifft2 fftn ifftn".split():
    c(f"fft.{n}", Zm)
    c(f"fft.{n}", M3)
    c(f"fft.{n}", Zm, norm="ortho")
    c(f"fft.{n}", Zm, s=(2, 5))
    c(f"fft.{n}", M3, axes=(0, 1))
for n in "rfft ihfft".split():
    for x in [V, M, rand(8), A([2])]:
        c(f"fft.{n}", x)
    c(f"fft.{n}", M, axis=0)
    c(f"fft.{n}", V, n=8)
    c(f"fft.{n}", V, n=3, norm="ortho")
for n in "irfft hfft".split():
    for x in [Zc, Zm, V]:
        c(f"fft.{n}", x)
    c(f"fft.{n}", Zm, axis=0)
    c(f"fft.{n}", Zc, n=7)
    c(f"fft.{n}", Zc, n=12, norm="forward")
for n in "rfft2 rfftn".split():
    c(f"fft.{n}", M)
    c(f"fft.{n}", M3, axes=(0, 2))
    c(f"fft.{n}", M, s=(4, 3))
for n in "irfft2 irfftn".split():
    c(f"fft.{n}", Zm)
    c(f"fft.{n}", Zm, s=(4, 5))
    c(f"fft.{n}", Zm, norm="ortho")
for n in "fftfreq rfftfreq".split():
    for k in [1, 4, 7]:
        c(f"fft.{n}", k)
        c(f"fft.{n}", k, 0.5)
for n in "fftshift ifftshift".split():
    c(f"fft.{n}", V)
    c(f"fft.{n}", M)
    c(f"fft.{n}", M, axes=1)
    c(f"fft.{n}", M3, axes=(0, 2))

# ---- lax

FLOATS = """abs acos acosh asin asinh atan atanh cbrt ceil cos cosh digamma erf erf_inv erfc exp exp2 expm1 floor is_finite lgamma log
log1p logistic neg round rsqrt sign sin sinh sqrt square tan tanh reciprocal bessel_i0e bessel_i1e""".split()
POLES = A([0.5, -0.5, 1, 2, 2.5, -2.5, 10, 100, inf, nan])
for n in FLOATS:
    special = n in ("digamma", "lgamma", "bessel_i0e", "bessel_i1e", "erf_inv")
    x = POLES[[0, 1, 2, 3, 4, 6, 7]] if special else EDGES
    c(f"lax.{n}", x, precise=True)
    c(f"lax.{n}", S)
    c(f"lax.{n}", E03)
    c(f"lax.{n}", np.abs(H[0]))
    c(f"lax.{n}", D[0] * 0.3)
for n in "abs neg sign square bitwise_not population_count clz".split():
    for x in [IV, I8] if n in ("abs", "neg", "sign") else [IV, U8, I8]:
        c(f"lax.{n}", x)
BIN = "add sub mul div rem max min pow atan2 nextafter eq ne lt le gt ge".split()
LA, LB = A([1, -2.5, 0, 3, inf, nan]), A([2, 0.5, -1, 0, 1, 1])
for n in BIN:
    c(f"lax.{n}", LA, LB)
    c(f"lax.{n}", M, M[::-1].copy())
    c(f"lax.{n}", M, 2.0)
    c(f"lax.{n}", M, V)
    if n not in ("atan2", "nextafter", "pow"):
        c(f"lax.{n}", IV, A([2, 3, -1, 2, 5], np.int32))
        c(f"lax.{n}", U8, U8 // 2 + 1)
c("lax.pow", LA[:4], A([2, 3, -1, 0], np.int32))
c("lax.integer_pow", M, 3)
c("lax.integer_pow", M, -2)
c("lax.integer_pow", I, 0)
for n in "bitwise_and bitwise_or bitwise_xor shift_left shift_right_logical shift_right_arithmetic".split():
    c(f"lax.{n}", A([12, -7, 255], np.int32), A([3, 1, 35], np.int32))
    c(f"lax.{n}", U8, U8 // 60)
    c(f"lax.{n}", I8, np.abs(I8 // 20))
for lo, hi in [(-1.0, 1.0), (A([-1, 0, 1, 2]), 3.0)]:
    c("lax.clamp", lo, M[0] if isinstance(lo, np.ndarray) else M, hi if not isinstance(lo, np.ndarray) else A([3, 3, 3, 3]))
c("lax.select", B, M, -M)
c("lax.select_n", ints(3, 4, lo=0, hi=3), M, -M, M * 2)
c("lax.select_n", B, M, -M)
c("lax.igamma", A([0.5, 2, 10]), A([1, 2, 3]))
c("lax.igammac", A([0.5, 2, 10]), A([1, 2, 3]))
c("lax.betainc", A([0.5, 2, 10]), A([1, 2, 3]), A([0.2, 0.5, 0.7]))
c("lax.zeta", A([2, 3.5]), A([1, 2.5]))
c("lax.polygamma", A([1, 2]), A([1.5, 3]))
for n in "reduce_sum reduce_prod reduce_max reduce_min".split():
    for x in [M, I, M3]:
        c(f"lax.{n}", x, (0,))
        c(f"lax.{n}", x, (0, 1))
    c(f"lax.{n}", M, ())
for n in "reduce_and reduce_or".split():
    c(f"lax.{n}", B, (1,))
    c(f"lax.{n}", I, (0,))
for n in "argmax argmin".split():
    for x in [M, I, MN]:
        c(f"lax.{n}", x, 1, np.int32)
for n in "cumsum cumprod cummax cummin cumlogsumexp".split():
    c(f"lax.{n}", M)
    c(f"lax.{n}", M, 1)
    c(f"lax.{n}", M, axis=1, reverse=True)
    c(f"lax.{n}", I) if n != "cumlogsumexp" else None
    c(f"lax.{n}", E03)
c("lax.sort", M)
c("lax.sort", M, 0)
c("lax.sort", A([3, nan, -0.0, 0, inf, -1]))
c("lax.sort", (A([2, 1, 2, 1], np.int32), A([4, 3, 3, 5])), num_keys=2)
c("lax.sort", (A([2, 1, 2, 1], np.int32), A([4, 3, 3, 5])))
c("lax.sort_key_val", A([3, 1, 2]), A([1, 2, 3], np.int32))
c("lax.top_k", M, 2)
c("lax.top_k", I, 3)
c("lax.top_k", A([1, nan, 3, 3]), 2)
c("lax.top_k", M, 2, axis=0)
c("lax.approx_max_k", V, 2)
c("lax.convert_element_type", A([1.7, -2.2, 300.5]), "int32")
c("lax.convert_element_type", A([1.7, 2.2, 0]), "bool")
c("lax.convert_element_type", I, "float16")
c("lax.bitcast_convert_type", A([1, -2, 0.5]), "int32")
c("lax.bitcast_convert_type", A([1, -2, 0.5]), "uint32")
c("lax.bitcast_convert_type", A([1, 2], np.uint8), "int8")
c("lax.bitcast_convert_type", A([[0, 60], [0, 192]], np.uint8), "float16")
c("lax.bitcast_convert_type", A([1, -2], np.int32), "uint8")
c("lax.reduce_precision", A([1.2345678, 70000, 1e-10, nan, inf]), 5, 10)
c("lax.reduce_precision", A([1.2345678, 1e38]), 8, 7)
TINY = A([1e-5, 6e-8, 3e-8, 65504, 65519, 65520, 1.2345, -1.5e-5, 2.0**-14, 2.0**-15, -inf])
for bits in [(5, 10), (8, 3), (4, 3), (2, 1), (8, 23), (5, 2)]:
    c("lax.reduce_precision", TINY, *bits)
c("lax.broadcast", V, (2, 3))
c("lax.broadcast_in_dim", V, (2, 5), (1,))
c("lax.broadcast_in_dim", V, (5, 2), (0,))
c("lax.broadcast_in_dim", V, (2, 4), (1,))
c("lax.reshape", M, (2, 6))
c("lax.reshape", M, (5, 2))
c("lax.collapse", M3, 0, 2)
c("lax.collapse", M3, 1)
c("lax.transpose", M3, (2, 0, 1))
c("lax.expand_dims", M, (0, 3))
c("lax.expand_dims", M, (-1,))
c("lax.squeeze", rand(1, 3, 1), (0,))
c("lax.rev", M3, (0, 2))
c("lax.concatenate", [M, M], 1)
c("lax.pad", M, np.float32(9), [(1, 2, 0), (0, 1, 2)])
c("lax.pad", M, np.float32(9), [(-1, 2, 0), (0, -1, 1)])
c("lax.slice", M, (0, 1), (2, 4))
c("lax.slice", M, (0, 1), (3, 4), (2, 2))
c("lax.slice", M, (0, 1), (4, 4))
c("lax.slice_in_dim", M, 1, 3, axis=1)
c("lax.slice_in_dim", V, 0, 5, 2)
c("lax.slice_in_dim", V, -3, -1)
c("lax.index_in_dim", M, 1, 0)
c("lax.index_in_dim", M, -1, 1, keepdims=False)
for start in [(0, 1), (2, 3), (-1, 0), (9, 9)]:
    c("lax.dynamic_slice", M, start, (2, 2))
    c("lax.dynamic_update_slice", M, rand(2, 2), start)
c("lax.dynamic_slice_in_dim", V, 3, 3)
c("lax.dynamic_index_in_dim", M, 2, 0)
c("lax.dynamic_index_in_dim", M, -1, 1, keepdims=False)
c("lax.dynamic_update_slice_in_dim", V, A([7, 8]), 4, 0)
c("lax.dynamic_update_index_in_dim", M, V[:4], 1, 0)
c("lax.iota", "int32", 4)
c("lax.broadcasted_iota", "float32", (2, 3), 1)
c("lax.full", (2, 2), 3.0)
c("lax.full_like", M, 3)
c("lax.full_like", M, 3, "int32", (2,))
c("lax.split", V, (2, 3))
c("lax.tile", M, (2, 1))
c("lax.batch_matmul", rand(2, 3, 4), rand(2, 4, 2))
c("lax.dot", V, V)
c("lax.dot", M, rand(4, 2))
X3, Y3, YG = rand(2, 3, 4), rand(2, 5, 4), rand(4, 2)
c("lax.dot_general", M, YG, (((1,), (0,)), ((), ())))
c("lax.dot_general", X3, Y3, (((2,), (2,)), ((0,), (0,))))
c("lax.dot_general", X3, Y3, (((), ()), ((0,), (0,))))
c("lax.dot_general", IV, IV, (((0,), (0,)), ((), ())))
IMG, KER = rand(2, 3, 6, 5), rand(4, 3, 3, 2)
for strides, padding in [((1, 1), "VALID"), ((2, 1), "SAME"), ((1, 1), "SAME_LOWER"), ((1, 2), [(1, 0), (2, 1)]), ((1, 1), [(-1, 0), (0, 1)])]:
    c("lax.conv_general_dilated", IMG, KER, strides, padding)
    if isinstance(padding, str):
        c("lax.conv", IMG, KER, strides, padding)
c("lax.conv_general_dilated", IMG, KER, (1, 1), "SAME", rhs_dilation=(2, 1))
c("lax.conv_general_dilated", IMG, KER, (1, 1), [(1, 1), (0, 0)], lhs_dilation=(1, 2))
c("lax.conv_general_dilated", IMG, rand(6, 1, 3, 2), (1, 1), "SAME", feature_group_count=3)
c("lax.conv_general_dilated", rand(4, 3, 5, 5), rand(4, 3, 2, 2), (1, 1), "VALID", batch_group_count=2)
c("lax.conv_general_dilated", rand(2, 6, 5, 3), rand(3, 2, 3, 4), (1, 1), "SAME", dimension_numbers=("NHWC", "HWIO", "NHWC"))
c("lax.conv_general_dilated", rand(2, 7, 3), rand(3, 3, 4), (2,), "SAME", dimension_numbers=("NWC", "WIO", "NWC"))
c("lax.conv_general_dilated", rand(1, 2, 9), rand(3, 2, 4), (1,), [(2, 3)])
c("lax.conv_general_dilated", rand(1, 2, 4, 4, 3), rand(3, 2, 2, 2, 2), (1, 1, 1), "VALID")
c("lax.conv_with_general_padding", IMG, KER, (1, 1), [(1, 1), (1, 0)], (1, 1), (1, 2))
c("lax.conv_transpose", rand(1, 4, 5, 2), rand(3, 3, 2, 3), (2, 2), "SAME", dimension_numbers=("NHWC", "HWIO", "NHWC"))
c("lax.conv_transpose", rand(1, 4, 2), rand(3, 2, 3), (2,), "VALID", dimension_numbers=("NWC", "WIO", "NWC"))
c("lax.conv_transpose", rand(1, 4, 2), rand(3, 3, 2), (2,), "SAME", dimension_numbers=("NWC", "WIO", "NWC"), transpose_kernel=True)
c("lax.conv_general_dilated_patches", IMG, (2, 2), (1, 2), "VALID")
for window, strides in [((2, 2), (1, 1)), ((1, 3), (2, 1))]:
    for padding in ["VALID", "SAME"]:
        for op, init, ours in [(lax.max, -inf, "Max"), (lax.min, inf, "Min"), (lax.add, 0.0, "Sum")]:
            c("lax.reduce_window", M, init, op, window, strides, padding, as_=f"reduceWindow{ours}", js=[M, window, strides, padding])

# ---- nn

for n in """relu relu6 sigmoid softplus sparse_plus sparse_sigmoid soft_sign silu swish mish log_sigmoid elu selu celu leaky_relu gelu hard_tanh
hard_sigmoid hard_silu hard_swish squareplus tanh identity""".split():
    x = EDGES if n not in ("mish", "silu", "swish", "gelu", "hard_silu", "hard_swish") else EDGES[:12]
    c(f"nn.{n}", x, tol=2e-6)
    c(f"nn.{n}", M)
    c(f"nn.{n}", H)
    c(f"nn.{n}", E03)
    c(f"nn.{n}", S)
    if n not in ("relu6", "identity", "hard_tanh", "hard_sigmoid", "hard_silu", "hard_swish", "sparse_plus", "sparse_sigmoid", "relu", "sigmoid", "silu", "swish"):
        c(f"nn.{n}", IV)
c("nn.gelu", M, approximate=False)
c("nn.gelu", M, False)
c("nn.elu", M, 0.5)
c("nn.celu", M, 2.0)
c("nn.leaky_relu", M, 0.2)
c("nn.squareplus", M, 2.0)
c("nn.log1mexp", A([0.1, 1, 5, 100]))
c("nn.glu", M)
c("nn.glu", rand(4, 3), axis=0)
c("nn.glu", rand(4, 3), 0)
for n in "softmax log_softmax standardize".split():
    for x in [M, M3, MN, H, A([1000, 1001]), A([inf, 0]), A([-inf, -inf])]:
        c(f"nn.{n}", x) if not (n == "standardize" and x.shape == (2,) and not np.isfinite(x[0])) else None
    c(f"nn.{n}", M, 0)
    c(f"nn.{n}", M3, axis=(0, 2))
    c(f"nn.{n}", M, where=B | (np.arange(4) == 0), **({"axis": 1} if n == "standardize" else {}))
    c(f"nn.{n}", E03)
c("nn.standardize", M, mean=0.5, variance=2.0)
c("nn.standardize", M, epsilon=0.1)
for n in "logsumexp logmeanexp".split():
    for x in [M, M3, A([-inf, -inf]), A([inf, 1]), MN, A([1000, 1000])]:
        c(f"nn.{n}", x)
    c(f"nn.{n}", M, axis=1)
    c(f"nn.{n}", M, axis=0, keepdims=True)
    c(f"nn.{n}", M, axis=1, where=B)
    c(f"nn.{n}", S)
c("nn.logsumexp", M, axis=1, b=np.abs(M))
c("nn.logsumexp", M, axis=1, b=M, return_sign=True)
c("nn.logsumexp", E03, axis=1)
for x in [A([0, 2, 5, -1], np.int32), I]:
    c("nn.one_hot", x, 3)
    c("nn.one_hot", x, 3, axis=0)
    c("nn.one_hot", x, 3, dtype="int32")
q, k, v = rand(2, 3, 4, 5), rand(2, 6, 2, 5), rand(2, 6, 2, 5)
c("nn.dot_product_attention", q, k, v)
c("nn.dot_product_attention", q, k, v, is_causal=True)
c("nn.dot_product_attention", q, k, v, scale=0.3)
c("nn.dot_product_attention", q, k, v, bias=rand(1, 1, 3, 6))
c("nn.dot_product_attention", q, k, v, mask=rng.integers(0, 2, (2, 4, 3, 6)).astype(bool) | (np.arange(6) == 0))
c("nn.dot_product_attention", q, k, v, key_value_seq_lengths=A([3, 6], np.int32), query_seq_lengths=A([2, 3], np.int32), post=lambda r: r + 0.0)
c("nn.dot_product_attention", q, k, v, local_window_size=(1, 1))
c("nn.dot_product_attention", q[0], k[0], v[0])
c("nn.dot_product_attention", q, k, rand(2, 5, 2, 5))

# ---- random

EPS = 4e-6
for seed in [0, 42, 2**31 + 5]:
    K = Key(seed)
    c("random.key_data", K)
    c("random.split", K)
    c("random.split", K, 3)
    c("random.split", K, (2, 2))
    c("random.fold_in", K, 7)
    c("random.bits", K, (5,))
    c("random.bits", K, (3,), "uint8")
    c("random.uniform", K)
    c("random.uniform", K, (2, 3))
    c("random.uniform", K, (4,), minval=-2.0, maxval=3.0, tol=EPS)
    c("random.uniform", K, (0,))
    c("random.uniform", K, (4,), dtype="float16")
    for n in "normal exponential gumbel laplace logistic cauchy maxwell".split():
        c(f"random.{n}", K, (5,), tol=EPS * (20 if n in ("cauchy",) else 1))
        c(f"random.{n}", K, tol=EPS)
    c("random.rademacher", K, (6,))
    c("random.randint", K, (5,), 0, 10)
    c("random.randint", K, (5,), -7, 300, "int32")
    c("random.bernoulli", K, 0.3, (6,))
    c("random.bernoulli", K, A([0.1, 0.5, 0.9]))
    c("random.permutation", K, 7)
    c("random.permutation", K, M)
    c("random.permutation", K, M, axis=1)
    c("random.permutation", K, M, 0, independent=True)
    c("random.choice", K, 9, (4,))
    c("random.choice", K, V, (3,), replace=False)
    c("random.choice", K, 4, (6,), p=A([0.1, 0.2, 0.3, 0.4]))
    c("random.choice", K, M, (2,), axis=1)
    c("random.categorical", K, M)
    c("random.categorical", K, M, axis=0)
    c("random.categorical", K, V, shape=(6,))
    c("random.truncated_normal", K, -1.0, 2.0, (5,), tol=EPS)
    c("random.gamma", K, A([0.5, 1, 3]), tol=2e-5)
    c("random.beta", K, 2.0, 3.0, (4,), tol=2e-5)
    c("random.dirichlet", K, A([1, 2, 3]), (2,), tol=2e-5)
    c("random.poisson", K, A([0.5, 4, 30]))
    c("random.t", K, 3.0, (4,), tol=5e-5)
    c("random.chisquare", K, 3.0, (4,), tol=2e-5)
    c("random.multivariate_normal", K, A([1, 2]), A([[2, 0.5], [0.5, 1]]), tol=2e-5)
    c("random.geometric", K, 0.3, (5,))
    c("random.rayleigh", K, 2.0, (3,), tol=EPS)
    c("random.pareto", K, 2.0, (3,), tol=EPS)
    c("random.weibull_min", K, 2.0, 1.5, (3,), tol=EPS)
    c("random.lognormal", K, 0.5, (3,), tol=EPS)
    c("random.wald", K, 2.0, (3,), tol=1e-4)
    c("random.triangular", K, 0.0, 1.0, 3.0, (3,), tol=EPS)
    c("random.ball", K, 3, 2.0, (2,), tol=2e-5)
