"""Writes indexing.json: x[index] and x.at[index].set/add of JAX for random indices. Run: python indexing.py (needs jax 0.10).

Parts of an index: a number; {"s": [start, stop, step]}; null for a new axis; "..."; {"i": array} of integers; {"m": mask}.
"""
import json
import os
import sys

sys.path.pop(0)  # this file would hide modules of its neighbours' names
import jax
import jax.numpy as jnp
import numpy as np

rng = np.random.default_rng(11)
cases = []
SHAPES = [(5,), (3, 4), (2, 3, 4), (4, 1, 3), (2, 3, 2, 3), (0, 3), ()]


def slice_of(n):
    step = int(rng.choice([1, 1, 1, 2, 3, -1, -1, -2]))
    end = lambda: None if rng.random() < 0.35 else int(rng.integers(-n - 2, n + 3))
    return slice(end(), end(), None if step == 1 and rng.random() < 0.7 else step)


def random_index(shape):
    parts, axis, batch = [], 0, [(), (2,), (3, 1), (1, 2)][rng.integers(4)]
    kinds = rng.choice(["int", "slice", "slice", "array", "mask", "stop"], size=len(shape))
    with_arrays = rng.random() < 0.6
    dotted = False
    while axis < len(shape):
        n, kind = shape[axis], kinds[axis]
        if rng.random() < 0.15:
            parts.append(None)
        if not dotted and rng.random() < 0.15:
            parts.append(Ellipsis)
            dotted = True
            axis += int(rng.integers(0, len(shape) - axis + 1))
            continue
        if kind == "stop":
            break
        if kind == "int" and n > 0:
            parts.append(int(rng.integers(-n, n)))
        elif kind == "array" and n > 0 and with_arrays:
            size = batch if rng.random() < 0.7 else (1,) * len(batch)
            parts.append(rng.integers(-n, n, size).astype(np.int32))
        elif kind == "mask" and with_arrays and not any(isinstance(p, np.ndarray) for p in parts):
            k = int(rng.integers(1, len(shape) - axis + 1))
            parts.append(rng.random(shape[axis : axis + k]) < 0.5)
            axis += k
            continue
        else:
            parts.append(slice_of(n))
        axis += 1
    return tuple(parts)


def plain(p):
    if isinstance(p, slice):
        out = [p.start, p.stop, p.step]
        while out and out[-1] is None:
            out.pop()
        return {"s": out}
    if isinstance(p, np.ndarray):
        return {"m" if p.dtype == bool else "i": [list(p.shape), p.astype(int).ravel().tolist()]}
    return "..." if p is Ellipsis else p


tried = 0
while len(cases) < 420:
    shape = SHAPES[rng.integers(len(SHAPES))]
    index = random_index(shape)
    x = jnp.arange(np.prod(shape, dtype=int), dtype=jnp.float32).reshape(shape)
    tried += 1
    try:
        got = np.asarray(x[index])
    except Exception:  # masks beside arrays of another length
        continue
    values = -1 - np.arange(got.size, dtype=np.float32).reshape(got.shape)
    case = {"x": list(shape), "i": [plain(p) for p in index], "s": list(got.shape), "v": got.astype(int).ravel().tolist()}
    unique = len(set(case["v"])) == len(case["v"])
    if unique:  # else the order of writes counts
        case["set"] = np.asarray(x.at[index].set(values)).astype(int).ravel().tolist()
    case["add"] = np.asarray(x.at[index].add(values)).astype(int).ravel().tolist()
    cases.append(case)

here = os.path.dirname(os.path.abspath(__file__))
with open(os.path.join(here, "indexing.json"), "w") as file:
    head = json.dumps({"jax": jax.__version__, "numpy": np.__version__})
    file.write('{"made by": ' + head + ', "cases": [\n' + ",\n".join(json.dumps(c, separators=(",", ":")) for c in cases) + "\n]}\n")
print(len(cases), "cases of", tried)
