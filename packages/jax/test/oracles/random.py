"""Writes random.json: samples of jax.random for ../random.test.ts. Run: python random.py (needs jax 0.10)."""
import json
import os
import sys

sys.path.pop(0)  # this file would hide the standard module of its name
import jax
import jax.numpy as jnp
import jax.scipy.special as sp
import numpy as np

R = jax.random
F16, BF16, F32 = jnp.float16, jnp.bfloat16, jnp.float32
cases = []


def plain(x):
    a = np.asarray(x)
    values = a.astype(np.float64 if a.dtype.kind not in "iub" else a.dtype).ravel().tolist()
    spell = lambda v: v if not isinstance(v, float) or np.isfinite(v) else str(v)
    return {"dtype": str(a.dtype), "shape": list(a.shape), "data": [spell(v) for v in values]}


def add(space, name, args, result, tol=0):
    """args: JS arguments; {"key": seed} and arrays as `plain` writes them stand for arrays."""
    cases.append({"space": space, "fn": name, "args": args, "expected": plain(result), "tol": tol})


KEYS = [0, 42, 1701, 2**31 + 5]
SHAPES = [[], [5], [2, 3]]
ALPHA = np.array([0.05, 0.7, 1.0, 2.5, 40.0], np.float32)
EPS = 2e-6

for seed in KEYS:
    k, jk = R.PRNGKey(seed), {"key": seed}
    add("random", "split", [jk], R.split(k))
    add("random", "split", [jk, 3], R.split(k, 3))
    add("random", "split", [jk, [2, 2]], R.split(k, (2, 2)))
    for d in [0, 1, 77, 2**31 - 1]:
        add("random", "foldIn", [jk, d], R.fold_in(k, d))
    for s in SHAPES:
        t = tuple(s)
        add("random", "bits", [jk, s], R.bits(k, t))
        add("random", "uniform", [jk, s], R.uniform(k, t))
        add("random", "normal", [jk, s], R.normal(k, t), EPS)
    for dtype in [jnp.uint8, jnp.uint16]:
        add("random", "bits", [jk, [5], {"dtype": np.dtype(dtype).name}], R.bits(k, (5,), dtype))
    for dtype in [F16, BF16]:
        o = {"dtype": np.dtype(dtype).name}
        tol = 2e-3 if dtype == F16 else 1.6e-2
        add("random", "uniform", [jk, [6], o], R.uniform(k, (6,), dtype))
        add("random", "normal", [jk, [6], o], R.normal(k, (6,), dtype), tol)
    add("random", "uniform", [jk, [5], {"minval": -3, "maxval": 7.5}], R.uniform(k, (5,), F32, -3.0, 7.5), EPS)
    for lo, hi in [(0, 10), (-7, 8), (5, 5), (0, 2**31 - 1), (-(2**31), 2**31 - 1), (0, 65537)]:
        o = {"minval": lo, "maxval": hi, "shape": [6]}
        add("random", "randint", [jk, o], R.randint(k, (6,), lo, hi))
    add("random", "randint", [jk, {"minval": -100, "maxval": 128, "shape": [6], "dtype": "int8"}], R.randint(k, (6,), -100, 128, jnp.int8))
    add("random", "randint", [jk, {"minval": 3, "maxval": 200, "shape": [6], "dtype": "uint32"}], R.randint(k, (6,), 3, 200, jnp.uint32))
    lo, hi = np.array([0, -5, 10], np.int32), np.array([2, 5, 10], np.int32)
    add("random", "randint", [jk, {"minval": plain(lo), "maxval": plain(hi), "shape": [2, 3]}], R.randint(k, (2, 3), lo, hi))
    add("random", "bernoulli", [jk, 0.3, [8]], R.bernoulli(k, 0.3, (8,)))
    add("random", "rademacher", [jk, {"shape": [6]}], R.rademacher(k, (6,)))
    add("random", "geometric", [jk, 0.2, {"shape": [6]}], R.geometric(k, 0.2, (6,)))
    add("random", "permutation", [jk, 12], R.permutation(k, 12))
    x = np.arange(12, dtype=np.float32).reshape(3, 4)
    add("random", "permutation", [jk, plain(x)], R.permutation(k, x))
    add("random", "permutation", [jk, plain(x), 1], R.permutation(k, x, 1))
    add("random", "permutation", [jk, plain(x), 1, True], R.permutation(k, x, 1, independent=True))
    add("random", "permutation", [jk, 3000], R.permutation(k, 3000))
    p = np.array([0.1, 0.2, 0.3, 0.4], np.float32)
    add("random", "choice", [jk, 4, {"shape": [3, 2]}], R.choice(k, 4, (3, 2)))
    add("random", "choice", [jk, plain(x), {"shape": [2], "axis": 1, "replace": False}], R.choice(k, x, (2,), False, None, 1))
    add("random", "choice", [jk, 4, {"shape": [7], "p": plain(p)}], R.choice(k, 4, (7,), True, p))
    add("random", "choice", [jk, 4, {"shape": [3], "p": plain(p), "replace": False}], R.choice(k, 4, (3,), False, p))
    logits = np.log(np.array([[0.1, 0.2, 0.7], [0.5, 0.25, 0.25]], np.float32))
    add("random", "categorical", [jk, plain(logits)], R.categorical(k, logits))
    add("random", "categorical", [jk, plain(logits), {"axis": 0}], R.categorical(k, logits, 0))
    add("random", "categorical", [jk, plain(logits), {"shape": [4, 2]}], R.categorical(k, logits, shape=(4, 2)))
    add("random", "categorical", [jk, plain(logits), {"shape": [2, 2], "replace": False}], R.categorical(k, logits, shape=(2, 2), replace=False))
    for name, js in [("exponential", 0), ("gumbel", 0), ("laplace", 0), ("logistic", 0), ("cauchy", 0), ("maxwell", 0)]:
        add("random", name, [jk, [6]], getattr(R, name)(k, (6,)), 1e-5 if name == "cauchy" else EPS)
    add("random", "pareto", [jk, 3, [6]], R.pareto(k, 3.0, (6,)), EPS)
    add("random", "rayleigh", [jk, 2, [6]], R.rayleigh(k, 2.0, (6,)), EPS)
    add("random", "weibullMin", [jk, 2, 1.5, [6]], R.weibull_min(k, 2.0, 1.5, (6,)), EPS)
    add("random", "triangular", [jk, 0, 1, 4, [6]], R.triangular(k, 0.0, 1.0, 4.0, (6,)), EPS)
    add("random", "lognormal", [jk, 0.5, [6]], R.lognormal(k, 0.5, (6,)), EPS)
    add("random", "truncatedNormal", [jk, -1, 2, [6]], R.truncated_normal(k, -1.0, 2.0, (6,)), EPS)
    add("random", "doubleSidedMaxwell", [jk, 1, 2, [6]], R.double_sided_maxwell(k, 1.0, 2.0, (6,)), EPS)
    add("random", "wald", [jk, 1.5, [6]], R.wald(k, 1.5, (6,)), 2e-5)
    a = plain(ALPHA)
    add("random", "gamma", [jk, a], R.gamma(k, ALPHA), 2e-5)
    add("random", "gamma", [jk, 1, [200]], R.gamma(k, 1.0, (200,)), 2e-5)
    add("random", "loggamma", [jk, a, [3, 5]], R.loggamma(k, ALPHA, (3, 5)), 2e-5)
    add("random", "beta", [jk, a, 2, [3, 5]], R.beta(k, ALPHA, 2.0, (3, 5)), 5e-5)
    add("random", "chisquare", [jk, 3, {"shape": [6]}], R.chisquare(k, 3.0, shape=(6,)), 2e-5)
    add("random", "f", [jk, 3, 4, {"shape": [6]}], R.f(k, 3.0, 4.0, shape=(6,)), 5e-5)
    add("random", "t", [jk, 5, [6]], R.t(k, 5.0, (6,)), 2e-5)
    add("random", "dirichlet", [jk, a, [2]], R.dirichlet(k, ALPHA, (2,)), 5e-5)
    add("random", "generalizedNormal", [jk, 1.5, [6]], R.generalized_normal(k, 1.5, (6,)), 2e-5)
    add("random", "ball", [jk, 3, {"shape": [4]}], R.ball(k, 3, shape=(4,)), 2e-5)
    # Where rates on both sides of 10 meet, JAX's rounds depend on roundings at a rate of 1e5.
    for rates in [[0.0, 0.5, 9.5], [10.0, 15.0, 60.0, 200.0]]:
        lam = np.array(rates, np.float32)
        add("random", "poisson", [jk, plain(lam)], R.poisson(k, lam))
    add("random", "poisson", [jk, 4, [50]], R.poisson(k, 4.0, (50,)))
    n, q = np.array([3, 40, 40, 1000, 7], np.float32), np.array([0.5, 0.1, 0.6, 0.3, 1.0], np.float32)
    add("random", "binomial", [jk, plain(n), plain(q)], R.binomial(k, n, q))
    add("random", "multinomial", [jk, 20, plain(np.array([0.2, 0.3, 0.5], np.float32))], R.multinomial(k, 20, np.array([0.2, 0.3, 0.5], np.float32)))
    mean, cov = np.array([1.0, -2.0], np.float32), np.array([[2.0, 0.5], [0.5, 1.0]], np.float32)
    add("random", "multivariateNormal", [jk, plain(mean), plain(cov), [3]], R.multivariate_normal(k, mean, cov, (3,)), 1e-5)
    add("random", "orthogonal", [jk, 4], R.orthogonal(k, 4), 2e-5)
    add("random", "orthogonal", [jk, 2, {"m": 3}], R.orthogonal(k, 2, m=3), 2e-5)

# Special functions in float32; JAX's own error is about 1e-6.
x = np.array([-30, -9.5, -3.25, -1, -0.3, 0.0, 1e-3, 0.4, 1, 1.7, 3, 7.9, 8.1, 20, 45, 80], np.float32)
positive = np.array([1e-3, 0.1, 0.4, 0.5, 0.7, 1, 1.4, 1.6, 3, 7, 20, 100], np.float32)
unit = np.array([0, 1e-30, 1e-6, 0.02, 0.1, 0.3, 0.5, 0.77, 0.9, 0.9999, 1], np.float32)
names = {"i0e": x, "i1e": x, "i0": x, "i1": x, "expi": x[x != 0], "exp1": positive, "spence": positive, "ndtr": x, "log_ndtr": x, "ndtri": unit,
         "gammaln": positive, "digamma": positive, "gamma": positive[:-1], "gammasgn": np.array([-2.5, -1.5, -0.5, 0, 0.5], np.float32),
         "factorial": np.array([0, 1, 4, 10], np.float32), "erf": x, "erfc": x, "erfinv": unit, "logit": unit, "expit": x, "entr": positive}
camel = lambda s: s.split("_")[0] + "".join(w.capitalize() for w in s.split("_")[1:])
for name, at in names.items():
    add("scipySpecial", camel(name), [plain(at)], getattr(sp, name)(at), 1e-4 if name in ("gamma", "digamma") else 1e-5)
pairs = {"xlogy": ([0, 0, 1, 2], [0, 3, 2, 0.5]), "xlog1py": ([0, 0, 1, 2], [-1, 3, 2, 0.5]), "rel_entr": ([0, 1, 2, 1], [1, 2, 0.5, 0]),
         "kl_div": ([0, 1, 2, 1], [1, 2, 0.5, 0]), "betaln": ([1, 2.5, 0.3], [2, 3, 7]), "beta": ([1, 2.5, 0.3], [2, 3, 7]),
         "poch": ([1, 2.5, 3], [3, 0, 2]), "zeta": ([1.5, 2, 8, 2], [1, 1, 0.5, 10]), "polygamma": ([0, 1, 2, 3], [1.5, 1.5, 0.3, 20]),
         "gammainc": ([0.5, 1, 2, 10, 50, 50, 0.1], [0.2, 3, 0, 12, 40, 70, 5]), "gammaincc": ([0.5, 1, 2, 10, 50, 50, 0.1], [0.2, 3, 0, 12, 40, 70, 5])}
for name, (a, b) in pairs.items():
    a, b = np.array(a, np.int32 if name == "polygamma" else np.float32), np.array(b, np.float32)
    add("scipySpecial", camel(name), [plain(a), plain(b)], getattr(sp, name)(a, b), 5e-5)

with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "random.json"), "w") as out:
    out.write("[\n" + ",\n".join(json.dumps(c) for c in cases) + "\n]\n")
print(len(cases), "cases")
