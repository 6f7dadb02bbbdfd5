"""Writes npy.json: files of numpy.save and savez, as base64, and what is in them. Run: python npy.py"""
import base64
import io
import json
import os
import sys

sys.path.pop(0)  # this file would hide modules of its neighbours' names
import numpy as np

rng = np.random.default_rng(3)
cases = []
b64 = lambda data: base64.b64encode(data).decode()


def saved(x, **options):
    f = io.BytesIO()
    np.lib.format.write_array(f, x, **options)
    return f.getvalue()


def plain(x):
    dtype = {"int64": "int32", "uint64": "uint32"}.get(x.dtype.name, x.dtype.name)
    return {"d": dtype, "s": list(x.shape), "v": x.astype(np.float64).ravel().tolist()}


def add(x, same=True, **options):
    """same: our bytes are these."""
    cases.append({"file": b64(saved(x, **options)), "same": same, **plain(np.asarray(x))})


for dtype in "bool int8 int16 int32 uint8 uint16 uint32 float16 float32 float64".split():
    add(np.array([0, 1, 2.5, 100]).astype(dtype))
    add(rng.integers(0, 50, (2, 3)).astype(dtype))
add(np.array(2.5, np.float32))
add(np.zeros((0, 3), np.float32))
add(np.zeros((1, 1, 1, 2), np.int32))
for dtype in "int16 uint32 float16 float32 float64".split():
    add(np.array([1, 2, 300]).astype(np.dtype(dtype).newbyteorder(">")), same=False)
add(np.asfortranarray(rng.integers(0, 9, (2, 3)).astype(np.float32)), same=False)
add(np.asfortranarray(rng.integers(0, 9, (2, 3, 4)).astype(np.int16)), same=False)
add(np.array([[1, -2], [3, 2**31 - 1]], np.int64), same=False)
add(np.array([1, 2**32 - 1], np.uint64), same=False)
add(np.arange(3, dtype=">i8"), same=False)
add(np.arange(4, dtype=np.float32), same=False, version=(2, 0))

archives = []
for write in [np.savez, np.savez_compressed]:
    for arrays in [
        {"w": rng.integers(0, 4, (30, 20)).astype(np.float32), "b": np.arange(5, dtype=np.int32)},
        {"one": np.zeros(2000, np.float64), "mixed": rng.standard_normal(300).astype(np.float32)},
        {"x": np.array(1.5, np.float16)},
    ]:
        f = io.BytesIO()
        write(f, **arrays)
        archives.append({"file": b64(f.getvalue()), "arrays": {k: plain(v) for k, v in arrays.items()}})

here = os.path.dirname(os.path.abspath(__file__))
with open(os.path.join(here, "npy.json"), "w") as file:
    head = json.dumps({"numpy": np.__version__})
    rows = lambda cs: ",\n".join(json.dumps(c, separators=(",", ":")) for c in cs)
    file.write('{"made by": ' + head + ', "cases": [\n' + rows(cases) + '\n], "archives": [\n' + rows(archives) + "\n]}\n")
print(len(cases), "files,", len(archives), "archives")
