"""Writes image.json: jax.image and jax.scipy.ndimage for ../image.test.ts. Run: python image.py (needs jax 0.10)."""
import os
import sys

here = os.path.dirname(os.path.abspath(__file__))
sys.path[0] = os.path.join(here, "none")  # files of this folder would hide modules of their names
import importlib.util

spec = importlib.util.spec_from_file_location("cases", os.path.join(here, "cases.py"))
cases = importlib.util.module_from_spec(spec)
spec.loader.exec_module(cases)
from jax import image
from jax.scipy import ndimage
import jax
import jax.numpy as jnp
import numpy as np

c = cases.Cases()
rand, f32 = cases.rand, cases.f32
METHODS = ["nearest", "linear", "cubic", "cubic-pytorch", "lanczos3", "lanczos5", "area"]
small, wide, photo = rand(3, 5), rand(2, 9), rand(2, 6, 4, 3)
for method in METHODS:
    for antialias in [True, False]:
        if method == "nearest" and not antialias:
            continue
        for x, shape in [(small, [6, 10]), (small, [2, 3]), (wide, [2, 4]), (small, [3, 5]), (photo, [2, 3, 7, 3]), (rand(7), [3]), (rand(1, 4), [2, 1])]:
            f = lambda v: image.resize(v, shape, method, antialias=antialias)
            c.add("image", "resize", lambda v, *_: f(v), [x, shape, method], {"antialias": antialias})
    x = small
    f = lambda v, *_: image.resize(v, [2, 7], method)
    c.add("image", "resize", f, [x, [2, 7], method], grad=[0])
    c.add("image", "resize", lambda v, *_: image.resize(v, [2, 7], method), [np.arange(15, dtype=np.int32).reshape(3, 5), [2, 7], method])
for alias in ["bilinear", "trilinear", "triangle", "bicubic", "tricubic", "bicubic-pytorch"]:
    c.add("image", "resize", lambda v, *_: image.resize(v, [4, 4], alias), [small, [4, 4], alias])
c.add("image", "resize", lambda v, *_: image.resize(v, [4, 4], "cubic"), [rand(2, 3, 5), [4, 4], "cubic"], vmap=True)
c.add("image", "resize", lambda v, *_: image.resize(v, [4, 4], "linear"), [rand(3, 5).astype(np.float64), [4, 4], "linear"], tol=1e-12)
c.add("image", "resize", lambda v, *_: image.resize(v, [0, 4], "linear"), [small, [0, 4], "linear"])
for method in METHODS[1:]:
    for antialias in [True, False]:
        for scale, move in [((0.7, 1.3), (0.35, -1.2)), ((2.1, 0.45), (-0.8, 0.15)), ((1, 1), (0.4, 1.7))]:
            args = [small, [4, 6], [0, 1], f32(*scale), f32(*move), method]
            f = lambda v, shape, dims, s, t, m: image.scale_and_translate(v, shape, dims, s, t, m, antialias=antialias)
            c.add("image", "scaleAndTranslate", f, args, {"antialias": antialias}, tol=4e-6)
    args = [small, [4, 6], [0, 1], f32(0.7, 1.3), f32(0.35, -1.2), method]
    f = lambda v, shape, dims, s, t, m: image.scale_and_translate(v, shape, dims, s, t, m)
    c.add("image", "scaleAndTranslate", f, args, grad=[0, 3, 4] if method != "area" else [0], tol=3e-5)
f = lambda v, shape, dims, s, t, m: image.scale_and_translate(v, shape, dims, s, t, m)
c.add("image", "scaleAndTranslate", f, [photo, [2, 5, 4, 3], [1], f32(0.9), f32(0.2), "linear"])
c.add("image", "scaleAndTranslate", f, [small, [3, 4], [-1], f32(0.9), f32(0.2), "cubic"])

volume, plane = rand(3, 4), rand(2, 3, 4)
at = [f32(-1.7, -0.5, 0.5, 1.5, 2.5, 0.3, 7.1), f32(-6.2, 0.5, 1.5, 2.5, 3.9, 2.4, 11.6)]
whole = [np.array([0, 1, 2, -1, 5], np.int32), np.array([3, 1, 0, -2, 9], np.int32)]
points = [rand(2, 3), rand(2, 3), rand(2, 3)]
for order in [0, 1]:
    for mode in ["constant", "nearest", "wrap", "mirror", "reflect"]:
        f = lambda x, coords, o, m: ndimage.map_coordinates(x, coords, o, m)
        c.add("scipy.ndimage", "mapCoordinates", f, [volume, at, order, mode])
        c.add("scipy.ndimage", "mapCoordinates", f, [np.arange(12, dtype=np.int32).reshape(3, 4), at, order, mode])
        c.add("scipy.ndimage", "mapCoordinates", f, [volume, whole, order, mode])
        c.add("scipy.ndimage", "mapCoordinates", f, [plane, points, order, mode])
        c.add("scipy.ndimage", "mapCoordinates", f, [rand(1), [f32(-2, -0.4, 0, 0.6, 3)], order, mode])
        c.add("scipy.ndimage", "mapCoordinates", f, [volume, at, order, mode], grad=[0])
    f = lambda x, coords, o, m, v: ndimage.map_coordinates(x, coords, o, m, v)
    c.add("scipy.ndimage", "mapCoordinates", f, [volume, at, order, "constant", 2.5])
f = lambda x, a, b: ndimage.map_coordinates(x, [a, b], 1, "mirror")
for mode in ["constant", "nearest", "wrap", "mirror", "reflect"]:
    f = lambda x, coords, o, m: ndimage.map_coordinates(x, [coords[0], coords[1]], o, m)
    inside = np.stack([f32(-1.7, -0.4, 0.6, 1.3, 2.6), f32(-6.2, 0.3, 1.7, 2.6, 3.9)])
    c.add("scipy.ndimage", "mapCoordinates", f, [volume, inside, 1, mode], grad=[0, 1])
# Long axes, of which few pixels count in each output pixel.
long, tall = rand(2, 260), rand(200, 2)
for method in METHODS[1:]:
    for antialias in [True, False]:
        for size in [260 * 2, 333, 173, 65]:
            f = lambda v: image.resize(v, [2, size], method, antialias=antialias)
            c.add("image", "resize", lambda v, *_: f(v), [long, [2, size], method], {"antialias": antialias})
    f = lambda v, *_: image.resize(v, [130, 2], method)
    c.add("image", "resize", f, [tall, [130, 2], method], grad=[0])
# Ratios of small numbers, whose weights repeat, in every place of an axis; and others.
channels, pixels, flat = rand(2, 12, 10), rand(12, 9, 3), rand(9, 1, 8)
for method in ["linear", "cubic", "lanczos3"]:
    shapes = [(channels, [2, 24, 30]), (channels, [2, 48, 20]), (channels, [2, 6, 15]), (channels, [2, 17, 7])]
    for x, shape in shapes + [(pixels, [18, 27, 3]), (pixels, [4, 3, 3]), (pixels, [7, 23, 3]), (flat, [36, 5, 8])]:
        f = lambda v, *_: image.resize(v, shape, method)
        c.add("image", "resize", f, [x, shape, method])
    for shape in [[24, 18, 3], [6, 27, 3], [17, 5, 3]]:
        f = lambda v, *_: image.resize(v, shape, method)
        c.add("image", "resize", f, [pixels, shape, method], grad=[0])
    f = lambda v, *_: image.resize(v, [2, 24, 30], method)
    c.add("image", "resize", f, [channels, [2, 24, 30], method], grad=[0])
for antialias in [True, False]:
    f = lambda v: image.resize(v, [2, 24, 5], "cubic-pytorch", antialias=antialias)
    c.add("image", "resize", lambda v, *_: f(v), [channels, [2, 24, 5], "cubic-pytorch"], {"antialias": antialias})
f = lambda v, *_: image.resize(v, [24, 27, 3], "linear")
c.add("image", "resize", f, [pixels.astype(np.float64), [24, 27, 3], "linear"], tol=1e-12)
c.add("image", "resize", f, [pixels.astype(np.float16), [24, 27, 3], "linear"], tol=2e-3)
for shape in [[24, 9, 3], [4, 27, 6], [36, 3, 1], [6, 8, 3]]:
    f = lambda v, *_: image.resize(v, shape, "nearest")
    c.add("image", "resize", f, [pixels, shape, "nearest"])
c.write(os.path.join(here, "image.json"))
