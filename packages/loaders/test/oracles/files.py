"""Writes files.json: .npy and .npz files of NumPy, safetensors files of safetensors 0.8, and what is in them; and all codes of
the small floats of ml_dtypes. Run: python files.py (needs numpy, ml_dtypes, safetensors)."""
import base64
import io
import json
import os

import ml_dtypes
import numpy as np
import safetensors

rng = np.random.default_rng(1)
b64 = lambda b: base64.b64encode(bytes(b)).decode()


def listed(a):
    """Elements in row-major order; what JSON lacks as text."""
    flat = a.ravel().tolist()
    if a.dtype.kind == "c":
        flat = [v for z in flat for v in (z.real, z.imag)]
    if a.dtype.itemsize == 8 and a.dtype.kind in "iu":
        return [str(v) for v in flat]
    return [repr(v) if isinstance(v, float) and (v != v or v in (np.inf, -np.inf)) else v for v in flat]


def saved(a, version=None):
    f = io.BytesIO()
    if version is None:
        np.save(f, a)
    else:
        np.lib.format.write_array(f, a, version=version)
    return b64(f.getvalue())


DTYPES = {"?": "BOOL", "i1": "I8", "u1": "U8", "i2": "I16", "u2": "U16", "i4": "I32", "u4": "U32", "i8": "I64", "u8": "U64", "f2": "F16", "f4": "F32", "f8": "F64", "c8": "C64"}
npy = []


def add(name, a, dtype, version=None):
    npy.append({"name": name, "file": saved(a, version), "dtype": dtype, "shape": list(a.shape), "data": listed(a)})


for code, dtype in DTYPES.items():
    kind = np.dtype(code).kind
    x = rng.integers(0, 2, (3, 4)) if kind == "b" else rng.normal(0, 50, (3, 4)) if kind in "fc" else rng.integers(0, 120, (3, 4))
    x = x.astype(code)
    if kind == "i":
        x[0, 0] = np.iinfo(x.dtype).min
    if kind in "iu":
        x[0, 1] = np.iinfo(x.dtype).max
    if kind == "f":
        x[0, :3] = [np.nan, np.inf, -np.inf]
    if kind == "c":
        x = x * (1 + 2j)
        x = x.astype(code)
    add(f"{code}", x, dtype)
    add(f"{code} fortran", np.asfortranarray(x), dtype)
    if np.dtype(code).itemsize > 1:
        add(f"{code} big-endian", x.astype(np.dtype(code).newbyteorder(">")), dtype)
add("scalar", np.array(2.5, "f4"), "F32")
add("empty", np.zeros((0, 3), "f4"), "F32")
add("3d fortran", np.asfortranarray(rng.integers(0, 100, (2, 3, 4)).astype("i4")), "I32")
add("version 2", np.arange(6, dtype="f4").reshape(2, 3), "F32", (2, 0))
add("version 3", np.arange(6, dtype="f4").reshape(2, 3), "F32", (3, 0))

arrays = {"x": np.arange(6, dtype="f4").reshape(2, 3), "arr ü": np.array([1, 2], "i4"), "zeros": np.zeros((50, 50), "f8")}
plain, packed = io.BytesIO(), io.BytesIO()
np.savez(plain, **arrays)
np.savez_compressed(packed, **arrays)
npz = {"plain": b64(plain.getvalue()), "compressed": b64(packed.getvalue()), "arrays": {k: {"shape": list(a.shape), "data": listed(a)} for k, a in arrays.items()}}

unreadable = {"strings": saved(np.array(["a", "bc"])), "records": saved(np.zeros(2, [("a", "i4"), ("b", "f4")])), "complex128": saved(np.zeros(2, "c16"))}
f = io.BytesIO()
np.save(f, np.array([{}], dtype=object), allow_pickle=True)
unreadable["objects"] = b64(f.getvalue())

tensors = {
    "bool": ("bool", np.array([1, 0, 1], np.uint8)), "u8": ("uint8", np.array([0, 255], np.uint8)), "i64": ("int64", np.array([-5, 2**62])),
    "f32": ("float32", np.array([1.5, -2], np.float32)), "bf16": ("bfloat16", np.array([1.5, -2, np.inf], ml_dtypes.bfloat16)),
    "e4m3": ("float8_e4m3fn", np.array([1.5, -2, 448], ml_dtypes.float8_e4m3fn)), "e5m2": ("float8_e5m2", np.array([1.5, -2], ml_dtypes.float8_e5m2)),
    "f16": ("float16", np.array([[1.5, -2], [65504, 6e-8]], np.float16)),
}
file = safetensors.serialize({k: safetensors.TensorSpec(dtype=d, shape=list(a.shape), data_ptr=a.ctypes.data, data_len=a.nbytes) for k, (d, a) in tensors.items()}, {"made": "by safetensors"})
st = {"file": b64(file), "tensors": {k: {"shape": list(a.shape), "data": listed(a.astype(np.float64) if a.dtype.kind == "V" else a)} for k, (d, a) in tensors.items()}}

SMALL = {"F8_E4M3": ml_dtypes.float8_e4m3fn, "F8_E5M2": ml_dtypes.float8_e5m2, "F8_E4M3FNUZ": ml_dtypes.float8_e4m3fnuz, "F8_E5M2FNUZ": ml_dtypes.float8_e5m2fnuz,
         "F8_E8M0": ml_dtypes.float8_e8m0fnu, "F6_E2M3": ml_dtypes.float6_e2m3fn, "F6_E3M2": ml_dtypes.float6_e3m2fn, "F4": ml_dtypes.float4_e2m1fn}
BITS = {"F6_E2M3": 6, "F6_E3M2": 6, "F4": 4}
codes = {n: listed(np.arange(2 ** BITS.get(n, 8), dtype=np.uint8).view(t).astype(np.float64)) for n, t in SMALL.items()}

x = np.concatenate([rng.normal(0, 1, 40), rng.normal(0, 1e-6, 20), rng.normal(0, 3e4, 20), [0.0, -0.0, 65504, 65519.9, 65520, 1e-8, 2**-24, 2**-25, 3 * 2**-25, 1 + 2**-11, 1 + 3 * 2**-11, 1 + 2**-9, 1 + 3 * 2**-9]]).astype(np.float32)
rounding = {"x": [float(v) for v in x], "F16": x.astype(np.float16).view(np.uint16).tolist(), "BF16": x.astype(ml_dtypes.bfloat16).view(np.uint16).tolist()}

out = os.path.join(os.path.dirname(os.path.abspath(__file__)), "files.json")
json.dump({"npy": npy, "npz": npz, "unreadable": unreadable, "safetensors": st, "codes": codes, "rounding": rounding}, open(out, "w"))
print(os.path.getsize(out))
