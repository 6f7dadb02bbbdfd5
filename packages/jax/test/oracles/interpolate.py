"""Writes interpolate.json for ../segments.test.ts: RegularGridInterpolator and the segment reductions of jax.
Run: python interpolate.py (needs jax 0.10)."""
import json
import os
import sys

here = os.path.dirname(os.path.abspath(__file__))
sys.path.pop(0)  # files here have the names of standard modules
import jax
import jax.numpy as jnp
import numpy as np
from jax.scipy.interpolate import RegularGridInterpolator

rng = np.random.default_rng(3)
grids, sums = [], []


def plain(x):
    a = np.asarray(x)
    spell = lambda v: v if np.isfinite(v) else str(v)
    values = [int(v) if a.dtype.kind in "iu" else spell(float(v)) for v in a.ravel()]
    return {"dtype": str(a.dtype), "shape": list(a.shape), "data": values}


axes = [np.array([0.0, 0.5, 2.0], np.float32), np.array([-1.0, 0.0, 1.0, 4.0], np.float32), np.array([0.0, 1.0], np.float32)]
for d, rest in [(1, ()), (2, ()), (3, ()), (2, (2,))]:
    points = axes[:d]
    values = rng.normal(size=[len(p) for p in points] + list(rest)).astype(np.float32)
    low, high = [p[0] for p in points], [p[-1] for p in points]
    inside = rng.uniform(low, high, (5, d)).astype(np.float32)
    knots = np.array([[p[i % len(p)] for p in points] for i in range(4)], np.float32)
    outside = np.array([low, high], np.float32) + np.array([[-0.3], [0.7]], np.float32)
    xi = np.concatenate([inside, knots, outside])
    for method in ["linear", "nearest"]:
        for fill in [np.nan, 0.5, None]:
            f = RegularGridInterpolator(points, values, method, False, fill)
            case = {"points": [plain(p) for p in points], "values": plain(values), "xi": plain(xi), "method": method}
            case["fill"] = "nan" if fill is not None and np.isnan(fill) else fill
            case["expected"] = plain(f(xi))
            if method == "linear" and fill == 0.5:
                total = lambda v, x: jnp.sum(jnp.sin(RegularGridInterpolator(points, v, method, False, fill)(x)))
                case["slopes"] = [plain(g) for g in jax.grad(total, (0, 1))(jnp.asarray(values), jnp.asarray(inside))]
                case["inside"] = plain(inside)
            grids.append(case)

ids = np.array([2, 0, 2, 5, 1, -1, 0, 2, 7, 0], np.int32)
for shape in [(10,), (10, 3)]:
    for dtype in [np.float32, np.int32]:
        data = (rng.normal(size=shape) * 3).astype(dtype)
        for fn in ["segment_sum", "segment_prod", "segment_max", "segment_min"]:
            for options in [{}, {"num_segments": 4}, {"num_segments": 9, "bucket_size": 3}, {"num_segments": 6, "mode": "clip"}]:
                got = getattr(jax.ops, fn)(jnp.asarray(data), jnp.asarray(ids), **options)
                sums.append({"fn": fn, "data": plain(data), "ids": plain(ids), "options": options, "expected": plain(got)})

with open(os.path.join(here, "interpolate.json"), "w") as f:
    json.dump({"grids": grids, "segments": sums}, f, separators=(",", ":"))
print(len(grids), len(sums))
