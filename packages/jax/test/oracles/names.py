"""Writes names.json for ../coverage.test.ts: the public names of JAX's modules. Run: python names.py (needs jax 0.10)."""
import importlib
import json
import os
import sys
import types

here = os.path.dirname(os.path.abspath(__file__))
sys.path.pop(0)  # files here have the names of standard modules
import jax

MODULES = """numpy numpy.linalg numpy.fft lax lax.linalg nn nn.initializers random scipy.special scipy.linalg scipy.signal scipy.fft
scipy.ndimage scipy.integrate scipy.interpolate scipy.optimize scipy.sparse.linalg scipy.stats image ops tree tree_util dtypes test_util""".split()
STATS = """norm uniform t beta gamma poisson multivariate_normal bernoulli binom betabinom cauchy chi2 dirichlet expon gennorm geom
laplace logistic multinomial nbinom pareto truncnorm vonmises wrapcauchy gumbel_l gumbel_r""".split()


def names(module):
    return sorted(n for n in dir(module) if not n.startswith("_") and not isinstance(getattr(module, n), types.ModuleType))


found = {m: names(importlib.import_module("jax." + m)) for m in [*MODULES, *[f"scipy.stats.{s}" for s in STATS]]}
with open(os.path.join(here, "names.json"), "w") as file:
    json.dump({"made by": {"jax": jax.__version__}, "modules": found}, file, indent=1)
print(sum(map(len, found.values())), "names")
