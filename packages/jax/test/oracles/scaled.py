"""Writes scaled.json: products of operands that JAX's block quantization rounds. Run: python scaled.py (needs jax 0.10).

JAX has the product itself on GPUs only; its quantization runs everywhere, and NumPy multiplies what it gives.
"""
import json
import os
import sys

sys.path.pop(0)  # this file would hide modules of its neighbours' names
import jax
import jax.numpy as jnp
import numpy as np
from jax._src.cudnn.scaled_matmul_stablehlo import quantize

rng = np.random.default_rng(5)
cases = []
plain = lambda x: {"s": list(np.shape(x)), "v": [float(v) for v in np.asarray(x, np.float32).ravel()]}


def rounded(x, config):
    q, scales = quantize(jnp.asarray(x), config)
    q, scales = np.asarray(q).astype(np.float32), np.asarray(scales).astype(np.float32)
    block = config.block_size
    out = q.reshape(*q.shape[:-1], -1, block) * scales[..., None]
    return out.reshape(q.shape) * (1 if config.global_scale is None else np.asarray(config.global_scale))


for mode, scale in [("mxfp8", None), ("nvfp4", 1.0), ("nvfp4", 0.01)]:
    config = jax.nn.get_scaled_dot_general_config(mode, None if scale is None else jnp.array([scale], jnp.float32))
    for spread in [1, 1e3]:
        a = (rng.standard_normal((2, 3, 64)) * spread).astype(np.float32)
        b = (rng.standard_normal((2, 2, 64)) / spread).astype(np.float32)
        out = np.einsum("bmk,bnk->bmn", rounded(a, config).astype(np.float64), rounded(b, config).astype(np.float64))
        cases.append({"mode": mode, "scale": scale, "a": plain(a), "b": plain(b), "out": plain(out)})
here = os.path.dirname(os.path.abspath(__file__))
with open(os.path.join(here, "scaled.json"), "w") as file:
    json.dump({"jax": jax.__version__, "cases": cases}, file)
    file.write("\n")
print(len(cases), "cases")
