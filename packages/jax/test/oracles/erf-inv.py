"""Writes erf-inv.json: float32 numbers in (-1, 1) and their inverse error function in float64, by SciPy.

Run with `python -P`: random.py here is not the one of the standard library.
"""

import json
import pathlib

import numpy as np
from scipy.special import erfinv

uniform = np.linspace(-1, 1, 801)[1:-1]
small = 10.0 ** -np.linspace(0.1, 30, 100)
near_one = 1 - 2.0 ** -np.linspace(1, 24, 150)
x = np.concatenate([uniform, small, -small, near_one, -near_one]).astype(np.float32)
x = x[np.abs(x) < 1]
out = {"x": [float(v) for v in x], "y": [float(v) for v in erfinv(x.astype(np.float64))]}
pathlib.Path(__file__).with_name("erf-inv.json").write_text(json.dumps(out))
