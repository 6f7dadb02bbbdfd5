"""Records calls of JAX: a case is `c(name, *args, **options)`.

The JAX function of that name is called; our call is the same one with the name and the options in camelCase, options as
the last object.
"""
import json
import os
import re
import sys
import warnings

import jax
import jax.image
import jax.numpy as jnp
import jax.ops
import jax.scipy
import jax.scipy.stats
import numpy as np
from jax import lax, nn

warnings.filterwarnings("ignore")
jax.config.update("jax_default_matmul_precision", "highest")
inf, nan = np.inf, np.nan
SPACES = {"numpy": jnp, "linalg": jnp.linalg, "fft": jnp.fft, "lax": lax, "laxLinalg": lax.linalg, "nn": nn, "random": jax.random,
          "initializers": nn.initializers, "special": jax.scipy.special, "image": jax.image, "ops": jax.ops, "scipyLinalg": jax.scipy.linalg,
          "signal": jax.scipy.signal, "stats": jax.scipy.stats.norm, "scipyFft": jax.scipy.fft, "ndimage": jax.scipy.ndimage}
SCIPY = "special image ops scipyLinalg signal scipyFft ndimage".split()
files = {}
camel = lambda s: re.sub(r"_+([a-z0-9])", lambda m: m.group(1).upper(), s)
ARRAYS = (np.ndarray, np.generic, jax.Array)


class Key:
    def __init__(self, seed):
        self.seed = seed


def values(a):
    if a.dtype.kind == "b":
        return [int(v) for v in a.ravel()]
    if a.dtype.kind in "iu":
        return a.ravel().tolist()
    digits = 17 if a.dtype == np.float64 else 9
    def spell(v):
        if not np.isfinite(v) or (v == 0 and np.signbit(v)):
            return str(v)
        out = float(f"{v:.{digits}g}")
        return int(out) if out == int(out) and abs(out) < 1e9 else out
    return [spell(v) for v in a.astype(np.float64).ravel()]


def plain(x):
    """A result or an argument as JSON."""
    if isinstance(x, Key):
        return {"key": x.seed}
    if isinstance(x, ARRAYS):
        if jnp.issubdtype(x.dtype, jax.dtypes.prng_key):
            x = jax.random.key_data(x)
        a = np.asarray(x)
        if a.dtype.kind == "c":
            part = np.float64 if a.dtype == np.complex128 else np.float32
            return {"real": plain(a.real.astype(part)), "imag": plain(a.imag.astype(part))}
        dtype = {"int64": "int32", "uint64": "uint32"}.get(str(a.dtype), str(a.dtype))
        return {"a": dtype, "s": list(a.shape), "v": values(a)}
    if isinstance(x, (list, tuple)):
        return {"l": [plain(v) for v in x]} if any(not isinstance(v, (int, float, bool)) for v in x) or any(
            isinstance(v, float) and not np.isfinite(v) for v in x) else list(x)
    if isinstance(x, dict):
        return {"o": {camel(k): plain(v) for k, v in x.items()}}
    if isinstance(x, float) and not np.isfinite(x):
        return {"n": str(x)}
    if isinstance(x, np.dtype) or (isinstance(x, type) and issubclass(x, np.generic)):
        return np.dtype(x).name
    return x


def shared(x, table):
    """Larger arrays among arguments stand once in the file; the calls hold their number."""
    if isinstance(x, dict) and "a" in x and len(x["v"]) > 4:
        text = json.dumps(x, separators=(",", ":"))
        return {"r": table.setdefault(text, len(table))}
    if isinstance(x, dict):
        return {k: shared(v, table) for k, v in x.items()}
    return [shared(v, table) for v in x] if isinstance(x, list) else x


def result(x):
    """As `plain`; tuples of results are lists of them, Python scalars themselves."""
    if isinstance(x, (list, tuple)):
        return {"l": [result(v) for v in x]}
    return plain(x)


def to_jax(x):
    if isinstance(x, Key):
        return jax.random.key(x.seed)
    if isinstance(x, (np.ndarray, np.generic)):
        return jnp.asarray(x)
    if isinstance(x, list):
        return [to_jax(v) for v in x]
    if isinstance(x, tuple):
        return tuple(to_jax(v) for v in x)
    if isinstance(x, dict):
        return {k: to_jax(v) for k, v in x.items()}
    return x


def has_f64(x):
    if isinstance(x, ARRAYS):
        return x.dtype == np.float64
    if isinstance(x, (list, tuple)):
        return any(has_f64(v) for v in x)
    return x == "float64" or x == np.float64 if isinstance(x, (str, type)) else False


def widened(x):
    """float32 arrays as float64."""
    if isinstance(x, ARRAYS) and x.dtype == np.float32:
        return np.asarray(x, np.float64)
    if isinstance(x, (list, tuple)):
        return type(x)(widened(v) for v in x)
    return x


def call(f, args, kw):
    return f(*[to_jax(a) for a in args], **{k: to_jax(v) for k, v in kw.items()})


def c(name, *args, tol=None, as_=None, precise=False, js=None, post=None, **kw):
    """tol: relative, and absolute times it; as_: our name; js: our arguments in place of args and kw; post: of the result."""
    space, fn = name.split(".")
    f = getattr(SPACES[space], fn)
    ours = list(js) if js is not None else [*args, *([kw] if kw else [])]
    case = {"f": f"{space}.{as_ or (fn if fn.endswith('_') else camel(fn))}", "x": [plain(a) for a in ours]}
    with jax.enable_x64(has_f64([*args, *kw.values()])):
        try:
            out = call(f, args, kw)
            if post:
                out = post(out)
            expected = result(out)
        except Exception as e:  # noqa: BLE001
            if "-v" in sys.argv:
                print("throws", name, [getattr(a, "aval", a) for a in args], kw, str(e)[:90].replace("\n", " "))
            expected = {"throws": True}
    if precise and "throws" not in expected:
        with jax.enable_x64(True):
            exact = call(f, [widened(a) for a in args], {k: widened(v) for k, v in kw.items()})
        one = lambda low, high: plain(np.asarray(high).astype(np.asarray(low).dtype))
        expected = {"l": [one(a, b) for a, b in zip(out, exact)]} if isinstance(out, tuple) else one(out, exact)
    case["e"] = expected
    if tol is not None:
        case["t"] = tol
    home = {"laxLinalg": "linalg", "initializers": "nn", **dict.fromkeys(SCIPY, "scipy")}
    files.setdefault(home.get(space, space), []).append(case)
    return case


def v(*args, **kw):
    """As `c`, but of calls that JAX refuses nothing is recorded: refusing less is no error."""
    case = c(*args, **kw)
    if case["e"] == {"throws": True}:
        next(cases for cases in files.values() if cases[-1] is case).pop()


def write():
    here = os.path.dirname(os.path.abspath(__file__))
    head = json.dumps({"jax": jax.__version__, "numpy": np.__version__, "python": sys.version.split()[0]})
    total = 0
    for name, cases in files.items():
        total += len(cases)
        thrown = sum("throws" in c["e"] for c in cases if isinstance(c["e"], dict))
        path = os.path.join(here, f"{name}.json")
        table = {}
        lines = ",\n".join(json.dumps({**c, "x": shared(c["x"], table)}, separators=(",", ":")) for c in cases)
        arrays = ",\n".join(table)
        with open(path, "w") as file:
            file.write('{"made by": ' + head + ', "arrays": [\n' + arrays + '\n], "cases": [\n' + lines + "\n]}\n")
        print(f"{name}: {len(cases)} cases, {thrown} throw, {os.path.getsize(path)} bytes")
    print(total, "cases")


# Samples.


A = lambda xs, dtype=np.float32: np.array(xs, dtype)
rng = np.random.default_rng(7)
rand = lambda *shape: (rng.integers(-192, 192, shape) / 64).astype(np.float32)
ints = lambda *shape, lo=-5, hi=6, dtype=np.int32: rng.integers(lo, hi, shape).astype(dtype)
BF16 = jnp.bfloat16.dtype
EDGES = A([0, -0.0, 1, -1, 0.5, -0.5, 2.5, -2.5, 1e-5, 3.25, 100, -100, inf, -inf, nan])
M, M3, V = rand(3, 4), rand(2, 3, 4), rand(5)
MN = M.copy()
MN[0, 1] = MN[2, 3] = nan
I, IV, B = ints(3, 4), ints(5), ints(3, 4) > 0
E0, E03, E30 = A([]), np.zeros((0, 3), np.float32), np.zeros((3, 0), np.float32)
S = A(2.5)
D = rand(3, 4).astype(np.float64)
H, BF, U8, I8 = M.astype(np.float16), M.astype(BF16), ints(6, lo=0, hi=255, dtype=np.uint8), ints(6, lo=-128, hi=127, dtype=np.int8)
