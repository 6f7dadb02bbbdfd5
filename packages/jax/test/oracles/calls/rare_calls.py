"""Calls that comparing random ones with JAX has found wrong."""
from record import *  # noqa: F403 -- the vocabulary of the tables

NANS = A([nan, 2, nan, 2, -1])
for n in ["unique_all", "unique_counts", "unique_inverse", "unique_values"]:
    c(f"numpy.{n}", NANS)
    for size in [2, 7]:
        c(f"numpy.{n}", IV, size=size)
        c(f"numpy.{n}", IV, size=size, fill_value=9)
FLAGS = {"return_index": True, "return_inverse": True, "return_counts": True}
for size in [1, 3, 8]:
    c("numpy.unique", IV, size=size, **FLAGS)
    c("numpy.unique", I, axis=0, size=size, fill_value=-1, **FLAGS)
c("numpy.unique", NANS, equal_nan=False, **FLAGS)
c("numpy.union1d", NANS, A([nan, 5]))
c("numpy.setdiff1d", IV, A([1.5, 2]))
for a in [IV, U8, I, B, M]:
    c("numpy.append", a, 2)
c("numpy.append", I, I, axis=1)
c("numpy.append", S, 2.5)
c("numpy.pad", ints(2, 2), 3, "linear_ramp", end_values=2.5)
c("numpy.pad", ints(3), (4, 2), "linear_ramp", end_values=-6)
c("numpy.nonzero", S)
for n in ["var", "std", "nanvar", "nanstd"]:
    for ddof in [3, 4, 5]:
        c(f"numpy.{n}", I, axis=1, ddof=ddof)
        c(f"numpy.{n}", M, axis=1, ddof=ddof, where=M > -9)
for n in ["quantile", "nanquantile"]:
    c(f"numpy.{n}", A([1, 2, 3, 4]), A([0.5, 0.1, 0.9]), method="nearest")
for mode in [None, "clip", "wrap"]:
    c("numpy.put", V, A([-2, 0, -9, 7], np.int32), A([8, 9]), inplace=False, js=[V, A([-2, 0, -9, 7], np.int32), A([8, 9]), {"mode": mode}], **({"mode": mode} if mode else {}))
c("numpy.repeat", M, A([2], np.int32), axis=0, total_repeat_length=5)
c("numpy.repeat", V, A([1, 0, 2, 0, 0], np.int32), total_repeat_length=5)
c("numpy.broadcast_arrays")
c("numpy.polydiv", A([3]), A([1, 2]))
c("numpy.polymul", M[0], A([0, 0]), trim_leading_zeros=True)
for p in [U8, IV, B[0]]:
    for m in [0, 1, 6]:
        c("numpy.polyder", p, m=m)
c("numpy.polyint", IV, k=np.array([1.5], BF16))
for n in [0, 1]:
    c("numpy.diff", M, n=n, prepend=2, append=1)
c("numpy.diff", S, n=0)
XP = A([-1, 0.5, 2])
for left, right in [("extrapolate", None), (7.5, "extrapolate"), ("extrapolate", "extrapolate")]:
    c("numpy.interp", A([-3, -1, 0, 2, 5]), XP, A([1, 3, -2]), left=left, right=right)
c("numpy.interp", A([-3, -1, 0, 2, 5]), XP, A([1, 3, -2]), period=-3.5)
c("numpy.interp", A([0]), XP, XP, left="nearest")
c("numpy.gradient", M.astype(np.float16), A([0, 1, 3, 4]), axis=1)
c("numpy.bincount", B[0])
c("numpy.bincount", np.zeros(0, np.int32))
c("numpy.bincount", IV + 5, length=0)
c("numpy.cov", M[:1], rowvar=False)
for count in [-9, -3, 0, 5, 8, 20]:
    c("numpy.unpackbits", U8[:1], count=count)
    c("numpy.unpackbits", U8.reshape(2, 3), count=count, axis=1, bitorder="little")
for order in [1, 2, inf, -inf]:
    c("linalg.vector_norm", I, ord=order, axis=0)
for d in [np.float16, BF16]:
    edge = A([-1, 0, -0.0, inf, -inf, nan, 2, 65504]).astype(d)
    for toward in [5, -5, inf]:
        c("lax.nextafter", edge, np.full(8, toward, d))
    c("numpy.spacing", A([1, -1, 0, 1000, 2.5]).astype(d))
for op, init, ours in [(lax.max, -inf, "Max"), (lax.add, 0.0, "Sum")]:
    for window, strides in [((3, 2), (2, 1)), ((2, 3), (2, 3))]:
        c("lax.reduce_window", M, init, op, window, strides, "SAME", base_dilation=(2, 3), as_=f"reduceWindow{ours}", js=[M, window, strides, "SAME", {"base_dilation": (2, 3)}])
DOT = (((1,), (0,)), ((), ()))
c("lax.dot_general", B, B.T, DOT)
c("lax.dot_general", B, B.T, (((), ()), ((0,), (1,))))
c("lax.dot_general", I, rand(4, 2), DOT)
c("lax.conv_general_dilated", I.astype(np.int8)[None], ints(2, 3, 2).astype(np.int8) * np.int8(25), (1,), "SAME", preferred_element_type="int32")
c("ops.segment_sum", V, IV * 0, num_segments=0)
c("numpy.bincount", IV + 5, A([1, 2, 3, 4, 5]), length=0)
c("numpy.std", M, dtype="int32")
c("numpy.nanstd", I, dtype="uint8")
c("numpy.polydiv", A([0]), A([2, -1]), trim_leading_zeros=True)
for mode in ["mean", "median", "linear_ramp"]:
    c("numpy.pad", B, 2, mode)
for limits in [(0, 6), (4, 2), (-9, 2), (1, -1), (5, None)]:
    c("lax.slice_in_dim", V, *limits)
c("nn.relu6", IV)
c("lax.conv_general_dilated", rand(1, 1, 4), rand(1, 1, 2), (1,), "SAME", preferred_element_type="int32")
c("numpy.histogram", H.ravel(), A([-1, 0.1, 2]))
c("numpy.histogram", H.ravel(), 3, weights=M.ravel() / 3)
c("numpy.histogram", I.ravel(), 3, weights=I.ravel())
