"""Writes sparse.json: jax.scipy.sparse.linalg for ../sparse.test.ts. Run: python sparse.py (needs jax 0.10)."""

import json
import pathlib
import sys

sys.path.pop(0)  # files here have the names of standard modules
import jax
import jax.numpy as jnp
import numpy as np
from jax.scipy.sparse import linalg

rng = np.random.default_rng(7)
n = 6
half = rng.standard_normal((n, n)).astype("f4")
spd = half @ half.T + 2 * np.eye(n, dtype="f4")
general = half + 4 * np.eye(n, dtype="f4")
b = rng.standard_normal(n).astype("f4")
start = rng.standard_normal(n).astype("f4")
near = np.diag(1 / np.diag(spd)).astype("f4")

cases = []
for name in ("cg", "bicgstab", "gmres"):
    solve = getattr(linalg, name)
    a = spd if name == "cg" else general
    for extra in ({}, {"tol": 1e-2}, {"maxiter": 1}, {"maxiter": 2}, {"maxiter": 3, "atol": 0.5}):
        if name == "gmres":
            extra = {**extra, "restart": 2}
        for preconditioned in (False, True):
            for given in (False, True):
                options = dict(extra, M=near if preconditioned else None, x0=start if given else None)
                x, _ = solve(a, b, **options)
                grads = jax.grad(lambda a, b: jnp.sum(jnp.sin(solve(a, b, **options)[0])), argnums=(0, 1))(a, b)
                cases.append({
                    "name": name,
                    "options": extra,
                    "preconditioned": preconditioned,
                    "given": given,
                    "x": np.asarray(x).tolist(),
                    "grads": [np.asarray(g).tolist() for g in grads],
                })

out = {
    "jax": jax.__version__, "spd": spd.tolist(), "general": general.tolist(), "b": b.tolist(), "start": start.tolist(),
    "near": near.tolist(), "cases": cases,
}  # fmt: skip
pathlib.Path(__file__).with_suffix(".json").write_text(json.dumps(out) + "\n")
