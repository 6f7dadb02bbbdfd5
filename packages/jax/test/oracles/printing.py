"""Writes printing.json: str and repr of JAX's arrays, whose values NumPy prints. Run: python printing.py (needs jax 0.10).

Long arrays are given by a rule: element i is `((i * a) % m - b) / d`.
"""
import json
import os
import sys

sys.path.pop(0)  # this file would hide modules of its neighbours' names
import jax
import jax.numpy as jnp
import numpy as np
from jax._src.lax.lax import _convert_element_type

jax.config.update("jax_enable_x64", True)
inf, nan = np.inf, np.nan
cases = []


def spell(v):
    return str(v) if isinstance(v, float) and (not np.isfinite(v) or (v == 0 and np.signbit(v))) else v


def wrapped(text):
    """JAX 0.10 leaves out the line break before a dtype that does not fit; NumPy has it."""
    return text.replace(",      dtype", ",\n      dtype")


def add(values, dtype="float32", shape=None, weak=False, rule=None, **options):
    x = jnp.asarray(np.array(values, np.float64), jnp.dtype(dtype))
    x = x.reshape(shape if shape is not None else np.shape(values))
    if weak:
        x = _convert_element_type(x, x.dtype, weak_type=True)
    with np.printoptions(**options):
        case = {"d": dtype, "s": list(x.shape), "str": str(x), "repr": wrapped(repr(x))}
    if rule:
        case["rule"] = rule
    else:
        case["v"] = [spell(v) for v in np.asarray(x).astype(np.float64).ravel().tolist()]
    if weak:
        case["weak"] = True
    if options:
        case["o"] = options
    cases.append(case)


def ruled(n, a, m, b, d, dtype="float32", shape=None, **options):
    add([((i * a) % m - b) / d for i in range(n)], dtype, shape or (n,), rule=[a, m, b, d], **options)


for dtype in ["float32", "float64", "float16", "bfloat16"]:
    add([1, 2, 3], dtype)
    add([1.5, -2.25, 3], dtype)
    add([0.1, 0.2, 0.3], dtype)
    add([1 / 3, 2 / 3, 1], dtype)
    add([[1, -2], [3.5, 4]], dtype)
    add(2.5, dtype)
    add(2, dtype)
    add([nan, inf, -inf, 1], dtype)
    add([nan, 1.25], dtype)
    add([inf, 1], dtype)
    add([-0.0, 0.0], dtype)
    add([1e-5, 1], dtype)
    add([1000, 0.5, 3], dtype)
    add([1e4, 1.5], dtype)
    add([], dtype)
    add(np.zeros((0, 3)), dtype, (0, 3))
    add(1e-5, dtype)
    add(0.1, dtype)
for dtype in ["float32", "float64"]:
    add([1e8, 1], dtype)
    add([99999999, 1], dtype)
    add([1e10], dtype)
    add([1e-10, 1e10], dtype)
    add([1e30, -1e-30, 0], dtype)
    add([1e30, nan, -inf], dtype)
    add([123456.789, 0.001], dtype)
    add([1234.5678], dtype)
    add([0.00012345678], dtype)
    add([0.000012345678], dtype)
    add([2**-9, 2**-20], dtype)
    add([2**-9, 1], dtype)
    add([3.14159265358979, 2.71828182845905], dtype)
    add([16777216, 16777217], dtype)
    add(123456789.123, dtype)
    add(1e16, dtype)
    add(1.5e22, dtype)
    add(nan, dtype)
    add(-inf, dtype)
    add(np.sin(np.arange(6)).reshape(2, 3), dtype, (2, 3))
    add(np.exp(np.arange(-8, 8)), dtype)
    add([1 + 2**-23, 1 - 2**-24, 0.5 + 2**-25], dtype)
    add([8589934592.0, 1.1754943508222875e-38, 3.4028234663852886e38], dtype)
add([1e100, 1, 1e-100], "float64")
add([5e-324, 1.7976931348623157e308], "float64")
add([1.4e-45, 3.4e38], "float32")
add([65504, 6e-8], "float16")
add([2.5e38, 1e-38], "bfloat16")
for dtype in ["int32", "uint8", "int8", "uint32"]:
    add([1, 2, 3], dtype)
    add([[1, 20], [100, 7]], dtype)
    add(5, dtype)
    add([], dtype)
add([-1, 10, -100], "int32")
add([[[1, 2], [3, 4]], [[5, 6], [7, -8]]], "int32")
add(np.arange(24).reshape(2, 3, 2, 2), "int32", (2, 3, 2, 2))
add([True, False, True], "bool")
add([[True, False]], "bool")
add(True, "bool")
add(False, "bool")
add([1.5, 2], weak=True)
add(3, "int32", weak=True)
add([[1.0]], weak=True)
ruled(30, 7, 31, 3, 4)
ruled(30, 7, 31, 3, 4, "float64")
ruled(40, 1, 100, 0, 1, "int32")
ruled(60, 1, 2, 0, 1, "bool")
ruled(1000, 7, 31, 3, 4)
ruled(1001, 7, 31, 3, 4)
ruled(1001, 1, 5000, 0, 1, "int32")
ruled(1024, 7, 31, 3, 4, shape=(32, 32))
ruled(1100, 7, 31, 3, 4, shape=(11, 100))
ruled(1100, 7, 31, 3, 4, shape=(275, 4))
ruled(1200, 7, 31, 3, 4, shape=(10, 10, 12))
ruled(1200, 7, 31, 3, 4, "float64", shape=(2, 3, 200))
ruled(1200, 1, 3, 1, 1, "int8", shape=(2, 3, 4, 50))
ruled(100, 13, 97, 40, 7, shape=(10, 10))
ruled(54, 13, 97, 40, 7, shape=(2, 27))
ruled(25, 13, 97, 40, 0.001, shape=(25,))
ruled(20, 1, 100, 0, 1, "int32", threshold=10)
ruled(20, 1, 100, 0, 1, "int32", threshold=10, edgeitems=1)
ruled(20, 7, 31, 3, 4, precision=2)
ruled(20, 7, 31, 3, 3, precision=2)
ruled(20, 7, 31, 3, 3, precision=3, floatmode="fixed")
ruled(20, 7, 31, 3, 3, precision=3, floatmode="maxprec_equal")
ruled(8, 7, 31, 3, 3, "float64", floatmode="unique")
ruled(8, 7, 31, 3, 3, floatmode="fixed", precision=0)
ruled(20, 7, 31, 3, 4, sign="+")
ruled(20, 7, 31, 3, 4, sign=" ")
ruled(20, 7, 31, 0, 4, sign=" ")
ruled(20, 7, 31, 3, 4, linewidth=40)
add([1e-10, 1], suppress=True)
add([1e-10, 1e-5, 123.5], "float64", suppress=True, precision=3)
add([nan, inf, -inf, 1], nanstr="NaN", infstr="Infinity")
add([nan, inf, -inf, 1], sign="+")
add([1e10, 1.5], precision=2)
add([1e10, 1.5], precision=2, floatmode="fixed")
add([2**-9, 0.5], "float64", precision=8)
add([0.125, 0.375], precision=2)

here = os.path.dirname(os.path.abspath(__file__))
with open(os.path.join(here, "printing.json"), "w") as file:
    head = json.dumps({"jax": jax.__version__, "numpy": np.__version__})
    file.write('{"made by": ' + head + ', "cases": [\n' + ",\n".join(json.dumps(c, separators=(",", ":")) for c in cases) + "\n]}\n")
print(len(cases), "cases")
