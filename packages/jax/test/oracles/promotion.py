"""Writes promotion.json: dtypes of binary operations on every pair of types. Run: python promotion.py (needs jax 0.10).

A type is a dtype, or `int`, `float`, `bool` for a Python scalar, or a dtype with * for a weakly typed array. A result is
one too; "!" is an error. Pairs without float64 run with x64 off, the others with x64 on, where 64-bit integers appear
that the library does not have: those results are left out ("-").
"""
import itertools
import json
import os
import sys
import warnings

sys.path.pop(0)  # this file would hide modules of its neighbours' names
import jax
import jax.numpy as jnp
from jax._src.lax.lax import _convert_element_type

warnings.filterwarnings("ignore")
DTYPES = "bool int8 int16 int32 uint8 uint16 uint32 float16 bfloat16 float32 float64".split()
TYPES = [*DTYPES, "int32*", "float32*", "bool()", "int()", "float()"]
OPS = """add subtract multiply divide floor_divide remainder fmod power float_power maximum minimum fmax hypot arctan2 copysign
heaviside logaddexp nextafter equal less logical_and bitwise_and bitwise_or left_shift right_shift gcd ldexp where
matmul outer""".split()


def operand(t):
    if t.endswith("()"):
        return {"bool": True, "int": 1, "float": 1.5}[t[:-2]]
    return _convert_element_type(jnp.ones((1,), "int8"), jnp.dtype(t.rstrip("*")), weak_type=t.endswith("*"))


def name(x):
    return str(x.dtype) + ("*" if x.weak_type and x.dtype != bool else "")


def result(op, a, b):
    f = (lambda x, y: jnp.where(True, x, y)) if op == "where" else getattr(jnp, op)
    with jax.enable_x64("float64" in (a, b)):
        x, y = operand(a), operand(b)
        try:
            out = jax.eval_shape(f, x, y)
        except Exception as e:  # noqa: BLE001
            # An oversight of JAX 0.10: products of weak int32 with narrower integers are no valid program.
            return "-" if "preferred_element_type" in str(e) else "!"
    return "-" if "int64" in str(out.dtype) else name(out)


table = {}
for op in OPS:
    table[op] = [" ".join(result(op, a, b) for b in TYPES) for a in TYPES]
here = os.path.dirname(os.path.abspath(__file__))
with open(os.path.join(here, "promotion.json"), "w") as file:
    json.dump({"jax": jax.__version__, "types": TYPES, "table": table}, file, indent=1)
    file.write("\n")
print(sum(len(r.split()) for rows in table.values() for r in rows), "pairs")
