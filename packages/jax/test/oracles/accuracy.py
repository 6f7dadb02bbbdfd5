"""Writes accuracy.json: functions to 30 digits at points of float64 and float32. Run: python accuracy.py (needs mpmath).

A row of f64 is [x, y, r] (or [x, z, y, r] of two arguments): the value is y + r units in the last place of y. A row of
f32 is [x, y] with y in double precision.
"""
import json
import math
import os
import struct
import sys

sys.path.pop(0)  # this file would hide modules of its neighbours' names
import random

import mpmath as mp

mp.mp.dps = 60
rng = random.Random(4)


def bits64():
    return struct.unpack("<d", struct.pack("<Q", rng.getrandbits(64)))[0]


def to32(x):
    try:
        return struct.unpack("<f", struct.pack("<f", x))[0]
    except OverflowError:
        return math.copysign(math.inf, x)


def spread(n, scale):
    """Denormals, all magnitudes, near zero, near one, and the range where the function lives."""
    out = [5e-324, -5e-324, 2.2250738585072014e-308, 1e-300, 1e300, -1e300, 1.7976931348623157e308, 1.0, -1.0, 0.5, 2.0]
    while len(out) < n:
        k = len(out) % 6
        sign = rng.choice([-1, 1])
        out.append([
            bits64, lambda: rng.uniform(-1, 1), lambda: rng.uniform(-scale, scale), lambda: sign * 10 ** rng.uniform(-20, 0),
            lambda: sign * (1 + rng.uniform(-1, 1) * 10 ** rng.uniform(-12, 0)), lambda: sign * 10 ** rng.uniform(0, 25),
        ][k]())
    return [x for x in out if math.isfinite(x)]


def spread32(n, scale):
    tiny = [1e-45, -1e-45, 1.1754943508222875e-38, 3.4028234663852886e38, -3.4e38]
    return [to32(x) for x in tiny + [x if 1e-37 < abs(x) < 1e37 else rng.uniform(-scale, scale) for x in spread(n, scale)]]


def ulp(y):
    return math.ulp(y)


def row(args, exact):
    y = float(exact)
    if not math.isfinite(y) or y == 0 or abs(y) < 2.2250738585072014e-308:
        return None
    r = float((exact - mp.mpf(y)) / mp.mpf(ulp(y)))
    return [*args, y, round(r, 3)]


def inside(f, low, high):
    return lambda x: f(x) if low <= x <= high else None


cbrt = lambda x: mp.sign(x) * mp.cbrt(abs(x))
F = {
    "exp": (mp.exp, 700), "exp2": (lambda x: mp.power(2, x) if abs(x) < 1e5 else None, 1000), "expm1": (lambda x: mp.expm1(x) if x < 1e5 else None, 40),
    "log": (inside(mp.log, 5e-324, mp.inf), 9), "log1p": (lambda x: mp.log1p(x) if x > -1 else None, 9),
    "log2": (inside(lambda x: mp.log(x, 2), 5e-324, mp.inf), 9), "log10": (inside(mp.log10, 5e-324, mp.inf), 9),
    "sin": (mp.sin, 20), "cos": (mp.cos, 20), "tan": (mp.tan, 20), "sinh": (mp.sinh, 30), "cosh": (mp.cosh, 30), "tanh": (mp.tanh, 6),
    "arcsin": (inside(mp.asin, -1, 1), 1), "arccos": (inside(mp.acos, -1, 1), 1), "arctan": (mp.atan, 5), "arcsinh": (mp.asinh, 9),
    "arccosh": (inside(mp.acosh, 1, mp.inf), 9), "arctanh": (inside(mp.atanh, -1, 1), 1), "sqrt": (inside(mp.sqrt, 0, mp.inf), 9), "cbrt": (cbrt, 9),
}
SPECIAL = {
    "erf": (mp.erf, 3), "erfc": (inside(mp.erfc, -9, 26), 6), "erfInv": (inside(mp.erfinv, -1 + 1e-15, 1 - 1e-15), 1),
    "lgamma": (lambda x: mp.log(abs(mp.gamma(x))) if -150 < x < 1e5 and not (x <= 0 and x == int(x)) else None, 12),
    "digamma": (lambda x: mp.digamma(x) if -150 < x < 1e5 and not (x <= 0 and x == int(x)) else None, 12),
    "besselI0e": (lambda x: mp.besseli(0, x) * mp.exp(-abs(x)) if abs(x) < 1e4 else None, 12),
    "besselI1e": (lambda x: mp.besseli(1, x) * mp.exp(-abs(x)) if abs(x) < 1e4 else None, 12),
}
big = lambda f, x: abs(x) > 1e6 and f in (mp.exp, mp.sinh, mp.cosh)


def value(f, x):
    """None where the function is not defined, infinite, or beyond what mpmath reduces."""
    if big(f, x):
        return None
    with mp.workdps(400 if abs(x) > 1e15 else 60):
        v = f(mp.mpf(x))
    return None if v is None or not mp.isfinite(v) or isinstance(v, mp.mpc) else v


out = {"f64": {}, "f32": {}}
for name, (f, scale) in {**F, **SPECIAL}.items():
    exact = [(x, value(f, x)) for x in spread(230, scale)]
    out["f64"][name] = [r for r in (row([x], v) for x, v in exact if v is not None) if r]
for name, (f, scale) in SPECIAL.items():
    rows = [(x, value(f, x)) for x in spread32(400, scale)]
    out["f32"][name] = [[x, float(v)] for x, v in rows if v is not None and 1e-37 < abs(v) < 3e38]
pairs = [(abs(a), b) for a, b in zip(spread(150, 9), spread(150, 30)[::-1]) if 1e-100 < abs(a) < 1e100 and abs(b * math.log(abs(a))) < 700]
out["f64"]["power"] = [r for r in (row([a, b], mp.power(mp.mpf(a), mp.mpf(b))) for a, b in pairs) if r]
wide = [(a, b) for a, b in zip(spread(150, 9), spread(150, 9)[::-1]) if a != 0]
out["f64"]["arctan2"] = [r for r in (row([a, b], mp.atan2(mp.mpf(a), mp.mpf(b))) for a, b in wide) if r]
out["f64"]["hypot"] = [r for r in (row([a, b], mp.hypot(mp.mpf(a), mp.mpf(b))) for a, b in wide if abs(a) < 1e300 and abs(b) < 1e300) if r]
logistic = ((x, 1 / (1 + mp.exp(-mp.mpf(x)))) for x in spread(230, 9) if abs(x) < 1e5)
out["f64"]["logistic"] = [r for r in (row([x], v) for x, v in logistic) if r]

here = os.path.dirname(os.path.abspath(__file__))
with open(os.path.join(here, "accuracy.json"), "w") as file:
    lines = [f'"{kind}": {{\n' + ",\n".join(f'"{n}": {json.dumps(rows, separators=(",", ":"))}' for n, rows in fs.items()) + "\n}" for kind, fs in out.items()]
    file.write('{"made by": ' + json.dumps({"mpmath": mp.__version__}) + ",\n" + ",\n".join(lines) + "\n}\n")
print({k: {n: len(r) for n, r in v.items()} for k, v in out.items()})
