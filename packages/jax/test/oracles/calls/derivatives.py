"""Writes derivatives.json: gradients and tangents of calls at points where they are easily lost. Run: python derivatives.py (jax 0.10)."""
import json
import os
import sys

sys.path.append(os.path.dirname(os.path.abspath(__file__)))  # at the end: it must hide nothing
from record import *  # noqa: F403 -- the vocabulary of the tables

import jax.scipy.stats as stats

SPACES.update(logistic=stats.logistic, pareto=stats.pareto, poisson=stats.poisson)
cases = []


def weights(shape, k):
    """Fixed numbers, as the test makes them too."""
    n = int(np.prod(shape))
    return jnp.asarray((((np.arange(n) * 37 + 11 * k) % 64 - 31.5) / 32).reshape(shape).astype(np.float32))


def d(name, *args, tol=None, **kw):
    """Of the call by its float32 arguments: the gradient of a weighted sum of the float results, and tangents of these."""
    space, fn = name.split(".")
    f = getattr(SPACES[space], fn)
    at = [i for i, a in enumerate(args) if isinstance(a, (np.ndarray, np.generic)) and a.dtype == np.float32]

    def results(*xs):
        given = list(args)
        for i, x in zip(at, xs):
            given[i] = x
        return [y for y in jax.tree.leaves(call(f, given, kw)) if y.dtype == jnp.float32]

    def loss(*xs):
        return sum(jnp.sum(y * weights(y.shape, i)) for i, y in enumerate(results(*xs)))

    xs = [jnp.asarray(args[i]) for i in at]
    gradient = [g + 0.0 for g in jax.grad(loss, tuple(range(len(xs))))(*xs)]  # -0 as 0
    tangents = [t + 0.0 for t in jax.jvp(results, xs, [weights(x.shape, i + 3) for i, x in enumerate(xs)])[1]]
    if name == "poisson.entropy":  # JAX's own tangents are NaN here; each gradient is that of one number
        tangents = [g / weights(g.shape, 0) * weights(g.shape, 3) for g in gradient]
    cases.append({"f": f"{space}.{camel(fn)}", "x": [plain(a) for a in [*args, *([kw] if kw else [])]], "at": at,
                  "gradient": result(list(gradient)), "tangents": result(list(tangents)), **({} if tol is None else {"t": tol})})


FLOATS = A([0, 1, -1, 0.5, 2.5, -2.5, 1e-5, 100, inf, nan])
d("numpy.frexp", FLOATS)
for bits in [(5, 10), (8, 7), (4, 3)]:
    d("lax.reduce_precision", A([1.2345678, 70000, 1e-3, 0.1]), *bits)
NONE = np.zeros((0, 0), np.float32)
for n in ["slogdet", "inv"]:
    d(f"linalg.{n}", NONE)
d("linalg.solve", NONE, np.zeros((0, 2), np.float32))
d("laxLinalg.lu", np.zeros((2, 0), np.float32))
X = A([0.3, 0.7, 1.2, 2.5])
for n in ["pdf", "logpdf", "cdf", "logcdf", "sf", "logsf"]:
    d(f"pareto.{n}", X, A(2.0), tol=2e-5)
for n in ["ppf", "isf"]:
    d(f"logistic.{n}", A([0, 0.25, 1]))
d("poisson.entropy", A([0.5, 2.5, 20]), tol=2e-5)

path = os.path.join(os.path.dirname(os.path.abspath(__file__)), "derivatives.json")
with open(path, "w") as file:
    lines = ",\n".join(json.dumps(c, separators=(",", ":")) for c in cases)
    file.write('{"made by": ' + json.dumps({"jax": jax.__version__}) + ', "cases": [\n' + lines + "\n]}\n")
print(len(cases), "cases")
