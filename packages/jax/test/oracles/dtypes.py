"""Writes dtypes.json for ../dtypes.test.ts: facts about dtypes without 64-bit types. Run: python dtypes.py (needs jax 0.10)."""
import itertools
import json
import os
import sys

here = os.path.dirname(os.path.abspath(__file__))
sys.path.pop(0)  # files here have the names of standard modules
import jax
import jax.numpy as jnp
from jax import dtypes

NAMES = "bool int8 int16 int32 uint8 uint16 uint32 float16 bfloat16 float32".split()
found = {
    "made by": {"jax": jax.__version__},
    "canonical": {n: str(dtypes.canonicalize_dtype(n)) for n in [*NAMES, "int64", "uint64", "i8", "u8", "<i8", "f4"]},
    "bits": {n: dtypes.itemsize_bits(n) for n in [*NAMES, "float64"]},
    "scalar": {n: dtypes.scalar_type_of(jnp.zeros(2, n)).__name__ for n in NAMES},
    "result": {f"{a} {b}": str(dtypes.result_type(jnp.dtype(a), jnp.dtype(b))) for a, b in itertools.combinations(NAMES, 2)},
    "epsilon": {n: float(dtypes.finfo(n).eps) for n in NAMES if "float" in n},
    "greatest": {n: int(dtypes.iinfo(n).max) for n in NAMES if "int" in n},
}
with open(os.path.join(here, "dtypes.json"), "w") as file:
    json.dump(found, file, indent=1)
