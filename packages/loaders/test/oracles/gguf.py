"""Writes gguf.json: a GGUF file of gguf-py 0.19 with a tensor of each type, and what its blocks are as floats.
Run: python gguf.py (needs gguf, numpy)."""
import base64
import json
import os
import sys
import tempfile

here = sys.path.pop(0)  # this file would hide the module of its name
import numpy as np
from gguf import GGMLQuantizationType as T, GGUFReader, GGUFWriter
from gguf import quants
from gguf.constants import GGML_QUANT_SIZES

rng = np.random.default_rng(3)
path = os.path.join(tempfile.mkdtemp(), "test.gguf")
w = GGUFWriter(path, "test")
w.add_uint8("k.u8", 200)
w.add_int8("k.i8", -100)
w.add_uint16("k.u16", 60000)
w.add_int16("k.i16", -30000)
w.add_uint32("k.u32", 4000000000)
w.add_int32("k.i32", -2000000000)
w.add_uint64("k.u64", 2**63 + 1)
w.add_int64("k.i64", -5)
w.add_float32("k.f32", 1.5)
w.add_float64("k.f64", 0.1)
w.add_bool("k.bool", True)
w.add_string("k.string", "über ✓")
w.add_array("k.list.i32", [1, -2, 3])
w.add_array("k.list.f32", [0.5, -0.25])
w.add_array("k.list.string", ["a", "", "ñ"])
w.add_array("k.list.bool", [True, False])
values = {}
tensors = {}
names = ["Q4_0", "Q4_1", "Q5_0", "Q5_1", "Q8_0", "Q2_K", "Q3_K", "Q4_K", "Q5_K", "Q6_K", "IQ4_NL", "IQ4_XS", "TQ1_0", "TQ2_0", "MXFP4"]
HALVES = {"Q4_0": [0], "Q4_1": [0, 2], "Q5_0": [0], "Q5_1": [0, 2], "Q8_0": [0], "Q2_K": [80, 82], "Q3_K": [108], "Q4_K": [0, 2], "Q5_K": [0, 2],
          "Q6_K": [208], "IQ4_NL": [0], "IQ4_XS": [0], "TQ1_0": [52], "TQ2_0": [64], "MXFP4": []}
for name in names:
    kind = T[name]
    size, nbytes = GGML_QUANT_SIZES[kind]
    shape = (3, 2 * size)
    blocks = rng.integers(0, 256, (shape[0] * shape[1] // size, nbytes), dtype=np.uint8)
    for at in HALVES[name]:
        blocks[:, at:at + 2] = rng.normal(0, 0.1, (len(blocks), 1)).astype(np.float16).view(np.uint8)
    if name == "MXFP4":
        blocks[:, 0] = rng.integers(100, 140, len(blocks))
    raw = blocks.reshape(shape[0], -1)
    out = quants.dequantize(raw, kind).astype(np.float32)
    w.add_tensor(name, raw, raw_dtype=kind)
    values[name] = {"shape": list(shape), "bits": base64.b64encode(out.tobytes()).decode()}
for name, dtype in [("F32", np.float32), ("F16", np.float16), ("F64", np.float64), ("I8", np.int8), ("I16", np.int16), ("I32", np.int32)]:
    x = rng.normal(0, 20, (2, 3, 4)).astype(dtype)
    w.add_tensor(name, x)
    values[name] = {"shape": [2, 3, 4], "bits": base64.b64encode(x.astype(np.float32).tobytes()).decode()}
x = rng.normal(0, 20, (5,)).astype(np.float32)
bf16 = (x.view(np.uint32) >> 16).astype(np.uint16)
w.add_tensor("BF16", bf16.view(np.uint8), raw_dtype=T.BF16)
values["BF16"] = {"shape": [5], "bits": base64.b64encode((bf16.astype(np.uint32) << 16).view(np.float32).tobytes()).decode()}
w.write_header_to_file()
w.write_kv_data_to_file()
w.write_tensors_to_file()
w.close()
file = open(path, "rb").read()
r = GGUFReader(path)
for t in r.tensors:
    assert values[t.name]["shape"] == list(reversed([int(n) for n in t.shape])), t.name
out = os.path.join(os.path.dirname(os.path.abspath(__file__)), "gguf.json")
json.dump({"file": base64.b64encode(file).decode(), "tensors": values}, open(out, "w"))
print(os.path.getsize(out), len(file))
