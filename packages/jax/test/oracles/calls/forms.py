"""Writes forms.json here: calls in JAX's own positions, and by name where an options object comes early. Run: python forms.py (jax 0.10)."""
import os
import sys

sys.path.append(os.path.dirname(os.path.abspath(__file__)))  # at the end: it must hide nothing
import record
from record import *  # noqa: F403 -- the vocabulary of the tables

K = Key(3)
IMG, KER = rand(1, 2, 5, 4), rand(2, 2, 2, 2)


def forms(name, args, kw, *more, **rest):
    """The call of JAX, made of ours in each of these ways."""
    for ours in more:
        c(name, *args, js=ours, **kw, **rest)


for n in "sum prod mean std var nansum nanprod nanmean nanstd nanvar cumsum cumprod nancumsum nancumprod".split():
    forms(f"numpy.{n}", [I], {"axis": 0, "dtype": "float16"}, [I, 0, "float16"], [I, {"axis": 0, "dtype": "float16"}])
forms("numpy.concatenate", [[M, I]], {"axis": 0, "dtype": "int32"}, [[M, I], 0, "int32"])
forms("numpy.arange", [1, 7], {}, [1, {"stop": 7}])
forms("numpy.arange", [0, 1, 0.25], {}, [0, 1, {"step": 0.25}], [0, {"stop": 1, "step": 0.25}])
forms("numpy.arange", [5, 0, -2], {"dtype": "float32"}, [5, 0, {"step": -2, "dtype": "float32"}])
forms("numpy.eye", [2], {"M": 3, "k": 1}, [2, {"M": 3, "k": 1}], [2, 3, 1])
forms("numpy.tri", [2], {"M": 3}, [2, {"M": 3}])
forms("numpy.indices", [(2, 3)], {"dtype": "float32"}, [(2, 3), "float32"])
forms("numpy.angle", [A([1, -1])], {"deg": True}, [A([1, -1]), True])
forms("numpy.searchsorted", [A([3, 1, 2]), A([2, 3])], {"side": "right", "sorter": A([1, 2, 0], np.int32)},
      [A([3, 1, 2]), A([2, 3]), "right", A([1, 2, 0], np.int32)], [A([3, 1, 2]), A([2, 3]), "right", {"sorter": A([1, 2, 0], np.int32)}])
forms("numpy.unique", [IV], {"return_index": True, "return_counts": True}, [IV, True, {"returnCounts": True}], [IV, True, False, True])
forms("numpy.put", [M, A([0, -1], np.int32), A([7])], {"mode": "wrap", "inplace": False}, [M, A([0, -1], np.int32), A([7]), "wrap"])
forms("numpy.array_equal", [MN, MN], {"equal_nan": True}, [MN, MN, True])
forms("numpy.isclose", [A([1, nan]), A([1.1, nan])], {"rtol": 0.2, "atol": 0, "equal_nan": True}, [A([1, nan]), A([1.1, nan]), 0.2, 0, True])
forms("fft.fftfreq", [4], {"d": 0.5}, [4, {"d": 0.5}])
forms("fft.rfftfreq", [4], {"d": 0.5}, [4, {"d": 0.5}])
T = rand(6, 2, 3)
forms("linalg.tensorinv", [T], {"ind": 1}, [T, {"ind": 1}], tol=1e-4)
forms("scipyLinalg.toeplitz", [V], {"r": V[:3]}, [V, {"r": V[:3]}])
forms("scipyLinalg.hankel", [V[:3]], {"r": V}, [V[:3], {"r": V}])
forms("special.zeta", [A([2, 3])], {"q": 2.0}, [A([2, 3]), {"q": 2.0}], tol=1e-5)
W = A([1, 2, 0, 0.5])
forms("special.logsumexp", [M], {"axis": 1, "b": W, "keepdims": True}, [M, 1, W, True])
forms("nn.logsumexp", [M], {"axis": 1, "b": W, "return_sign": True}, [M, 1, W, False, True], [M, 1, {"b": W, "returnSign": True}])
forms("nn.logmeanexp", [M], {"axis": 1, "where": I > 0, "keepdims": True}, [M, 1, I > 0, True])
for n in ["softmax", "log_softmax"]:
    forms(f"nn.{n}", [M], {"axis": 1, "where": B | (np.arange(4) == 0)}, [M, 1, B | (np.arange(4) == 0)])
forms("lax.collapse", [M3, 0], {"stop_dimension": 2}, [M3, 0, {"stopDimension": 2}])
forms("lax.conv_general_dilated", [IMG, KER, (1, 1), "SAME"], {"lhs_dilation": (1, 1), "rhs_dilation": (2, 1)}, [IMG, KER, (1, 1), "SAME", None, (2, 1)])
forms("lax.conv_general_dilated", [IMG, KER, (1, 1), [(1, 1), (0, 0)]], {"lhs_dilation": (1, 2)}, [IMG, KER, (1, 1), [(1, 1), (0, 0)], (1, 2)])
L3, R3 = rand(1, 4, 2), rand(3, 3, 2)
LAYOUT = ("NWC", "WIO", "NWC")
forms("lax.conv_transpose", [L3, R3, (2,), "SAME"], {"dimension_numbers": LAYOUT, "transpose_kernel": True}, [L3, R3, (2,), "SAME", None, LAYOUT, True])
for n in ["pdf", "logpdf", "cdf"]:
    forms(f"stats.{n}", [V], {"loc": 0.25, "scale": 2.0}, [V, 0.25, {"scale": 2.0}], [V, {"loc": 0.25, "scale": 2.0}], tol=1e-5)
forms("random.lognormal", [K], {"sigma": 2.0, "shape": (3,)}, [K, {"sigma": 2.0, "shape": (3,)}], [K, 2.0, {"shape": (3,)}], tol=1e-5)
CHANCES = A([0.1, 0.2, 0.3, 0.4])
forms("random.choice", [K, 4, (2,), False, CHANCES, 0, "high"], {}, [K, 4, (2,), False, CHANCES, 0, {"mode": "high"}])

P3, R3A = rand(3, 4), rand(3, 4)
AXES = {"axisa": 0, "axisb": 0, "axisc": 0}
forms("numpy.cross", [P3, R3A], AXES, [P3, R3A, 0, 0, 0], [P3, R3A, 0, {"axisb": 0, "axisc": 0}])
forms("numpy.isin", [I, A([1, 2], np.int32)], {"invert": True}, [I, A([1, 2], np.int32), False, True])
forms("numpy.cov", [V, V[::-1].copy()], {"ddof": 0}, [V, V[::-1].copy(), True, False, 0], [V, {"y": V[::-1].copy(), "ddof": 0}])
forms("numpy.average", [M], {"axis": 1, "weights": W, "returned": True}, [M, 1, W, True], [M, 1, {"weights": W, "returned": True}])
forms("numpy.diff", [M], {"n": 2, "axis": 0, "prepend": 0, "append": 1}, [M, 2, 0, 0, 1], [M, 2, {"axis": 0, "prepend": 0, "append": 1}])
FAR = A([[0], [9], [1]], np.int32)
forms("numpy.take_along_axis", [M, FAR], {"axis": 1, "mode": "fill", "fill_value": 7.0}, [M, FAR, 1, "fill", 7.0], [M, FAR, 1, {"mode": "fill", "fillValue": 7.0}])
forms("numpy.full_like", [M, 3], {"dtype": "int32", "shape": (2,)}, [M, 3, "int32", (2,)], [M, 3, "int32", {"shape": (2,)}])
forms("numpy.zeros_like", [M], {"dtype": "int32", "shape": (2,)}, [M, "int32", (2,)])
for at in [{"offset": 1, "axis1": 0, "axis2": 2}, {}]:
    c("numpy.trace", M3, dtype="float16", **at)
forms("numpy.trace", [M3], {"offset": 1, "axis1": 0, "axis2": 2, "dtype": "float16"}, [M3, 1, 0, 2, "float16"])
c("linalg.trace", M, offset=1, dtype="float16")
forms("linalg.svd", [M], {"compute_uv": False}, [M, True, False], [M, False, {"computeUv": False}], tol=1e-5)
c("linalg.tensorsolve", A([[2, 0], [1, 4]]), A([2, 4]), axes=(0,), tol=1e-5)
c("lax.reshape", M, (4, 3), dimensions=(1, 0))
c("numpy.polymul", A([0, 1, 2]), A([0, 3, 1]), trim_leading_zeros=True)
for ends in [(A([1, 2]), A([8, 32])), (A([-1, -2]), A([-8, -32])), (1.0, A([8, 32]))]:
    c("numpy.geomspace", *ends, 4, axis=-1, tol=1e-5)
    c("numpy.geomspace", *ends, num=3, endpoint=False, tol=1e-5)
forms("nn.standardize", [M], {"axis": 0, "mean": 0.0, "variance": 1.0, "epsilon": 0.1}, [M, 0, 0.0, 1.0, 0.1])
# The initial value is left where nothing takes part.
for n in ["nanmax", "nanmin"]:
    c(f"numpy.{n}", MN, axis=1, initial=0.0, where=np.array([[False], [True], [True]]), keepdims=True)

# Matrices without elements.
for shape in [(0, 0), (0, 3), (3, 0), (2, 0, 3)]:
    c("linalg.pinv", np.zeros(shape, np.float32))

record.files = {"forms": [case for cases in record.files.values() for case in cases]}
record.write()
