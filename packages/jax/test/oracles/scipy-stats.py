"""Writes scipy-stats.json for ../scipy-stats.test.ts. Run: python scipy-stats.py (needs jax 0.10 and scipy)."""
import importlib.util
import os
import sys

here = os.path.dirname(os.path.abspath(__file__))
sys.path.pop(0)  # files here have the names of standard modules
spec = importlib.util.spec_from_file_location("scipy_case", os.path.join(here, "scipy_case.py"))
scipy_case = importlib.util.module_from_spec(spec)
spec.loader.exec_module(scipy_case)

import jax
import jax.numpy as jnp
import jax.scipy.stats as S
import numpy as np
import scipy.stats as T

INF, NAN, cases, camel = scipy_case.INF, scipy_case.NAN, scipy_case.cases, scipy_case.camel
pairs, plain, short, table = scipy_case.pairs, scipy_case.plain, scipy_case.short, scipy_case.table
rng = np.random.default_rng(11)
uniform = lambda lo, hi, n: rng.uniform(lo, hi, n).astype(np.float32).tolist()
logs = lambda lo, hi, n: (10 ** rng.uniform(lo, hi, n)).astype(np.float32).tolist()
whole = lambda lo, hi, n: rng.integers(lo, hi, n).astype(np.float32).tolist()


# jax refuses derivatives of these.
NO_SLOPE = {"gumbel_l", "gumbel_r"}


# Where scipy's float64 is not the truth: exp underflows before log, 1 - q is 1.
TRUTH = {
    ("laplace", "logpdf"): lambda x, loc=0.0, scale=1.0: -np.abs((x - loc) / scale) - np.log(2 * scale),
    ("pareto", "ppf"): lambda q, b, loc=0.0, scale=1.0: np.where((q >= 0) & (q <= 1), loc + scale * np.exp(-np.log1p(-q) / b), np.nan),
}


def distribution(name, functions, *grids, wrt=None, truth=None):
    """Each function at each grid of rows."""
    spaces = getattr(S, name), truth or getattr(T, name)
    for f in functions.split():
        for grid in grids:
            rows = np.asarray(grid, np.float32)
            which = wrt(f, rows.shape[1]) if wrt else None
            more = {"wrt": (), "differences": range(rows.shape[1] if rows.ndim > 1 else 1)} if name in NO_SLOPE else {"wrt": which}
            scipy_case.add("stats." + camel(name), spaces, f, grid, **more, conditioned=True, truth=TRUTH.get((name, f)))


ALL = "pdf logpdf cdf logcdf sf logsf"
EDGE = [0.0, 1.0, -1.0, INF, -INF, NAN]
WIDE = [0.0, 0.1, -0.5, 1.0, -2.0, 4.5, -9.0, 15.0, -40.0, 1e3]
PLACE = pairs(uniform(-5, 5, 20), uniform(-3, 3, 20), logs(-1, 1, 20))
EDGE_PLACE = table(EDGE, [0.0, 1.0], [1.0, 2.5])
CHANCE = [1e-30, 1e-6, 0.01, 0.2, 0.5, 0.75, 0.99, 0.99999]
NO_CHANCE = [0.0, 1.0, -0.5, 1.5, NAN]

for name, extra in [("norm", ""), ("cauchy", ""), ("expon", ""), ("gumbel_l", ""), ("gumbel_r", "")]:
    distribution(name, ALL, table(WIDE), PLACE, EDGE_PLACE)
    chances = [q for q in CHANCE if q > 1e-20 or name != "cauchy"]
    ends = [] if name == "cauchy" else NO_CHANCE  # there the tangent of the rounded pi / 2 is finite
    distribution(name, "ppf", table(chances + ends), pairs(uniform(0, 1, 12), uniform(-3, 3, 12), logs(-1, 1, 12)))
for name in ["norm", "cauchy"]:
    distribution(name, "isf", table(CHANCE[1:]), pairs(uniform(0, 1, 12), uniform(-3, 3, 12), logs(-1, 1, 12)))
distribution("uniform", "pdf logpdf cdf", table([-0.5, 0.0, 0.25, 1.0, 1.5]), PLACE)
distribution("uniform", "ppf", table(CHANCE + NO_CHANCE), pairs(uniform(0, 1, 12), uniform(-3, 3, 12), logs(-1, 1, 12)))
distribution("laplace", "pdf logpdf cdf", table(WIDE), PLACE, EDGE_PLACE)
distribution("logistic", "pdf logpdf cdf sf", table(WIDE), PLACE, EDGE_PLACE)
distribution("logistic", "ppf isf", table(CHANCE), pairs(uniform(0, 1, 12), uniform(-3, 3, 12), logs(-1, 1, 12)))
distribution("t", "pdf logpdf", table(WIDE, [0.5, 1.0, 3.5, 30.0, 1e4]), pairs(uniform(-5, 5, 20), logs(-1, 3, 20), uniform(-3, 3, 20), logs(-1, 1, 20)))
SHAPE = [0.1, 0.5, 1.0, 2.5, 12.0, 80.0]
distribution("gamma", ALL, table([1e-3, 0.5, 1.0, 3.0, 11.0, 70.0], SHAPE), pairs(logs(-1, 2, 20), logs(-1, 2, 20), uniform(-3, 0, 20), logs(-1, 1, 20)))
distribution("gamma", ALL, table([-1.0, 0.0, INF, -INF, NAN], [0.5, 1.0, 2.0]), wrt=lambda f, n: ())
distribution("chi2", ALL, table([1e-3, 0.5, 1.0, 3.0, 11.0, 70.0], [0.5, 1.0, 2.0, 7.0, 50.0]), pairs(logs(-1, 2, 20), logs(-1, 2, 20), uniform(-3, 0, 20), logs(-1, 1, 20)))
distribution("chi2", ALL, table([-1.0, 0.0, INF, -INF, NAN], [1.0, 3.0, 7.0]), wrt=lambda f, n: ())
first = lambda f, n: None if f in ("pdf", "logpdf") else [0]
distribution("beta", ALL, table([1e-3, 0.3, 0.5, 0.9], SHAPE, [0.3, 1.0, 4.0, 50.0]), pairs(uniform(0, 1, 24), logs(-0.5, 2, 24), logs(-0.5, 2, 24)), wrt=first)
distribution("beta", ALL, pairs(uniform(1, 2, 12), uniform(0.5, 9, 12), uniform(0.5, 9, 12), uniform(0, 0.9, 12), uniform(1.2, 3, 12)), wrt=first)
distribution("beta", ALL, table([-0.5, 0.0, 1.0, 1.5, NAN], [1.0, 2.5], [1.0, 3.0]), wrt=lambda f, n: ())
distribution("gennorm", "pdf logpdf cdf", table([-3.0, -0.4, 0.2, 1.0, 5.0], [0.5, 1.0, 2.0, 4.5]), pairs(uniform(-4, 4, 24), uniform(0.3, 5, 24)))
distribution("pareto", ALL, table([0.5, 1.0, 1.001, 1.5, 3.0, 1e3], [0.2, 1.0, 3.5]), pairs(uniform(1, 9, 20), logs(-1, 1, 20), uniform(-3, 0, 20), logs(-1, 0, 20)))
distribution("pareto", "ppf", table([1e-30], [0.5, 2.0]), wrt=lambda f, n: ())
distribution("pareto", "ppf", table(CHANCE[1:] + NO_CHANCE, [0.5, 2.0]), pairs(uniform(0, 1, 12), logs(-1, 1, 12), uniform(-3, 3, 12), logs(-1, 1, 12)))
distribution("truncnorm", ALL, table([-0.9, 0.0, 0.5, 1.9], [-2.0, -1.0], [1.0, 2.0]), table([3.2, 4.0], [3.0], [5.0, 9.0]), table([-8.0, -5.0], [-9.0], [-4.0]))
distribution("truncnorm", ALL, table([-3.0, 3.0, NAN], [-2.0], [2.0, -3.0]), pairs(uniform(-1, 1, 12), uniform(-2, -1, 12), uniform(1, 2, 12), uniform(-0.1, 0.1, 12), uniform(1, 2, 12)), wrt=lambda f, n: ())
distribution("vonmises", "pdf logpdf", table([-3.0, 0.0, 0.01, 1.0, 3.1], [0.01, 1.0, 10.0, 500.0]), pairs(uniform(-3, 3, 16), logs(-1, 2, 16)))
distribution("vonmises", "pdf logpdf", table([0.0, 1.0], [0.0, -1.0]), wrt=lambda f, n: ())
distribution("wrapcauchy", "pdf logpdf", table([0.0, 0.01, 1.0, 3.0, 6.0], [0.01, 0.5, 0.99]), pairs(uniform(0, 6, 16), uniform(0, 1, 16)))
distribution("wrapcauchy", "pdf logpdf", table([-1.0, 7.0], [0.5, 1.0, -0.1]), wrt=lambda f, n: ())

PROB = [0.01, 0.3, 0.5, 0.9]
later = lambda f, n: list(range(1, n))
distribution("bernoulli", "pmf logpmf", table([0.0, 1.0], PROB), wrt=lambda f, n: [1])
distribution("bernoulli", "pmf logpmf", table([-1.0, 0.0, 1.0, 2.0], [0.0, 1.0]), wrt=lambda f, n: ())
distribution("bernoulli", "cdf", table([-0.5, 0.0, 0.5, 1.0, 2.0], [0.0, 0.3, 1.0, 1.5]), wrt=lambda f, n: ())
distribution("bernoulli", "ppf", table(CHANCE, PROB), table([0.0, 1.0, -0.5, NAN], [0.3, 1.5]), wrt=lambda f, n: ())
distribution("binom", "pmf logpmf", table([0.0, 1.0, 4.0, 9.0], [9.0, 10.0, 40.0], PROB), pairs(whole(0, 100, 24), whole(100, 200, 24), uniform(0, 1, 24)), wrt=lambda f, n: [2])
distribution("binom", "pmf logpmf", pairs(whole(4800, 5200, 16), [1e4] * 16, uniform(0.45, 0.55, 16)), wrt=lambda f, n: [2])
distribution("binom", "pmf logpmf", table([-1.0, 0.0, 3.0, 7.0], [0.0, 3.0], [0.0, 0.4, 1.0]), wrt=lambda f, n: ())
distribution("betabinom", "pmf logpmf", table([0.0, 1.0, 4.0, 9.0], [9.0, 40.0], [0.5, 1.0, 7.0], [0.3, 2.0, 20.0]), wrt=lambda f, n: [2, 3])
distribution("betabinom", "pmf logpmf", table([-1.0, 0.0, 3.0, 7.0], [0.0, 3.0], [1.0, -1.0], [2.0]), wrt=lambda f, n: ())
distribution("nbinom", "pmf logpmf", table([0.0, 1.0, 4.0, 30.0], [0.5, 1.0, 5.0, 60.0], PROB), pairs(whole(0, 300, 24), logs(0, 2, 24), uniform(0, 1, 24)), wrt=lambda f, n: [1, 2])
distribution("nbinom", "pmf logpmf", table([-1.0, 2.0], [3.0], [0.4]), wrt=lambda f, n: ())
distribution("geom", "pmf logpmf", table([1.0, 2.0, 7.0, 100.0], PROB), wrt=lambda f, n: [1])
distribution("geom", "pmf logpmf", table([-1.0, 0.0, 1.0, 3.0], [0.3, 1.0]), wrt=lambda f, n: ())
distribution("poisson", "pmf logpmf cdf", table([0.0, 1.0, 3.0, 12.0, 80.0], [0.1, 1.0, 7.5, 60.0]), pairs(whole(0, 300, 24), logs(0, 2.5, 24)), wrt=lambda f, n: [1])
distribution("poisson", "pmf logpmf cdf", table([-1.0, 0.0, 2.0], [0.0, 3.0]), table([0.5, 2.5], [3.0]), wrt=lambda f, n: ())
scipy_case.add("stats.poisson", (S.poisson, T.poisson), "entropy", [0.0, 0.1, 1.0, 4.0, 9.9, 10.1, 30.0, 59.0, 61.0, 99.0, 101.0, 500.0, 1e4], truth=lambda mu: np.array([T.poisson(m).entropy() if m < 1e3 else 0.5 * np.log(2 * np.pi * np.e * m) - 1 / (12 * m) for m in mu]), wrt=())


def matrix(space, fn, got, want, args, shapes, integers=(), **more):
    """A case whose arguments have shapes."""
    cases.append({
        "space": space, "fn": fn, "args": [short(a) for a in args], "shapes": [list(s) for s in shapes],
        "integers": list(integers), "jax": short(got), "truth": plain(want), **more,
    })


def vectors(name, fn, rows, integers=()):
    """Distributions of vectors, one call a row."""
    for args in rows:
        args = [np.asarray(a, np.int32 if i in integers else np.float32) for i, a in enumerate(args)]
        got = getattr(getattr(S, name), fn)(*args)
        wide = [a if i in integers else a.astype(np.float64) for i, a in enumerate(args)]
        with jax.enable_x64(True):
            want = np.asarray(getattr(getattr(S, name), fn)(*[jnp.asarray(a) for a in wide]))
        if name == "multivariate_normal":
            want = getattr(T.multivariate_normal, fn)(*wide)
        matrix("stats." + camel(name), fn, got, want, args, [a.shape for a in args], integers)


spread = rng.normal(size=(3, 3))
cov = (spread @ spread.T + np.eye(3)).astype(np.float32)
for fn in ["pdf", "logpdf"]:
    vectors("multivariate_normal", fn, [
        (0.5, 0.1, 2.0), ([0.5, 1.0], [0.0, 0.2], 1.5), (rng.normal(size=3), np.zeros(3), cov),
        (rng.normal(size=(5, 3)), np.ones(3), cov), (rng.normal(size=(2, 4, 3)), np.ones(3), np.eye(3) * 3),
    ])
    simplex = rng.dirichlet([1.0, 2.0, 3.0], 4).astype(np.float32)
    vectors("dirichlet", fn, [(simplex[0], [0.5, 1.0, 4.0]), (simplex[1][:2], [2.0, 2.0, 2.0]), (simplex[:, :2].T, [1.5, 0.7, 3.0]), ([0.5, 0.6, 0.1], [1.0, 1.0, 1.0])])
for fn in ["pmf", "logpmf"]:
    vectors("multinomial", fn, [([1, 2, 3], 6, [0.2, 0.3, 0.5]), ([0, 0, 7], 7, [0.1, 0.1, 0.8]), ([1, 2, 3], 5, [0.2, 0.3, 0.5]), ([300, 310, 390], 1000, [0.3, 0.3, 0.4]), ([0, 5], 5, [0.0, 1.0])], integers=(0, 1))

sample = rng.normal(size=(2, 30)).astype(np.float32)
ties = rng.integers(0, 6, (4, 7)).astype(np.float32)
holes = ties.copy()
holes[1, 2] = NAN
for x in [ties, ties[0], holes, np.array([3, 1, 2], np.float32)]:
    for method in ["average", "min", "max", "dense", "ordinal"]:
        for axis in [None] + list(range(x.ndim)):
            options = {"method": method, "axis": axis}
            matrix("stats", "rankdata", S.rankdata(x, **options), T.rankdata(x, **options), [x], [x.shape], options=options)
    for axis in [None] + list(range(x.ndim)):
        for keepdims in [False, True]:
            options = {"axis": axis, "keepdims": keepdims}
            for part in ["mode", "count"]:
                got = getattr(S.mode(x, **options), part)
                matrix("stats", "mode", got, getattr(T.mode(x, **options), part), [x], [x.shape], options=options, pick=part)
            for ddof in [0, 1]:
                o = {"axis": axis, "ddof": ddof, "keepdims": keepdims}
                want = T.sem(x.astype(np.float64), axis=axis, ddof=ddof)
                matrix("stats", "sem", S.sem(x, **o), want, [x], [x.shape], options=o)
    matrix("stats", "sem", S.sem(x, nan_policy="omit"), S.sem(x.astype(np.float64), nan_policy="omit"), [x], [x.shape], options={"nanPolicy": "omit"})


line, plane = sample[0], sample
at = rng.normal(size=(2, 6)).astype(np.float32)
for data, points in [(line, at[0]), (plane, at)]:
    for method in [{}, {"bw_method": "silverman"}, {"bw_method": 0.4}, {"weights": np.linspace(1, 2, 30).tolist()}]:
        m = {k: jnp.asarray(v, jnp.float32) if k == "weights" else v for k, v in method.items()}
        for fn in ["evaluate", "logpdf"]:
            for dtype in [np.float32, np.float64]:
                out = getattr(S.gaussian_kde(jnp.asarray(data, dtype), **m), fn)(jnp.asarray(points, dtype))
                got = out if dtype == np.float32 else got
            cases.append({"space": "stats", "fn": "gaussianKde", "method": fn, "args": [short(data), short(points)], "shapes": [list(data.shape), list(points.shape)], "options": {camel(k): v for k, v in method.items()}, "jax": short(got), "truth": plain(out)})
one, two = S.gaussian_kde(jnp.asarray(line)), S.gaussian_kde(jnp.asarray(line * 1.5 + 0.3))
true1, true2 = T.gaussian_kde(line.astype(np.float64)), T.gaussian_kde((line * np.float32(1.5) + np.float32(0.3)).astype(np.float64))
for fn, numbers, got, want in [
    ("integrateBox1d", [-0.5, 0.7], one.integrate_box_1d(-0.5, 0.7), true1.integrate_box_1d(-0.5, 0.7)),
    ("integrateGaussian", [0.2, 0.5], one.integrate_gaussian(0.2, 0.5), true1.integrate_gaussian(0.2, 0.5)),
    ("integrateKde", None, one.integrate_kde(two), true1.integrate_kde(true2)),
]:
    numbers = short(line * np.float32(1.5) + np.float32(0.3)) if numbers is None else numbers
    cases.append({"space": "stats", "fn": "gaussianKde", "method": fn, "args": [short(line)], "shapes": [[30]], "operands": numbers, "jax": short(got), "truth": plain(want)})

scipy_case.write(os.path.abspath(__file__))
