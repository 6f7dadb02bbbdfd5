"""Cases of scipy-special.py and scipy-stats.py: one function at many points, with what jax gives and the truth.

jax computes in float32. The truth is scipy in float64, or where scipy has no such function jax in float64. Derivatives are
taken point by point; their truth are differences in float64 where those agree, else what jax says in float64.
"""
import json
import os
import warnings

import jax
import jax.numpy as jnp
import numpy as np

warnings.filterwarnings("ignore")
jax.config.update("jax_enable_x64", True)
INF, NAN = float("inf"), float("nan")
cases = []


def plain(x):
    """Float64 values with twelve digits, a thousand times what float32 has."""
    spell = lambda v: float(f"{v:.12g}") if np.isfinite(v) else str(v)
    return [spell(v) for v in np.asarray(x, np.float64).ravel().tolist()]


def short(x):
    """Float32 values with as many digits as they need."""
    spell = lambda v: float(str(np.float32(v))) if np.isfinite(v) else str(float(v))
    return [spell(v) for v in np.asarray(x, np.float32).ravel()]


def camel(name):
    head, *rest = name.split("_")
    return head + "".join(r.capitalize() for r in rest)


made = {}
# Loops that do not end where another branch is meant: these must not be batched.
ALONE = {"expi", "exp1", "expn", "hyp1f1", "hyp2f1"}


def function(space, f0, name, statics, options, pick, wrt):
    """The jitted function and its derivatives point by point, so that a NaN stays where it is."""
    key = (space, name, tuple(statics), tuple(sorted(options.items())), pick, tuple(wrt))
    if key not in made:
        g = lambda *xs: f0(*statics, *xs, **options)
        f = (lambda *xs: g(*xs)[pick]) if pick is not None else g
        if name in ALONE:
            loop = lambda h: lambda *xs: np.array([h(*x) for x in zip(*xs)])
            made[key] = loop(jax.jit(f)), [loop(jax.jit(jax.grad(f, argnums=i))) for i in wrt]
        else:
            made[key] = jax.jit(f), [jax.jit(jax.vmap(jax.grad(f, argnums=i))) for i in wrt]
    return made[key]


def padded(a):
    """One of a few lengths, for the sake of jax's cache."""
    n = next(n for n in [64, 256, 1024] if n >= len(a))
    return np.concatenate([a, np.full(n - len(a), a[0])])


def add(space, spaces, name, points, truth=None, wrt=None, options=None, pick=None, statics=None, js=None, differences=(), trust=True, conditioned=False):
    """space: where the function lies here, spaces: and in jax and scipy. points: rows of arguments. wrt: the arguments to differentiate in; None for all, () for none.
    statics: leading arguments that are Python numbers. pick: which of several results. trust: whether jax's derivatives
    in float64 are right where differences do not agree. conditioned: say how much the results change with the arguments."""
    rows = np.asarray(points, np.float32)
    if rows.ndim == 1:
        rows = rows[:, None]
    n = len(rows)
    args = [rows[:, i] for i in range(rows.shape[1])]
    options, statics = options or {}, statics or []
    wrt = list(range(len(args))) if wrt is None else list(wrt)
    f, gs = function(space, getattr(spaces[0], name), name, statics, options, pick, wrt)
    fill = (lambda a: a) if name in ALONE else padded
    narrow = [jnp.asarray(fill(a), jnp.float32) for a in args]
    wide = [jnp.asarray(fill(a), jnp.float64) for a in args]
    t0 = truth if truth is not None else getattr(spaces[1], name, None)
    if t0 is None or t0 == "jax":
        want64 = np.asarray(f(*wide))[:n]
    else:
        got = t0(*statics, *[a.astype(np.float64) for a in args])
        want64 = pick_of(got, pick)
    case = {
        "space": space,
        "fn": js or camel(name),
        "statics": statics,
        "args": [short(a) for a in args],
        "jax": short(np.asarray(f(*narrow))[:n]),
        "truth": plain(want64),
    }
    if options:
        case["options"] = {camel(k): v for k, v in options.items()}
    if pick is not None:
        case["pick"] = pick
    exact = None if t0 is None or t0 == "jax" else lambda *xs: pick_of(t0(*statics, *xs), pick)
    case["grads"] = [
        {"arg": i, "jax": short(np.asarray(g(*narrow))[:n]), "truth": plain(slope(exact, args, i, np.asarray(g(*wide))[:n] if trust else np.full(n, NAN)))}
        for i, g in zip(wrt, gs)
    ] + [{"arg": i, "jax": None, "truth": plain(slope(exact, args, i, np.full(n, NAN)))} for i in differences]
    if conditioned:
        real = sorted({*wrt, *differences})
        case["condition"] = rough(condition(lambda *xs: f(*map(fill, xs))[:n], args, real, 1e-6))
        for entry, g in zip(case["grads"], gs):
            entry["condition"] = rough(condition(lambda *xs: g(*map(fill, xs))[:n], args, real, 1e-6))
        for entry in case["grads"][len(gs):]:
            by = lambda *xs, i=entry["arg"]: slope(exact, xs, i, np.full(n, NAN))
            entry["condition"] = rough(condition(by, args, real, 1e-4))
    cases.append(case)
    print(name, len(cases), flush=True)


def pick_of(result, pick):
    return np.asarray(result[pick] if isinstance(result, tuple) else result, np.float64)


def condition(f, args, which, step):
    """How much f changes when an argument does, times that argument: the largest of them, in float64."""
    xs = [a.astype(np.float64) for a in args]
    changes = [np.zeros(len(xs[0]))]
    for i in which:
        up, down = [np.asarray(f(*[x * (1 + s) if j == i else x for j, x in enumerate(xs)])) for s in (step, -step)]
        change = np.abs(up - down) / (2 * step)
        changes.append(np.where(np.isfinite(change), change, 0))
    return np.max(changes, 0)


def rough(x):
    return [float(f"{v:.3g}") for v in np.asarray(x, np.float64).ravel().tolist()]


def slope(f, args, i, otherwise):
    """The derivative by differences of fourth order in float64 where two of them agree, else what jax says in float64."""
    if f is None:
        return otherwise
    xs = [a.astype(np.float64) for a in args]

    here = np.abs(f(*xs))
    best = otherwise
    for size in [np.abs(xs[i]), np.minimum(np.abs(xs[i]), 1)]:
        size = np.where(xs[i] == 0, 1, size)

        def difference(step):
            h = step * size
            at = lambda k: f(*[x + k * h if j == i else x for j, x in enumerate(xs)])
            return (8 * (at(1) - at(-1)) - (at(2) - at(-2))) / (12 * h)

        a, b = difference(1e-3), difference(5e-4)
        seen = np.abs(b) * 5e-4 * size > 1e-8 * here
        best = np.where((np.abs(a - b) <= 1e-8 * np.abs(b)) & seen, b, best)
    return best


def table(*columns):
    """All combinations."""
    return [list(p) for p in np.stack(np.meshgrid(*columns, indexing="ij"), -1).reshape(-1, len(columns))]


def pairs(*columns):
    return np.stack([np.asarray(c, np.float32) for c in columns], -1).tolist()


def write(path):
    with open(os.path.splitext(path)[0] + ".json", "w") as f:
        json.dump(cases, f, separators=(",", ":"))
    values = sum(len(c["truth"]) + sum(len(g["truth"]) for g in c.get("grads", [])) for c in cases)
    print(len(cases), "cases,", values, "values")
