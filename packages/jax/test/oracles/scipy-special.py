"""Writes scipy-special.json for ../scipy-special.test.ts. Run: python scipy-special.py (needs jax 0.10 and scipy)."""
import importlib.util
import os
import sys
from functools import partial

here = os.path.dirname(os.path.abspath(__file__))
sys.path.pop(0)  # files here have the names of standard modules
spec = importlib.util.spec_from_file_location("scipy_case", os.path.join(here, "scipy_case.py"))
scipy_case = importlib.util.module_from_spec(spec)
spec.loader.exec_module(scipy_case)

import jax.numpy as jnp
import jax.scipy.special as S
import numpy as np
import scipy.special as T

from_case = ["INF", "NAN", "cases", "pairs", "plain", "short", "table", "write"]
INF, NAN, cases, pairs, plain, short, table, write = [getattr(scipy_case, name) for name in from_case]
add = partial(scipy_case.add, "special", (S, T))
rng = np.random.default_rng(7)

EDGES = [0.0, -0.0, 1.0, -1.0, 2.0, -2.0, 0.5, -0.5, INF, -INF, NAN]
WHOLE = [3.0, 4.0, 7.0, 12.0, 25.0, -3.0, -4.0, -11.0]
TINY = [1e-3, 1e-6, 1e-20, 1e-38, -1e-3, -1e-6, -1e-20]
BIG = [17.3, 50.5, 88.0, 170.5, 1e3, 1e5, 1e10, 1e30, -17.3, -50.5, -1e3, -1e6]
uniform = lambda lo, hi, n: rng.uniform(lo, hi, n).astype(np.float32).tolist()
logs = lambda lo, hi, n: (10 ** rng.uniform(lo, hi, n)).astype(np.float32).tolist()


def reals(name, lo=-8, hi=8, **kw):
    """A function of one real variable: edges, tiny and big ones, and the middle."""
    add(name, EDGES, **kw)
    add(name, TINY, **kw)
    add(name, BIG, **kw)
    add(name, WHOLE, **kw)
    add(name, uniform(lo, hi, 24), **kw)
    add(name, uniform(lo / 10, hi / 10, 16), **kw)
    add(name, logs(-4, 2, 16), **kw)


reals("gammaln", -6, 40)
add("gammaln", uniform(0.9, 1.1, 8) + uniform(1.9, 2.1, 8) + logs(0, 30, 16))
reals("loggamma", 0.1, 40, truth=T.gammaln)
reals("gammasgn", -6, 6, wrt=())
reals("gamma", -6, 34)
add("gamma", uniform(0.5, 6, 24))
reals("digamma", -6, 40, trust=False)
add("digamma", uniform(1, 2, 16) + logs(0, 20, 8))
reals("factorial", -1, 34, truth=lambda n: T.factorial(n))
reals("erf", -4, 4)
reals("erfc", -4, 10)
reals("erfcx", -8, 30)
reals("dawsn", -8, 8)
add("dawsn", uniform(0, 2, 16) + uniform(2, 14, 16))
add("erfcx", uniform(-9, 0, 16) + uniform(0, 4, 16) + logs(0, 30, 16))
add("erfinv", EDGES + TINY)
add("erfinv", uniform(-1, 1, 32) + [0.99, 0.9999, 0.999999, -0.99999])
add("erfinv", [1.5, -3.0])
reals("expit", -20, 20)
add("logit", EDGES + TINY + uniform(0, 1, 24) + [0.999, 0.999999, 1.5])
reals("entr", 0, 10)
reals("ndtr", -12, 8)
reals("log_ndtr", -30, 12)
add("log_ndtr", uniform(-11, -9, 8) + uniform(4, 6, 8) + uniform(-1, 1, 8))
add("ndtri", EDGES + [1e-3, 1e-6, 1e-20, 1e-38, 0.999, 0.99999, 1.5] + uniform(0, 1, 32))
for name in ["i0", "i0e", "i1", "i1e"]:
    reals(name, -20, 20, trust=name != "i0")  # jax's slope of i0 at 0 is 1
    add(name, uniform(7, 9, 8) + logs(0, 6, 8))
reals("expi", -20, 20)
add("expi", uniform(0.1, 1, 16) + uniform(1, 40, 16) + uniform(0.372, 0.373, 4), wrt=())
reals("exp1", 0, 20)
add("exp1", uniform(0.5, 3, 16) + logs(-6, 2, 16))
reals("spence", 0, 8, trust=False)
add("spence", uniform(0, 2, 24) + uniform(0.9, 1.1, 8) + logs(-6, 8, 16))
for i in range(2):
    reals("sici", -20, 20, pick=i)
    add("sici", uniform(0, 4, 16) + uniform(3.5, 60, 24) + logs(0, 9, 8), pick=i)
    reals("fresnel", -4, 4, pick=i)
    add("fresnel", uniform(0, 2, 16) + uniform(1, 40, 24) + logs(0, 8, 8), pick=i)

POS = [0.0, 1e-6, 0.1, 0.5, 1.0, 2.5, 10.0, 60.0]
SHAPE = [1e-3, 0.1, 0.5, 1.0, 2.5, 10.0, 33.0, 100.0]
for name in ["gammainc", "gammaincc"]:
    add(name, table(SHAPE, POS))
    add(name, pairs(logs(-1, 2, 40), logs(-1, 2, 40)))
    a = np.asarray(logs(0, 5, 40))
    add(name, pairs(a, a * (1 + np.asarray(uniform(-1, 1, 40)) * 3 / np.sqrt(a))))
    add(name, table([1e4, 1e6, 1e8], [0.9e4, 1e4, 1.01e4, 1e6, 1.001e6, 1e8, 1.0002e8]))
    add(name, table([0.0, -1.0, 1.0, INF, NAN], [0.0, -1.0, 1.0, INF, NAN]))
for name in ["beta", "betaln"]:
    add(name, table(SHAPE, SHAPE))
    add(name, pairs(logs(-2, 2, 40), logs(-2, 2, 40)))
    add(name, pairs(logs(0, 6, 24), logs(0, 6, 24)))
    add(name, table([0.0, -1.0, 1.0, INF, NAN], [0.0, -1.0, 1.0, INF, NAN]))
    add(name, table([-0.5, -1.5, -2.25, 0.75], [-0.25, 0.75, 3.5]))
add("betainc", table([0.1, 0.5, 1.0, 3.0, 20.0, 100.0], [0.1, 0.5, 1.0, 3.0, 20.0, 100.0], [0.0, 1e-3, 0.3, 0.5, 0.9, 1.0]), wrt=(2,))
add("betainc", pairs(logs(-1, 2, 60), logs(-1, 2, 60), uniform(0, 1, 60)), wrt=(2,), differences=(0, 1))
a, b = np.asarray(logs(1, 4, 40)), np.asarray(logs(1, 4, 40))
m = a / (a + b)
add("betainc", pairs(a, b, np.clip(m + np.asarray(uniform(-3, 3, 40)) * np.sqrt(m * (1 - m) / (a + b)), 1e-6, 1 - 1e-6)), wrt=(2,))
add("betainc", table([0.0, -1.0, 1.0, INF, NAN], [0.0, -1.0, 1.0, INF, NAN], [-0.5, 0.0, 0.5, 1.0, 1.5, NAN]), wrt=())
add("comb", table([0.0, 1.0, 5.0, 10.0, 30.0, 100.0, 4.5, -1.0], [0.0, 1.0, 2.0, 5.0, 7.0, 15.0, 2.5, -1.0]), wrt=())
add("comb", table([5.0, 10.0, 30.0], [1.0, 2.0, 4.0]))
add("comb", table([0.0, 1.0, 5.0, 10.0], [0.0, 1.0, 2.0, 5.0]), truth="jax", wrt=(), options={"repetition": True})
add("poch", table([0.5, 1.0, 3.0, 10.0, 30.5], [0.0, 0.5, 1.0, 2.0, 4.0]))
add("poch", pairs(logs(-1, 1, 24), uniform(0, 8, 24)))
add("poch", table([0.0, -1.0, -2.5, INF, NAN], [0.0, 1.0, 2.0, INF, NAN]), wrt=())
for d in [1, 2, 5]:
    add("multigammaln", [[x] for x in uniform(2.5, 30, 16)], truth=lambda a, d=d: np.array([T.multigammaln(x, d) for x in a]), options={"d": d}, js="multigammaln")
add("zeta", pairs(uniform(1.1, 12, 32), uniform(0.1, 30, 32)), wrt=(1,))
add("zeta", table([1.0, 1.5, 2.0, 3.0, 8.0, 30.0], [0.5, 1.0, 2.0, 10.0, 100.0]), wrt=(1,))
add("zeta", table([0.5, 1.0, 2.0, 2.5, INF, NAN], [-2.0, -1.5, 0.0, 1.0, INF, NAN]), wrt=())
for n in [0, 1, 2, 3, 5, 10, 30]:
    add("polygamma", [0.1, 0.5, 1.0, 2.0, 7.5, 30.0, 1e4, 0.0, -1.0, -1.2, INF, NAN], statics=[n])
FACTOR = [0.0, 1e-3, 0.5, 1.0, 2.0, 30.0, -1.0, INF, NAN]
for name in ["xlogy", "rel_entr", "kl_div"]:
    add(name, table(FACTOR, FACTOR))
    add(name, pairs(uniform(0, 3, 24), uniform(0, 3, 24)))
    x = np.asarray(uniform(0.5, 3, 16))
    add(name, pairs(x, x * (1 + np.asarray(uniform(-1e-3, 1e-3, 16)))))
add("xlog1py", table(FACTOR, FACTOR + [-0.5]))
add("xlog1py", pairs(uniform(-3, 3, 24), uniform(-1, 3, 24)))
for name in ["boxcox", "boxcox1p"]:
    add(name, table([0.0, 1e-3, 0.5, 1.0, 2.0, 30.0], [0.0, -1.0, -0.3, 1e-3, 0.5, 1.0, 2.0]))
    add(name, pairs(uniform(0.1, 8, 24), uniform(-2, 2, 24)))
    add(name, table([-1.0, -0.5, INF, NAN], [0.0, 0.5, -1.0, 1.0, INF, NAN]), wrt=())
for n in [0, 1, 2, 3, 5, 10, 60]:
    add("expn", [0.0, 1e-3, 0.1, 0.5, 0.99, 1.0, 1.5, 3.0, 10.0, 50.0, 100.0, -1.0, INF, NAN], statics=[n], trust=False)
    add("expn", uniform(0, 4, 16), statics=[n])
add("owens_t", table([0.0, 0.1, -0.5, 1.0, 2.5, 5.0, 12.0, INF, -INF, NAN], [0.0, 0.1, 0.5, -1.0, 1.0, 3.0, 50.0, INF, -INF, NAN]))
add("owens_t", pairs(uniform(-3, 3, 40), uniform(-4, 4, 40)))
add("hyp1f1", table([0.5, 1.0, 2.5, 8.0], [0.5, 1.0, 3.0, 9.5], [0.0, 0.1, -0.5, 1.0, 3.0, 8.0, -8.0]))
add("hyp1f1", table([1.5, 3.0], [0.5, 4.0], [20.0, 50.0, 80.0, -20.0, -50.0]), wrt=(2,))
add("hyp1f1", pairs(uniform(0.1, 5, 40), uniform(0.1, 5, 40), uniform(-6, 6, 40)))
add("hyp1f1", table([0.0, 1.0, -2.0], [1.0, 0.0, 2.0], [0.0, 1.0, INF, -INF, NAN]), wrt=())
add("hyp2f1", table([0.5, 1.0, 2.5], [0.5, 1.5], [1.0, 2.25, 4.0], [0.0, 0.1, 0.4, -0.4, 0.7, 0.9, -0.9, -3.0]), wrt=())
add("hyp2f1", pairs(uniform(0.1, 3, 40), uniform(0.1, 3, 40), uniform(0.2, 5, 40), uniform(-0.8, 0.8, 40)))
add("hyp2f1", table([1.0, -2.0, 0.0], [2.0, -1.0], [1.5, 3.0], [1.0, -1.0, 0.5, 2.0, NAN]), wrt=())
for v in [0, 1, 4]:
    z = [0.1, 0.5, 1.0, 2.5, 5.0, 9.0, 14.0, -1.0, -4.0, 20.0]
    for k in range(v + 1):
        add("bessel_jn", z, truth=lambda x, k=k: T.jv(k, x), options={"v": v}, pick=k)


def numbers(name, args, result, truth):
    cases.append({"space": "special", "fn": name, "statics": args, "args": [], "jax": short(result), "truth": plain(truth)})


for n in [0, 1, 2, 5, 10, 20, 30]:
    numbers("bernoulli", [n], S.bernoulli(n).astype(jnp.float32), T.bernoulli(max(n, 1))[: n + 1])


def complexes(rows, f, truth, js, integers=()):
    """Functions with complex results: cases for the two parts."""
    rows = np.asarray(rows, np.float32)
    got = np.asarray(f(rows, np.complex64))
    want = np.asarray(truth(rows.astype(np.float64)))
    for part in ["real", "imag"]:
        cases.append({
            "space": "special", "fn": js, "statics": [], "args": [short(rows[:, i]) for i in range(rows.shape[1])], "part": part,
            "jax": short(getattr(got, part)), "truth": plain(getattr(want, part)), "scale": plain(np.abs(want)),
            "integers": list(integers),
        })


wofz32 = lambda r, d: S.wofz(jnp.asarray(r[:, 0] + 1j * r[:, 1], d))
complexes(table([0.0, 0.1, -0.5, 1.0, 3.0, 7.0, 30.0, 1e4], [0.0, 0.1, 0.5, 1.0, 3.0, 10.0, 100.0, -0.1, -1.0, -2.0]), wofz32, lambda r: T.wofz(r[:, 0] + 1j * r[:, 1]), "wofz")
complexes(pairs(uniform(-6, 6, 60), uniform(-1, 6, 60)), wofz32, lambda r: T.wofz(r[:, 0] + 1j * r[:, 1]), "wofz")

nm = [(n, m) for n in range(7) for m in range(-n, n + 1)]
angles = [(0.1, 0.3), (1.2, -2.0), (2.9, 4.0)]
rows = [(n, m, t, p) for n, m in nm for t, p in angles]
harm = lambda r, d: S.sph_harm_y(jnp.asarray(r[:, 0], jnp.int32), jnp.asarray(r[:, 1], jnp.int32), jnp.asarray(r[:, 2], jnp.float32), jnp.asarray(r[:, 3], jnp.float32), n_max=6)
complexes(rows, harm, lambda r: T.sph_harm_y(r[:, 0].astype(int), r[:, 1].astype(int), r[:, 2], r[:, 3]), "sphHarmY", [0, 1])

write(os.path.abspath(__file__))
