"""Writes check-grads.json for ../test-util.test.ts: derivatives that are wrong by a factor, and whether check_grads takes
them. Run: python check-grads.py (needs jax 0.10)."""
import json
import os
import sys

here = os.path.dirname(os.path.abspath(__file__))
sys.path.pop(0)  # files here have the names of standard modules
import jax
import jax.numpy as jnp
from jax.test_util import check_grads

jax.config.update("jax_enable_x64", True)


def wrong(by):
    f = jax.custom_jvp(jnp.sin)
    f.defjvp(lambda xs, ts: (jnp.sin(xs[0]), ts[0] * jnp.cos(xs[0]) * (1 + by)))
    return f


def passes(by, dtype, n, mode, eps):
    try:
        check_grads(wrong(by), [jnp.full([n], 0.3, dtype)], 1, [mode], eps=eps)
        return True
    except AssertionError:
        return False


WRONG = {"float64": (0, 1e-6, 1e-3), "float32": (0, 5e-4, 0.1), "float16": (0, 1e-3, 1)}
EPS = {"float64": None, "float32": 1e-2, "float16": 1e-1}
cases = [{"dtype": dtype, "by": by, "n": n, "mode": mode, "eps": EPS[dtype], "passes": passes(by, dtype, n, mode, EPS[dtype])}
         for dtype, all in WRONG.items() for by in all for n in (1, 4) for mode in ("fwd", "rev")]
with open(os.path.join(here, "check-grads.json"), "w") as file:
    json.dump({"made by": {"jax": jax.__version__}, "cases": cases}, file, indent=1)
print([(c["dtype"], c["by"], c["n"], c["mode"], c["passes"]) for c in cases])
