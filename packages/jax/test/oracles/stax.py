"""Writes stax.json for ../stax.test.ts: layers of jax.example_libraries.stax with their parameters, outputs, and gradients of
a weighted sum of the outputs. A layer is a name, or a list of a name and arguments. Run: python stax.py (needs jax 0.10)."""
import json
import os
import sys

here = os.path.dirname(os.path.abspath(__file__))
sys.path.pop(0)  # files here have the names of standard modules
import jax
import jax.numpy as jnp
import numpy as np
from jax.example_libraries import stax

jax.config.update("jax_default_matmul_precision", "highest")
IMAGE = [2, 7, 6, 3]
ACTIVATIONS = "Tanh Relu Exp LogSoftmax Softmax Softplus Sigmoid Elu LeakyRelu Selu Gelu Identity".split()
LAYERS = [
    *[([name], [2, 5]) for name in ACTIVATIONS],
    (["Dense", 4], [3, 5]),
    (["Dense", 4], [2, 3, 5]),
    (["Conv", 4, [3, 3]], IMAGE),
    (["Conv", 4, [3, 2], [2, 1], "SAME"], IMAGE),
    (["Conv", 2, [2, 2], {"padding": [[1, 0], [0, 2]]}], IMAGE),
    (["GeneralConv", ["NCH", "OIH", "NCH"], 4, [3], {"padding": "SAME"}], [2, 3, 8]),
    (["GeneralConv", ["NHWC", "HWOI", "NCHW"], 4, [2, 3]], IMAGE),
    (["ConvTranspose", 2, [3, 3]], IMAGE),
    (["ConvTranspose", 2, [3, 2], [2, 2], "SAME"], IMAGE),
    (["Conv1DTranspose", 2, [4], {"strides": [2]}], [2, 5, 3]),
    (["GeneralConvTranspose", ["NCH", "OIH", "NCH"], 4, [3], [2]], [2, 3, 4]),
    (["BatchNorm"], IMAGE),
    (["BatchNorm", 0], [5, 3]),
    (["BatchNorm", {"axis": [0, 1], "epsilon": 0.1, "center": False}], [3, 4, 2]),
    (["BatchNorm", {"axis": [0], "scale": False}], [3, 4]),
    (["BatchNorm", {"axis": [0], "scale": False, "center": False}], [3, 4]),
    (["MaxPool", [2, 2]], IMAGE),
    (["MaxPool", [3, 2], [2, 2], "SAME"], IMAGE),
    (["MaxPool", [2], {"spec": "NCH"}], [2, 3, 6]),
    (["SumPool", [2, 3], {"strides": [1, 2]}], IMAGE),
    (["AvgPool", [2, 2], [2, 2]], IMAGE),
    (["AvgPool", [3, 3], {"padding": "SAME"}], IMAGE),
    (["AvgPool", [3], {"spec": "NCH", "padding": "SAME", "strides": [2]}], [2, 3, 6]),
    (["Flatten"], IMAGE),
    (["Dropout", 0.7], [4, 5]),
    (["Dropout", 0.7, "test"], [4, 5]),
    (["serial", ["FanOut", 3], "FanInSum"], [2, 3]),
    (["serial", ["FanOut", 2], ["FanInConcat"]], [2, 3]),
    (["serial", ["FanOut", 2], ["FanInConcat", 0]], [2, 3]),
    (["serial", ["FanOut", 2], ["parallel", ["Dense", 4], ["serial", ["Dense", 3], "Tanh"]], ["FanInConcat", -1]], [2, 3]),
    (["serial", ["Dense", 4], ["Dropout", 0.5], ["serial", ["Dropout", 0.5], "Relu"], ["Dense", 2], "LogSoftmax"], [3, 5]),
    (["serial", ["Conv", 4, [3, 3], {"padding": "SAME"}], ["BatchNorm"], "Relu", ["MaxPool", [2, 2], [2, 2]], "Flatten", ["Dense", 3]], IMAGE),
]  # fmt: skip


def tuples(x):
    return tuple(map(tuples, x)) if isinstance(x, list) else x


def build(spec):
    name, *args = [spec] if isinstance(spec, str) else spec
    made = getattr(stax, name)
    if name in ("serial", "parallel"):
        return made(*map(build, args))
    if isinstance(made, tuple):
        return made
    named = args.pop() if args and isinstance(args[-1], dict) else {}
    return made(*map(tuples, args), **{k: tuples(v) for k, v in named.items()})


def plain(x):
    a = np.asarray(x)
    return {"shape": list(a.shape), "data": [float(f"{v:.9g}") for v in a.astype(np.float64).ravel()]}


def lists(x):
    return [lists(v) for v in x] if isinstance(x, (list, tuple)) else int(x)


def case(k, spec, shape):
    init, apply = build(spec)
    out_shape, params = init(jax.random.key(k), tuple(shape))
    x = np.round(np.random.RandomState(k).randn(*shape) * 64).astype(np.float32) / 64
    rng = jax.random.key(100 + k)
    weights = lambda n: np.cos(0.7 * np.arange(n) + 0.3).astype(np.float32)
    loss = lambda p, v: jnp.dot(apply(p, v, rng=rng).ravel(), weights(np.prod(out_shape)))
    grads = jax.grad(loss, (0, 1))(params, jnp.asarray(x))
    return {"layer": spec, "seed": k, "shape": shape, "outShape": lists(out_shape), "x": plain(x),
            "params": [plain(p) for p in jax.tree.leaves(params)], "out": plain(apply(params, x, rng=rng)),
            "grads": [plain(g) for g in jax.tree.leaves(grads)]}


cases = [case(k, *entry) for k, entry in enumerate(LAYERS)]
with open(os.path.join(here, "stax.json"), "w") as file:
    file.write('{"made by": {"jax": "%s"}, "cases": [\n' % jax.__version__)
    file.write(",\n".join(json.dumps(c, separators=(",", ":")) for c in cases) + "\n]}\n")
