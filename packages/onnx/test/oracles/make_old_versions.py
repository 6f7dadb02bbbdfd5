"""Writes old-versions.json: operators in the versions that onnxruntime and ONNX's reference evaluator no longer run, with what
their documents (Changelog.md of ONNX) say that they give, written here in NumPy; and what the reference evaluator alone has.

    pip install onnx==1.23.1 numpy
    python make_old_versions.py
"""

import base64
import json
import os

import ml_dtypes
import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

f = np.float32
r = np.random.default_rng(1)
cases = []


class K:
    """A constant of the model."""

    def __init__(self, x, dtype=None):
        self.x = np.array(x, dtype)


def encode(x):
    x = np.asarray(x)
    if x.dtype == object or x.dtype.kind in "US":
        return {"type": "string", "shape": list(x.shape), "data": [str(s) for s in x.ravel()]}
    data = x.astype(np.float64).ravel().tolist()
    short = [float(np.format_float_positional(v, precision=9, fractional=False)) if np.isfinite(v) else str(v) for v in data]
    return {"type": str(x.dtype), "shape": list(x.shape), "data": [int(v) if isinstance(v, float) and v.is_integer() else v for v in short]}


def add(name, op, opset, given, want, domain="", **attrs):
    want = want if isinstance(want, list) else [want]
    inputs = {f"x{k}": x for k, x in enumerate(given) if not isinstance(x, K)}
    constants = {f"x{k}": x.x for k, x in enumerate(given) if isinstance(x, K)}
    outputs = [f"y{k}" for k in range(len(want))]
    node = helper.make_node(op, [f"x{k}" for k in range(len(given))], outputs, domain=domain, name=name, **attrs)
    graph = helper.make_graph(
        [node],
        "case",
        [helper.make_tensor_value_info(k, helper.np_dtype_to_tensor_dtype(x.dtype), x.shape) for k, x in inputs.items()],
        [onnx.ValueInfoProto(name=o) for o in outputs],
        [numpy_helper.from_array(v, k) for k, v in constants.items()],
    )
    imports = [helper.make_opsetid("", 6 if domain else opset)] + ([helper.make_opsetid(domain, opset)] if domain else [])
    model = helper.make_model(graph, opset_imports=imports, ir_version=10)
    encoded = base64.b64encode(model.SerializeToString()).decode()
    cases.append(
        {
            "name": name,
            "model": encoded,
            "inputs": {k: encode(v) for k, v in inputs.items()},
            "outputs": {o: encode(v) for o, v in zip(outputs, want)},
        }
    )


x = r.normal(size=(2, 3, 4)).astype(f)
im = r.normal(size=(1, 2, 3, 4)).astype(f)
add("Reshape1", "Reshape", 1, [x], x.reshape(6, 4), shape=[-1, 4], consumed_inputs=[0])
add("Reshape1 zero", "Reshape", 1, [x], x.reshape(2, 12), shape=[0, -1])
add("Pad1", "Pad", 1, [x[0]], np.pad(x[0], [(1, 2), (0, 1)], constant_values=1.5), paddings=[1, 0, 2, 1], value=1.5)
add("Pad1 reflect", "Pad", 1, [x[0]], np.pad(x[0], [(1, 2), (0, 1)], mode="reflect"), paddings=[1, 0, 2, 1], mode="reflect")
add("Pad2 edge", "Pad", 2, [x[0]], np.pad(x[0], [(1, 2), (0, 1)], mode="edge"), pads=[1, 0, 2, 1], mode="edge")
add("Tile1", "Tile", 1, [x, K(3, f), K(1, f)], np.tile(x, (1, 3, 1)))
add("Tile6", "Tile", 6, [x, K([1, 2, 1])], np.tile(x, (1, 2, 1)))
add("Upsample1", "Upsample", 1, [im], im.repeat(2, 2).repeat(3, 3), width_scale=3.0, height_scale=2.0, mode="nearest")
add("Upsample7", "Upsample", 7, [im], im.repeat(2, 2).repeat(3, 3), scales=[1.0, 1.0, 2.0, 3.0], mode="nearest")
add("Upsample9", "Upsample", 9, [im, K([1, 1, 2, 3], f)], im.repeat(2, 2).repeat(3, 3))
add("Concat1 default axis", "Concat", 1, [x, x], np.concatenate([x, x], 1))
add("Concat4", "Concat", 4, [x, x], np.concatenate([x, x], 2), axis=2)
add("Cast1", "Cast", 1, [x], x.astype(np.int32), to="INT32")
add("Split1 attr", "Split", 1, [x], [x[..., :1], x[..., 1:]], axis=2, split=[1, 3])
add("Split1 input", "Split", 1, [x, K([1, 3], f)], [x[..., :1], x[..., 1:]], axis=2)
add("Split2", "Split", 2, [x], [x[..., :2], x[..., 2:]], axis=-1)
add("Dropout1", "Dropout", 1, [x], [x], is_test=1)
add("Dropout7", "Dropout", 7, [x], [x], ratio=0.4)
add("Squeeze1", "Squeeze", 1, [x[:, None]], x, axes=[1])
add("Squeeze1 all", "Squeeze", 1, [x[:, None]], x)
add("Unsqueeze1", "Unsqueeze", 1, [x], x[None, :, None], axes=[0, 2])
A = r.normal(size=(3, 4)).astype(f)
B = r.normal(size=(4, 5)).astype(f)
C = r.normal(size=(5,)).astype(f)
D = r.normal(size=(3, 5)).astype(f)
add("Gemm1", "Gemm", 1, [A, B, C], A @ B * 0.5 + 2 * C, alpha=0.5, beta=2.0, broadcast=1)
add("Gemm6", "Gemm", 6, [A.T.copy(), B.T.copy(), D], A @ B + D, transA=1, transB=1)
add("Clip1", "Clip", 1, [x], np.clip(x, -0.5, 0.5), min=-0.5, max=0.5)
add("Clip6", "Clip", 6, [x], np.maximum(x, -0.5), min=-0.5)
s, b, m, v = [r.random(2).astype(f) + 0.5 for _ in range(4)]
bn = lambda e: ((im - m[:, None, None]) / np.sqrt(v[:, None, None] + e) * s[:, None, None] + b[:, None, None])
add("BN1", "BatchNormalization", 1, [im, s, b, m, v], bn(1e-5), is_test=1, consumed_inputs=[0, 0, 0, 1, 1])
add("BN6", "BatchNormalization", 6, [im, s, b, m, v], bn(1e-3), is_test=1, epsilon=1e-3, spatial=1)
add("BN7", "BatchNormalization", 7, [im, s, b, m, v], bn(1e-5))
sp = [r.random((2, 3, 4)).astype(f) + 0.5 for _ in range(4)]
add("BN7 spatial0", "BatchNormalization", 7, [im] + sp, (im - sp[2]) / np.sqrt(sp[3] + 1e-5) * sp[0] + sp[1], spatial=0)
add("BN9", "BatchNormalization", 9, [im, s, b, m, v], bn(1e-5))
mu = im.mean((0, 2, 3))
va = im.var((0, 2, 3))
add(
    "BN14 train",
    "BatchNormalization",
    14,
    [im, s, b, m, v],
    [
        (im - mu[:, None, None]) / np.sqrt(va[:, None, None] + 1e-5) * s[:, None, None] + b[:, None, None],
        0.9 * m + 0.1 * mu,
        0.9 * v + 0.1 * va,
    ],
    training_mode=1,
)
add(
    "LpPool1 p float",
    "LpPool",
    1,
    [im],
    np.stack([np.sqrt((im[:, :, :, i : i + 2] ** 2).sum(-1)) for i in range(3)], -1),
    kernel_shape=[1, 2],
    p=2.0,
)
add("GlobalLpPool1", "GlobalLpPool", 1, [im], (np.abs(im) ** 3).sum((2, 3), keepdims=True) ** (1 / 3), p=3.0)
add("ReduceSum1", "ReduceSum", 1, [x], x.sum((0, 2)), axes=[0, 2], keepdims=0)
add("ReduceLogSumExp1 neg axes 11", "ReduceLogSumExp", 11, [x], np.log(np.exp(x).sum(-1, keepdims=True)), axes=[-1])
add("ReduceMax1 all", "ReduceMax", 1, [x], x.max(keepdims=True))
add("ArgMax1", "ArgMax", 1, [x], x.argmax(0)[None])
add("ArgMin12 last", "ArgMin", 12, [np.array([[1, 0, 0], [2, 2, 3]], f)], np.array([2, 1]), axis=1, keepdims=0, select_last_index=1)
add("Hardmax1 2d coerce", "Hardmax", 1, [x], (lambda y: (np.eye(12)[y.argmax(1)]).astype(f).reshape(2, 3, 4))(x.reshape(2, 12)))
sm = lambda y: np.exp(y) / np.exp(y).sum(1, keepdims=True)
add("Softmax1 coerce", "Softmax", 1, [x], sm(x.reshape(2, 12)).reshape(2, 3, 4))
add("LogSoftmax11 axis2", "LogSoftmax", 11, [x], np.log(sm(x.reshape(6, 4))).reshape(2, 3, 4), axis=2)
add("PRelu1", "PRelu", 1, [im, np.array([0.1], f)], np.where(im < 0, 0.1 * im, im))
add("PRelu6 per channel", "PRelu", 6, [im, np.array([0.1, 0.3], f)], np.where(im < 0, np.array([0.1, 0.3], f)[:, None, None] * im, im))
add(
    "PRelu7 unidirectional",
    "PRelu",
    7,
    [im, np.array([[[0.1]], [[0.3]]], f)],
    np.where(im < 0, np.array([0.1, 0.3], f)[:, None, None] * im, im),
)
add(
    "InstanceNorm1",
    "InstanceNormalization",
    1,
    [im, s, b],
    (im - im.mean((2, 3), keepdims=True)) / np.sqrt(im.var((2, 3), keepdims=True) + 1e-5) * s[:, None, None] + b[:, None, None],
    consumed_inputs=[0],
)
add("Add1 axis", "Add", 1, [im, s], im + s[:, None, None], broadcast=1, axis=1)
add("Sub6 axis", "Sub", 6, [im, im[0, :, :, 0].copy()], im - im[0, :, :, 0][:, :, None], broadcast=1, axis=1)
add("And1 axis", "And", 1, [x > 0, np.array([True, False, True])], (x > 0) & np.array([True, False, True])[:, None], broadcast=1, axis=1)
add("Greater1", "Greater", 1, [x, np.array([0, 1, 0.5], f)], x > np.array([0, 1, 0.5], f)[:, None], broadcast=1, axis=1)
add("Less7", "Less", 7, [x, np.zeros((4,), f)], x < 0)
add(
    "Equal1 axis",
    "Equal",
    1,
    [np.array([[1, 2], [3, 4]], np.int32), np.array([1, 3], np.int32)],
    np.array([[True, False], [True, False]]),
    broadcast=1,
    axis=0,
)
add("Pow1 axis", "Pow", 1, [np.abs(im), s], np.abs(im) ** s[:, None, None], broadcast=1, axis=1)
add("Elu1", "Elu", 1, [x], np.where(x < 0, np.exp(x) - 1, x))
add("HardSigmoid1", "HardSigmoid", 1, [x], np.clip(0.2 * x + 0.5, 0, 1))
add("LeakyRelu1", "LeakyRelu", 1, [x], np.where(x < 0, 0.01 * x, x))
add("Flatten9", "Flatten", 9, [x], x.reshape(6, 4), axis=2)
add("Gather1", "Gather", 1, [x, np.array([1, 0])], x[:, [1, 0]], axis=1)
add(
    "SpaceToDepth1",
    "SpaceToDepth",
    1,
    [im[:, :, :2]],
    im[:, :, :2].reshape(1, 2, 1, 2, 2, 2).transpose(0, 3, 5, 1, 2, 4).reshape(1, 8, 1, 2),
    blocksize=2,
)
add("Mean1", "Mean", 1, [x, x * 2], x * 1.5)
add("Max1", "Max", 1, [x, -x], abs(x))
add("Sum6", "Sum", 6, [x, x], 2 * x)
add("TopK1", "TopK", 1, [x], [-np.sort(-x, -1)[..., :2], np.argsort(-x, -1)[..., :2]], k=2)
add("Slice1", "Slice", 1, [x], x[:, 1:3, :-1], axes=[1, 2], starts=[1, 0], ends=[1000, -1])
add(
    "MaxPool1 same_lower",
    "MaxPool",
    1,
    [im],
    np.maximum(im, np.pad(im, [(0, 0)] * 3 + [(1, 0)], constant_values=-9)[..., :-1]),
    kernel_shape=[1, 2],
    auto_pad="SAME_LOWER",
)
add(
    "NonMaxSuppression10",
    "NonMaxSuppression",
    10,
    [np.array([[[0, 0, 1, 1], [0, 0.1, 1, 1.1], [0, 5, 1, 6]]], f), np.array([[[0.9, 0.75, 0.6]]], f), K([3]), K([0.5], f), K([0.0], f)],
    np.array([[0, 0, 0], [0, 0, 2]]),
)
add(
    "Scatter9",
    "Scatter",
    9,
    [np.zeros((3, 3), f), np.array([[1, 0, 2], [0, 2, 1]]), np.array([[1, 1.1, 1.2], [2, 2.1, 2.2]], f)],
    np.array([[2, 1.1, 0], [1, 0, 2.2], [0, 2.1, 1.2]], f),
)
add("Constant12 ints", "Constant", 12, [], np.array([3, 4]), value_ints=[3, 4])
add("Constant12 float", "Constant", 12, [], np.array(1.5, f), value_float=1.5)
add("Compress9", "Compress", 9, [x, np.array([False, True])], x[:, 1:2], axis=1)
add("CumSum11 rev excl", "CumSum", 11, [np.arange(1, 6.0).astype(f), K(0)], np.array([14, 12, 9, 5, 0], f), reverse=1, exclusive=1)
add("AveragePool7 pad", "AveragePool", 7, [np.ones((1, 1, 3, 3), f)], np.ones((1, 1, 3, 3), f), kernel_shape=[3, 3], pads=[1, 1, 1, 1])
add(
    "AveragePool10 ceil",
    "AveragePool",
    10,
    [np.arange(5.0).astype(f).reshape(1, 1, 5)],
    np.array([[[0.5, 2.5, 4]]], f),
    kernel_shape=[2],
    strides=[2],
    ceil_mode=1,
)
add(
    "ScatterElements16 add",
    "ScatterElements",
    16,
    [np.zeros((3,), f), np.array([1, 1]), np.array([1, 2], f)],
    np.array([0, 3, 0], f),
    reduction="add",
)
add(
    "ScatterND16 mul",
    "ScatterND",
    16,
    [np.ones((3,), f), np.array([[1], [1]]), np.array([2, 3], f)],
    np.array([1, 6, 1], f),
    reduction="mul",
)
add("IsInf10", "IsInf", 10, [np.array([1, np.inf, -np.inf], f)], np.array([False, False, True]), detect_positive=0)
add("MVN9", "MeanVarianceNormalization", 9, [im], (im - im.mean((0, 2, 3), keepdims=True)) / (im.std((0, 2, 3), keepdims=True) + 1e-9))
add("Shape1", "Shape", 1, [x], np.array([2, 3, 4]))
add("Size1", "Size", 1, [x], np.array(24))
add(
    "LabelEncoder1",
    "LabelEncoder",
    1,
    [np.array(["a", "c", "z"])],
    np.array([0, 2, -7]),
    domain="ai.onnx.ml",
    classes_strings=["a", "b", "c"],
    default_int64=-7,
)
add(
    "LabelEncoder1 back",
    "LabelEncoder",
    1,
    [np.array([0, 2, 9])],
    np.array(["a", "c", "none"]),
    domain="ai.onnx.ml",
    classes_strings=["a", "b", "c"],
    default_string="none",
)
add("Einsum12 ellipsis", "Einsum", 12, [x, x], np.einsum("...i,...i->...", x, x), equation="...i,...i->...")
add(
    "MaxRoiPool22",
    "MaxRoiPool",
    22,
    [np.arange(16.0).astype(f).reshape(1, 1, 4, 4), K([[0, 0, 0, 3, 3]], f)],
    np.array([[[[5, 7], [13, 15]]]], f),
    pooled_shape=[2, 2],
)

# Casts to the smallest types: integers keep their low bits, floats without NaN have zero for it.
v = np.array([1.7, -1.7, -9, 7.6, 8, 15.9, 100.3, 0.25], f)
for name, dtype in (("INT4", ml_dtypes.int4), ("UINT4", ml_dtypes.uint4), ("INT2", ml_dtypes.int2), ("UINT2", ml_dtypes.uint2)):
    small = v.astype(dtype).astype(np.uint8 if name[0] == "U" else np.int8)
    add(f"Cast25 {name}", "Cast", 25, [v], small, to=getattr(TensorProto, name))
add(
    "Cast25 FLOAT4E2M1",
    "Cast",
    25,
    [np.append(v, np.nan).astype(f)],
    np.append(v.astype(ml_dtypes.float4_e2m1fn).astype(f), 0).astype(f),
    to=TensorProto.FLOAT4E2M1,
)
e = np.array([1, 1.25, 1.5, 1.75, 2, 3, 1e-39, 2.0**-126, 3.4e38, np.nan], f)
for mode in ("up", "down", "nearest"):
    held = numpy_helper.to_float8e8m0(e, True, mode).astype(f)
    add(f"Cast25 FLOAT8E8M0 {mode}", "Cast", 25, [e], held, to=TensorProto.FLOAT8E8M0, round_mode=mode)
add(
    "Equal19 strings",
    "Equal",
    19,
    [np.array([["a"], ["b"]], object), np.array(["a", "c"], object)],
    np.array([[True, False], [False, False]]),
)
add("BitCast26 bool", "BitCast", 26, [np.array([True, False])], np.array([1, 0], np.uint8), to=TensorProto.UINT8)

here = os.path.dirname(os.path.abspath(__file__))
with open(os.path.join(here, "old-versions.json"), "w") as out:
    out.write("[\n" + ",\n".join(json.dumps(c, separators=(",", ":")) for c in cases) + "\n]\n")
print(len(cases), "cases")
