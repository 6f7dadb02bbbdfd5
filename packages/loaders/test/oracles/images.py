"""Writes images.json: PNG files of Pillow and their pixels, and pictures in other sizes by jax.image.
Run: python images.py (needs numpy, pillow, jax)."""
import base64
import io
import json
import os
import struct
import zlib

import jax
import numpy as np
from PIL import Image

rng = np.random.default_rng(0)
b64 = lambda b: base64.b64encode(bytes(b)).decode()
smooth = np.stack([np.add.outer(np.arange(13) * 9, np.arange(11) * 7) % 256, rng.integers(0, 256, (13, 11)), np.full((13, 11), 77), rng.integers(0, 256, (13, 11))], 2).astype(np.uint8)
png = []


def add(name, img, **options):
    f = io.BytesIO()
    img.save(f, "PNG", **options)
    rgba = np.asarray(Image.open(io.BytesIO(f.getvalue())).convert("RGBA"))
    png.append({"name": name, "file": b64(f.getvalue()), "shape": list(rgba.shape), "rgba": b64(rgba.tobytes())})


rgba = Image.fromarray(smooth, "RGBA")
rgb = rgba.convert("RGB")
add("RGB and alpha", rgba)
add("RGB", rgb)
add("grey", rgb.convert("L"))
add("grey and alpha", rgba.convert("LA"))
add("palette", rgb.quantize(7))
add("palette of 200", rgb.quantize(200))
add("palette with alpha", rgba.quantize(16, Image.Quantize.FASTOCTREE))
add("bits", rgb.convert("1"))
add("RGB with a transparent colour", rgb, transparency=tuple(int(v) for v in smooth[3, 4, :3]))
add("one pixel", Image.new("RGB", (1, 1), (1, 2, 3)))
add("wide", rgb.resize((300, 2)))


def chunk(name, data):
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def raw_png(width, height, depth, color, rows, interlace=0):
    head = struct.pack(">IIBBBBB", width, height, depth, color, 0, 0, interlace)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


# Interlaced, which Pillow reads and does not write.
rows = b""
for x, y, dx, dy in [(0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2)]:
    part = smooth[y::dy, x::dx, :3]
    if part.size:
        rows += b"".join(b"\0" + r.tobytes() for r in part)
file = raw_png(11, 13, 8, 2, rows, 1)
assert (np.asarray(Image.open(io.BytesIO(file)).convert("RGB")) == smooth[:, :, :3]).all()
png.append({"name": "interlaced", "file": b64(file), "shape": [13, 11, 4], "rgba": b64(np.dstack([smooth[:, :, :3], np.full((13, 11), 255, np.uint8)]).tobytes())})
wide = rng.integers(0, 65536, (4, 5, 3)).astype(">u2")
file16 = raw_png(5, 4, 16, 2, b"".join(b"\0" + r.tobytes() for r in wide))

sizes = []
picture = smooth[:, :, :3].astype(np.float32)
for method in ["nearest", "bilinear", "bicubic", "lanczos3", "lanczos5"]:
    for size in [(5, 7), (26, 33), (13, 4), (40, 3), (1, 1)]:
        for antialias in [True, False]:
            out = jax.image.resize(picture, (*size, 3), {"bicubic": "cubic"}.get(method, method), antialias=antialias)
            sizes.append({"method": method, "size": size, "antialias": antialias, "out": b64(np.asarray(out, np.float32).tobytes())})

out = os.path.join(os.path.dirname(os.path.abspath(__file__)), "images.json")
json.dump({"png": png, "wide": {"file": b64(file16), "shape": [4, 5, 3], "values": wide.astype(int).ravel().tolist()}, "picture": b64(smooth[:, :, :3].tobytes()),
           "luma": b64(np.asarray(rgb.convert("L")).tobytes()), "sizes": sizes}, open(out, "w"))
print(os.path.getsize(out))
