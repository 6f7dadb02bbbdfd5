"""Writes scipy-signal.json: jax.scipy.signal, fft and optimize for ../scipy-signal.test.ts. Run: python scipy-signal.py (needs jax 0.10)."""
import os
import sys

here = os.path.dirname(os.path.abspath(__file__))
sys.path[0] = os.path.join(here, "none")  # files of this folder would hide modules of their names
import importlib.util

spec = importlib.util.spec_from_file_location("cases", os.path.join(here, "cases.py"))
cases = importlib.util.module_from_spec(spec)
spec.loader.exec_module(cases)
import warnings

import jax.numpy as jnp
import numpy as np
from jax.scipy import fft, signal

warnings.simplefilter("ignore")
c = cases.Cases()
rand, f32, Fn = cases.rand, cases.f32, cases.Fn

# Convolution
S = "scipy.signal"
pairs = [(rand(5), rand(3)), (rand(3), rand(5)), (rand(4), rand(4)), (rand(1), rand(4)), (rand(3, 4), rand(2, 2)), (rand(2, 2), rand(3, 4)), (rand(3, 2, 4), rand(2, 2, 2))]
ints = (np.array([1, 2, 3, 4], np.int32), np.array([2, -1], np.int32))
for mode in ["full", "same", "valid"]:
    for name in ["convolve", "correlate"]:
        g = getattr(signal, name)
        for x, y in [*pairs, ints]:
            c.add(S, name, lambda a, b, m: g(a, b, m), [x, y, mode])
        for x, y in [pairs[0], pairs[1], pairs[4]]:
            c.add(S, name, lambda a, b, m: g(a, b, m, method="fft"), [x, y, mode], {"method": "fft"}, tol=4e-6)
        c.add(S, name, lambda a, b, m: g(a, b, m), [*pairs[0], mode], grad=[0, 1])
        c.add(S, name, lambda a, b, m: g(a, b, m), [rand(3, 5), rand(3, 2), mode], vmap=True)
        h = getattr(signal, name + "2d")
        for x, y in pairs[4:6]:
            c.add(S, name + "2d", lambda a, b, m: h(a, b, m), [x, y, mode])
        c.add(S, name + "2d", lambda a, b, m: h(a, b, m), [*pairs[4], mode], grad=[0, 1])
    for x, y in [*pairs, ints]:
        c.add(S, "fftconvolve", lambda a, b, m: signal.fftconvolve(a, b, m), [x, y, mode], tol=4e-6)
    c.add(S, "fftconvolve", lambda a, b, m: signal.fftconvolve(a, b, m, axes=[1]), [rand(2, 5), rand(2, 3), mode], {"axes": [1]}, tol=4e-6)
    c.add(S, "fftconvolve", lambda a, b, m: signal.fftconvolve(a, b, m), [*pairs[0], mode], grad=[0, 1], tol=6e-6)
c.add(S, "convolve", lambda a, b: signal.convolve(a, b), [np.float32(2), np.float32(3)])
c.add(S, "convolve", lambda a, b: signal.convolve(a, b), [rand(40), rand(30)])
c.add(S, "fftconvolve", lambda a, b: signal.fftconvolve(a, b), [rand(40), rand(30)], tol=4e-6)

# Trends
time = np.arange(24)
wave = (np.round((np.sin(time * 0.7) + 0.1 * time) * 64) / 64).astype(np.float32)
for axis in [-1, 0]:
    for kind in ["linear", "constant"]:
        c.add(S, "detrend", lambda x: signal.detrend(x, axis=axis, type=kind), [rand(4, 5)], {"axis": axis, "type": kind})
for bp in [0, 3, [2, 7], [0, 5, 24], [23]]:
    c.add(S, "detrend", lambda x: signal.detrend(x, bp=bp), [wave], {"bp": bp}, tol=4e-6)
c.add(S, "detrend", lambda x: signal.detrend(x), [np.arange(5, dtype=np.int32)])
c.add(S, "detrend", lambda x: signal.detrend(x), [f32(3)])
c.add(S, "detrend", lambda x: signal.detrend(x, bp=[3]), [wave], {"bp": [3]}, grad=[0], tol=4e-6)

# Spectra
js = {"return_onesided": "returnOnesided", "input_onesided": "inputOnesided", "time_axis": "timeAxis", "freq_axis": "freqAxis"}
camel = lambda kw: {js.get(k, k): list(v) if isinstance(v, tuple) else v for k, v in kw.items()}


def spectral(name, args, kw, **more):
    g = getattr(signal, name)
    c.add(S, name, lambda *xs: g(*xs, **kw), args, camel(kw), tol=more.pop("tol", 4e-6), **more)


x = wave[:18]
windows = ["boxcar", "triang", "blackman", "hamming", "hann", "bartlett", "flattop", "parzen", "bohman", "blackmanharris", "nuttall", "barthann", "cosine", ("kaiser", 8.6), ("gaussian", 2.0), ("tukey", 0.3), "tukey"]
for window in windows:
    for nperseg in [8, 7]:
        spectral("welch", [x], {"nperseg": nperseg, "window": window})
for kw in [
    {}, {"nperseg": 8, "boundary": None}, {"nperseg": 8, "boundary": "even"}, {"nperseg": 8, "boundary": "odd"}, {"nperseg": 8, "boundary": "constant"},
    {"nperseg": 7, "boundary": "even"}, {"nperseg": 8, "padded": False}, {"nperseg": 8, "boundary": None, "padded": False}, {"nperseg": 8, "noverlap": 6}, {"nperseg": 8, "noverlap": 0},
    {"nperseg": 8, "noverlap": 3, "fs": 10.0}, {"nperseg": 8, "nfft": 12}, {"nperseg": 8, "nfft": 11}, {"nperseg": 8, "return_onesided": False}, {"nperseg": 7, "return_onesided": False, "fs": 2.0},
    {"nperseg": 8, "detrend": "constant"}, {"nperseg": 8, "detrend": "linear"}, {"nperseg": 1, "window": "boxcar"}, {"nperseg": 18},
]:
    spectral("stft", [x], kw)
spectral("stft", [rand(3, 12)], {"nperseg": 4})
spectral("stft", [rand(12, 3)], {"nperseg": 4, "axis": 0})
spectral("stft", [rand(2, 12, 3)], {"nperseg": 4, "axis": 1})
spectral("stft", [np.arange(8, dtype=np.int32)], {"nperseg": 4})
spectral("stft", [x], {"nperseg": 8}, grad=[0])
spectral("stft", [rand(3, 12)], {"nperseg": 4}, vmap=True, pick=2)
c.add(S, "stft", lambda v: signal.stft(v, window=jnp.array([1.0, 2, 2, 1]), nperseg=4), [x], {"window": f32(1, 2, 2, 1), "nperseg": 4}, tol=4e-6)
for kw in [
    {}, {"nperseg": 8}, {"nperseg": 7}, {"nperseg": 8, "noverlap": 6}, {"nperseg": 8, "nfft": 10}, {"nperseg": 8, "nfft": 11}, {"nperseg": 8, "detrend": False}, {"nperseg": 8, "detrend": "linear"},
    {"nperseg": 8, "return_onesided": False}, {"nperseg": 7, "return_onesided": False}, {"nperseg": 8, "scaling": "spectrum"}, {"nperseg": 8, "average": "median"}, {"nperseg": 4, "average": "median", "fs": 8.0},
    {"nperseg": 18}, {"nperseg": 8, "fs": 100.0, "scaling": "density"},
]:
    spectral("welch", [x], kw)
    spectral("csd", [x, wave[3:21]], kw)
spectral("welch", [rand(12, 3)], {"nperseg": 4, "axis": 0})
spectral("welch", [x], {"nperseg": 8}, grad=[0])
spectral("welch", [rand(3, 12)], {"nperseg": 4}, vmap=True, pick=1)
spectral("csd", [x, wave[:10]], {"nperseg": 8})
spectral("csd", [rand(3, 12), rand(3, 12)], {"nperseg": 4})
spectral("csd", [x, wave[3:21]], {"nperseg": 8}, grad=[0, 1])
for forward, back in [
    ({"nperseg": 4}, {}), ({"nperseg": 8}, {"fs": 2.0}), ({"nperseg": 8, "noverlap": 6}, {"nperseg": 8, "noverlap": 6}), ({"nperseg": 8, "noverlap": 5, "nfft": 12}, {"nperseg": 8, "noverlap": 5, "nfft": 12}),
    ({"nperseg": 7}, {"nperseg": 7, "nfft": 7}), ({"nperseg": 8, "boundary": None}, {"boundary": False}), ({"nperseg": 8, "window": "hamming"}, {"window": "hamming"}),
]:
    z = np.asarray(signal.stft(x, **forward)[2]).astype(np.complex64)
    spectral("istft", [z], back)
z = np.asarray(signal.stft(rand(3, 12), nperseg=4)[2]).astype(np.complex64)
# JAX counts times by the first axis.
spectral("istft", [z], {}, pick=1)
spectral("istft", [np.moveaxis(z, [1, 2], [2, 0])], {"time_axis": 0, "freq_axis": 2}, pick=1)
spectral("istft", [np.moveaxis(z, [1, 2], [2, 1])], {"time_axis": 1, "freq_axis": 2}, pick=1)

# Cosine transforms
F = "scipy.fft"
for name in ["dct", "idct"]:
    g = getattr(fft, name)
    for kw in [{}, {"norm": "ortho"}, {"norm": "backward"}, {"axis": 0}, {"n": 3}, {"n": 8}, {"n": 1}, {"n": 7, "axis": 0, "norm": "ortho"}]:
        c.add(F, name, lambda v: g(v, **kw), [rand(4, 5)], kw)
    for n in [1, 2, 3, 16, 31]:
        c.add(F, name, lambda v: g(v), [rand(n)])
    c.add(F, name, lambda v: g(v), [np.arange(5, dtype=np.int32)])
    c.add(F, name, lambda v: g(v, norm="ortho"), [rand(4, 5)], {"norm": "ortho"}, grad=[0])
    c.add(F, name, lambda v: g(v, n=7), [rand(4)], {"n": 7}, grad=[0])
    c.add(F, name, lambda v: g(v), [rand(4, 5)], vmap=True)
    c.add(F, name, lambda v: g(v), [rand(6).astype(np.float64)], tol=1e-14)
for name in ["dctn", "idctn"]:
    g = getattr(fft, name)
    for kw in [{}, {"norm": "ortho"}, {"axes": [1]}, {"axes": [0, 2]}, {"s": [3, 4], "axes": [0, 2]}, {"s": [2]}, {"s": [5, 2]}]:
        c.add(F, name, lambda v: g(v, **kw), [rand(4, 2, 5)], kw)
    c.add(F, name, lambda v: g(v), [rand(4, 3)], grad=[0])
c.write(os.path.join(here, "scipy-signal.json"))
