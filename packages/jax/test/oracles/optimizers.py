"""Writes optimizers.json for ../optimizers.test.ts: parameters after steps of jax.example_libraries.optimizers, and values of
schedules. Run: python optimizers.py (needs jax 0.10)."""
import json
import os
import sys

here = os.path.dirname(os.path.abspath(__file__))
sys.path.pop(0)  # files here have the names of standard modules
import jax
import jax.numpy as jnp
import numpy as np
from jax.example_libraries import optimizers

SCHEDULES = [
    ["constant", 0.1], ["exponential_decay", 0.1, 4, 0.5], ["inverse_time_decay", 0.1, 4, 0.5],
    ["inverse_time_decay", 0.1, 4, 0.5, True], ["polynomial_decay", 0.1, 6, 0.01], ["polynomial_decay", 0.1, 6, 0.01, 2.0],
    ["piecewise_constant", [2, 5], [0.3, 0.2, 0.1]],
]  # fmt: skip
OPTIMIZERS = [
    ["sgd", 0.1], ["momentum", 0.1, 0.9], ["nesterov", 0.1, 0.8], ["adagrad", 0.1], ["adagrad", 0.1, 0.5], ["rmsprop", 0.1],
    ["rmsprop", 0.1, 0.8, 1e-3], ["rmsprop_momentum", 0.1], ["rmsprop_momentum", 0.1, 0.8, 1e-3, 0.5], ["adam", 0.1],
    ["adam", 0.1, 0.8, 0.99, 1e-3], ["adamax", 0.1], ["adamax", 0.1, 0.8, 0.99, 1e-3], ["sm3", 0.1], ["sm3", 0.1, 0.5],
    *[[name, schedule] for schedule in SCHEDULES[1:] for name in ("sgd", "adam")],
]  # fmt: skip
STEPS = 5


def made(spec):
    name, *args = spec
    is_schedule = len(args) > 0 and isinstance(args[0], list) and isinstance(args[0][0], str)
    return getattr(optimizers, name)(*([made(args[0])] if is_schedule else args))


def plain(x):
    a = np.asarray(x)
    return {"shape": list(a.shape), "data": [float(f"{v:.9g}") for v in a.astype(np.float64).ravel()]}


rng = np.random.RandomState(0)
number = lambda *shape: jnp.asarray(np.round(rng.randn(*shape) * 64) / 64, jnp.float32)
tree = lambda: {"b": number(3), "s": number(), "w": [number(2, 3), number(2, 1, 2)]}
params, grads = tree(), [tree() for _ in range(STEPS)]


def run(spec):
    init, update, get_params = made(spec)
    state = init(params)
    for i, g in enumerate(grads):
        state = update(i, g, state)
    return {"optimizer": spec, "leaves": [plain(x) for x in jax.tree.leaves(get_params(state))]}


found = {
    "made by": {"jax": jax.__version__},
    "params": [plain(x) for x in jax.tree.leaves(params)],
    "grads": [[plain(x) for x in jax.tree.leaves(g)] for g in grads],
    "runs": [run(spec) for spec in OPTIMIZERS],
    "schedules": [{"schedule": s, "values": [float(made(s)(i)) for i in range(9)]} for s in SCHEDULES],
    "norm": float(optimizers.l2_norm(grads[0])),
    "clipped": {str(n): [plain(x) for x in jax.tree.leaves(optimizers.clip_grads(grads[0], n))] for n in (1.0, 100.0)},
}
with open(os.path.join(here, "optimizers.json"), "w") as file:
    json.dump(found, file, separators=(",", ":"))
