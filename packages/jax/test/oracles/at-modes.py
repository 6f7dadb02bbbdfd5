"""Writes at-modes.json: elements and updates of JAX at indices out of range, by mode. Run: python at-modes.py (needs jax 0.10)."""

import json
import pathlib
import sys

sys.path.pop(0)  # this file would hide modules of its neighbours' names
import jax
import jax.numpy as jnp

X = jnp.arange(1.0, 13).reshape(3, 4)
ROWS = [jnp.array(i) for i in ([0, 7], [-1, -4, 1], [3, 2, -5], [[1, 9], [-3, -9]])]
MODES = ["fill", "drop", "clip", "promise_in_bounds"]


def case(i, wrap, mode):
    options = {"mode": mode, "wrap_negative_indices": wrap}
    in_bounds = (i < 3) & (i >= (-3 if wrap else 0))
    out = {"i": i.tolist(), "mode": mode, "wrapNegativeIndices": wrap}
    if mode == "promise_in_bounds" and not bool(in_bounds.all()):
        return None
    out["get"] = X.at[i].get(fill_value=-1.0, **options).ravel().tolist()
    out["column"] = X.at[i, 1:3].get(fill_value=-1.0, **options).ravel().tolist()
    out["add"] = X.at[i].add(100.0, **options).ravel().tolist()
    out["multiply"] = X.at[i, 0].multiply(2.0, **options).ravel().tolist()
    out["max"] = X.at[1:, i].max(9.5, **options).ravel().tolist()
    out["apply"] = X.at[i].apply(lambda v: jnp.maximum(v, 6), **options).ravel().tolist()
    return out


CASES = [case(i, wrap, mode) for i in ROWS for wrap in (True, False) for mode in MODES]
HERE = pathlib.Path(__file__)
HERE.with_suffix(".json").write_text(
    json.dumps({"jax": jax.__version__, "cases": [c for c in CASES if c is not None]}) + "\n"
)
