"""Writes cases.json: small models of one operator each, with inputs, and outputs of onnxruntime (or of ONNX's reference
evaluator where onnxruntime lacks the operator or the version).

    pip install onnx==1.23.1 onnxruntime==1.30.0 numpy
    python make_cases.py
"""
import base64
import json
import os

import ml_dtypes  # noqa: F401  (comes with onnx)
import numpy as np
import onnx
import onnxruntime as ort
from onnx import TensorProto, helper, numpy_helper
from onnx.reference import ReferenceEvaluator

rng = np.random.default_rng(7)
cases = []


def f(*shape, lo=-2.0, hi=2.0, dtype=np.float32):
    return (rng.random(shape) * (hi - lo) + lo).astype(dtype)


def i(lo, hi, *shape, dtype=np.int64):
    return rng.integers(lo, hi, shape).astype(dtype)


def value(name, x):
    if isinstance(x, list):
        inner = helper.make_tensor_type_proto(helper.np_dtype_to_tensor_dtype(x[0].dtype), None)
        return helper.make_value_info(name, helper.make_sequence_type_proto(inner))
    return helper.make_tensor_value_info(name, helper.np_dtype_to_tensor_dtype(x.dtype), x.shape)


def encode(x):
    if isinstance(x, list):
        return [encode(y) for y in x]
    x = np.asarray(x)
    if x.dtype == object or x.dtype.kind in "US":
        return {"type": "string", "shape": list(x.shape), "data": [str(s) for s in x.ravel()]}
    data = x.astype(np.float64).ravel().tolist()
    short = [float(np.format_float_positional(v, precision=9, fractional=False)) if np.isfinite(v) else str(v) for v in data]
    short = [int(v) if isinstance(v, float) and v.is_integer() else v for v in short]
    return {"type": str(x.dtype), "shape": list(x.shape), "data": short}


def model_of(nodes, inputs, outputs, opset, domain="", constants=None, functions=()):
    graph = helper.make_graph(
        nodes,
        "case",
        [value(k, v) for k, v in inputs.items()],
        [onnx.ValueInfoProto(name=o) for o in outputs],
        [numpy_helper.from_array(v, k) for k, v in (constants or {}).items()],
    )
    imports = [helper.make_opsetid("", opset)] + ([helper.make_opsetid(domain, 1)] if domain else [])
    return helper.make_model(graph, opset_imports=imports, functions=functions, ir_version=10)


def add(name, op, inputs, n_outputs=1, opset=21, domain="", by="ort", constants=None, names=None, tolerance=None, **attrs):
    """One node. `names` gives the order of inputs ("" for one left out); constants are initialisers."""
    inputs = {k: np.asarray(v) for k, v in inputs.items()}
    constants = {k: np.asarray(v) for k, v in (constants or {}).items()}
    outputs = [f"y{k}" for k in range(n_outputs)]
    node = helper.make_node(op, names or [*inputs, *(constants or {})], outputs, domain=domain, name=name, **attrs)
    add_model(name, model_of([node], inputs, outputs, opset, domain, constants), inputs, by, tolerance)


def add_model(name, model, inputs, by="ort", tolerance=None):
    inputs = {k: v if isinstance(v, list) else np.asarray(v) for k, v in inputs.items()}
    if by == "ort":
        options = ort.SessionOptions()
        options.log_severity_level = 4
        session = ort.InferenceSession(model.SerializeToString(), options, providers=["CPUExecutionProvider"])
        results = session.run(None, inputs)
    else:
        results = ReferenceEvaluator(model).run(None, inputs)
    case = {
        "name": name,
        "model": base64.b64encode(model.SerializeToString()).decode(),
        "inputs": {k: encode(v) for k, v in inputs.items()},
        "outputs": {o.name: encode(r) for o, r in zip(model.graph.output, results)},
    }
    if tolerance:
        case["tolerance"] = tolerance
    cases.append(case)


def section(fn):
    fn()
    return fn


@section
def elementwise():
    for op in "Abs Ceil Floor Neg Sign Round Erf Exp Sin Cos Tan Tanh Sinh Cosh Atan Asinh Softplus Softsign Sigmoid Mish HardSwish Relu".split():
        add(op, op, {"x": f(2, 5, lo=-3, hi=3)})
    for op in "Asin Acos Atanh".split():
        add(op, op, {"x": f(2, 5, lo=-0.99, hi=0.99)})
    add("Acosh", "Acosh", {"x": f(6, lo=1, hi=4)})
    for op in "Sqrt Log Reciprocal".split():
        add(op, op, {"x": f(6, lo=0.1, hi=4)})
    for op, at in [("Elu", {"alpha": 1.5}), ("Celu", {"alpha": 0.7}), ("Selu", {"alpha": 2.0, "gamma": 1.1}), ("LeakyRelu", {"alpha": 0.2}),
                   ("HardSigmoid", {"alpha": 0.3, "beta": 0.4}), ("ThresholdedRelu", {"alpha": 0.5}), ("Shrink", {"lambd": 0.7, "bias": 0.2})]:
        add(op, op, {"x": f(3, 4)}, opset=16, **at)
    for how in ("none", "tanh"):
        add(f"Gelu {how}", "Gelu", {"x": f(8, lo=-4, hi=4)}, approximate=how)
    add("PRelu", "PRelu", {"x": f(2, 3, 4), "slope": f(3, 1)})
    add("PRelu channel", "PRelu", {"x": f(2, 3, 4, 4), "slope": f(3, 1, 1)}, opset=9)
    x = np.array([1, -np.inf, np.inf, np.nan, 0], np.float32)
    add("IsInf", "IsInf", {"x": x})
    add("IsInf positive", "IsInf", {"x": x}, detect_negative=0)
    add("IsInf negative", "IsInf", {"x": x}, detect_positive=0)
    add("IsNaN", "IsNaN", {"x": x})
    add("Round half", "Round", {"x": np.array([0.5, 1.5, 2.5, -0.5, -1.5, 2.4], np.float32)})
    add("Clip 6", "Clip", {"x": f(3, 4)}, opset=6, min=-0.5, max=1.0)
    add("Clip int", "Clip", {"x": i(-9, 9, 7, dtype=np.int32), "lo": np.int32(-3), "hi": np.int32(4)})
    for op in ("And", "Or", "Xor"):
        add(op, op, {"a": i(0, 2, 2, 3, dtype=bool), "b": i(0, 2, 3, dtype=bool)})
    add("Not", "Not", {"a": i(0, 2, 6, dtype=bool)})
    for op in ("BitwiseAnd", "BitwiseOr", "BitwiseXor"):
        add(op, op, {"a": i(-90, 90, 2, 3, dtype=np.int32), "b": i(-90, 90, 3, dtype=np.int32)})
    add("BitwiseNot", "BitwiseNot", {"a": i(0, 200, 5, dtype=np.uint8)})
    for d in ("LEFT", "RIGHT"):
        add(f"BitShift {d}", "BitShift", {"a": i(0, 200, 6, dtype=np.uint8), "b": i(0, 9, 6, dtype=np.uint8)}, direction=d)
    for op in ("Equal", "Less", "LessOrEqual", "Greater", "GreaterOrEqual"):
        add(op, op, {"a": i(-2, 2, 3, 4, dtype=np.int32), "b": i(-2, 2, 4, dtype=np.int32)})
    for op in ("Add", "Sub", "Mul", "Div"):
        add(f"{op} int32", op, {"a": i(-20, 20, 3, 4, dtype=np.int32), "b": i(1, 5, 4, dtype=np.int32)})
    add("Div negative", "Div", {"a": np.array([-7, 7, -7, 7], np.int32), "b": np.array([2, -2, -2, 2], np.int32)})
    add("Mod int", "Mod", {"a": i(-20, 20, 8), "b": np.array([3, -3, 5, -5, 3, -3, 5, -5])})
    add("Mod fmod", "Mod", {"a": f(8, lo=-9, hi=9), "b": np.array([3, -3, 5, -5, 3, -3, 5, -5], np.float32)}, fmod=1)
    add("Mod fmod int", "Mod", {"a": i(-20, 20, 8), "b": np.array([3, -3, 5, -5, 3, -3, 5, -5])}, fmod=1)
    add("Pow", "Pow", {"a": f(2, 3, lo=0.1), "b": f(3)})
    add("Pow int", "Pow", {"a": i(-4, 4, 5, dtype=np.int32), "b": i(0, 4, 5, dtype=np.int32)})
    add("Pow mixed", "Pow", {"a": f(2, 3, lo=0.1), "b": i(-2, 3, 3)})
    for op in ("Max", "Min", "Mean", "Sum"):
        add(f"{op} three", op, {"a": f(2, 3), "b": f(3), "c": f(1, 1)})
    add("Where", "Where", {"c": i(0, 2, 2, 1, dtype=bool), "x": f(1, 3), "y": f(2, 1)})


@section
def softmaxes():
    for op in ("Softmax", "LogSoftmax", "Hardmax"):
        add(f"{op} 11", op, {"x": f(2, 3, 4)}, opset=11, axis=1)
        add(f"{op} 13", op, {"x": f(2, 3, 4)}, axis=1)
        add(f"{op} 13 default", op, {"x": f(2, 3, 4)})


@section
def casts():
    x = np.array([-2.7, -0.5, 0, 0.4, 1.5, 300.2], np.float32)
    for t in (TensorProto.INT32, TensorProto.INT64, TensorProto.BOOL, TensorProto.FLOAT16, TensorProto.BFLOAT16, TensorProto.DOUBLE):
        if t == TensorProto.BFLOAT16:
            nodes = [helper.make_node("Cast", ["x"], ["a"], to=t), helper.make_node("Cast", ["a"], ["y0"], to=TensorProto.FLOAT)]
            add_model("Cast bfloat16", model_of(nodes, {"x": x}, ["y0"], 21), {"x": x})
        else:
            add(f"Cast {t}", "Cast", {"x": x}, to=t)
    small = np.concatenate([f(40, lo=-30, hi=30), f(20, lo=-0.02, hi=0.02), np.array([500, -500, 1e5, np.inf, -np.inf, np.nan, 464, 448, 449, 57344, 61440, 0, 240, 248], np.float32)])
    for t in ("FLOAT8E4M3FN", "FLOAT8E4M3FNUZ", "FLOAT8E5M2", "FLOAT8E5M2FNUZ"):
        for saturate in (0, 1):
            nodes = [helper.make_node("Cast", ["x"], ["a"], to=getattr(TensorProto, t), saturate=saturate), helper.make_node("Cast", ["a"], ["y0"], to=TensorProto.FLOAT)]
            add_model(f"Cast {t} {saturate}", model_of(nodes, {"x": small}, ["y0"], 21), {"x": small}, "ref")
    add("Cast uint8 int8", "Cast", {"x": i(0, 256, 8, dtype=np.uint8)}, to=TensorProto.INT8)
    add("Cast string", "Cast", {"x": np.array([1.5, 2, -0.25, 1e10, np.inf, np.nan], np.float32)}, to=TensorProto.STRING)
    add("Cast from string", "Cast", {"x": np.array(["1.5", "-2", "1e3", "inf"], object)}, to=TensorProto.FLOAT)


@section
def reductions():
    x = f(2, 3, 4, lo=0.1)
    for op in "ReduceL1 ReduceL2 ReduceLogSum ReduceLogSumExp ReduceMax ReduceMean ReduceMin ReduceProd ReduceSum ReduceSumSquare".split():
        add(f"{op} 11", op, {"x": x}, opset=11, axes=[0, -1], keepdims=0)
        add(f"{op} 18", op, {"x": x}, opset=18, constants={"axes": np.array([1])})
        add(f"{op} all", op, {"x": x}, opset=18, keepdims=0)
        add(f"{op} noop", op, {"x": x}, opset=18, noop_with_empty_axes=1)
    add("ReduceSum int", "ReduceSum", {"x": i(-9, 9, 3, 4, dtype=np.int32)}, keepdims=0)
    add("ReduceMean int", "ReduceMean", {"x": i(-90, 90, 3, 4, dtype=np.int32)}, keepdims=0)
    add("ReduceMax bool", "ReduceMax", {"x": i(0, 2, 3, 4, dtype=bool)}, opset=20, keepdims=0, constants={"axes": np.array([1])})
    for op in ("ArgMax", "ArgMin"):
        y = np.array([[1, 3, 3, 0], [2, 2, 0, 0]], np.float32)
        add(op, op, {"x": y}, axis=1)
        add(f"{op} last", op, {"x": y}, axis=-1, keepdims=0, select_last_index=1)
    add("CumSum", "CumSum", {"x": f(2, 4)}, constants={"axis": np.array(1)}, exclusive=1, reverse=1)
    add("CumSum int", "CumSum", {"x": i(-9, 9, 2, 4, dtype=np.int32)}, constants={"axis": np.array(0)})


@section
def shapes():
    x = f(2, 3, 4)
    add("Reshape zero", "Reshape", {"x": x}, constants={"s": np.array([0, -1, 2])})
    add("Reshape allowzero", "Reshape", {"x": np.zeros((0, 3), np.float32)}, constants={"s": np.array([3, 0])}, allowzero=1)
    add("Flatten", "Flatten", {"x": x}, axis=2)
    add("Flatten negative", "Flatten", {"x": x}, axis=-1)
    add("Squeeze all", "Squeeze", {"x": f(1, 3, 1)})
    add("Squeeze 11", "Squeeze", {"x": f(1, 3, 1)}, opset=11, axes=[-1])
    add("Unsqueeze 11", "Unsqueeze", {"x": f(3)}, opset=11, axes=[0, 2])
    add("Unsqueeze", "Unsqueeze", {"x": f(3)}, constants={"a": np.array([-1, 0])})
    add("Transpose", "Transpose", {"x": x}, perm=[2, 0, 1])
    add("Transpose default", "Transpose", {"x": x})
    add("Expand", "Expand", {"x": f(3, 1)}, constants={"s": np.array([2, 1, 6])})
    add("Shape part", "Shape", {"x": x}, start=-2, end=10)
    add("Size", "Size", {"x": x})
    add("Concat", "Concat", {"a": f(2, 1), "b": f(2, 3)}, axis=-1)
    add("Split 11", "Split", {"x": f(6, 2)}, 3, opset=11, axis=0, split=[1, 2, 3])
    add("Split 18 uneven", "Split", {"x": f(7, 2)}, 3, opset=18, num_outputs=3)
    add("Split equal", "Split", {"x": f(2, 6)}, 2, opset=13, axis=-1)
    add("Tile", "Tile", {"x": f(2, 3)}, constants={"r": np.array([2, 2])})
    add("Slice 9", "Slice", {"x": x}, opset=9, starts=[1, -3], ends=[10, -1], axes=[1, 2])
    c = lambda *v: np.array(v)
    add("Slice steps", "Slice", {"x": f(8, 5)}, constants={"s": c(7, -1), "e": c(0, -100), "a": c(0, 1), "t": c(-2, -2)})
    add("Slice far", "Slice", {"x": f(8, 5)}, constants={"s": c(1), "e": c(np.iinfo(np.int64).max), "a": c(-1), "t": c(2)})
    add("Slice empty", "Slice", {"x": f(8, 5)}, constants={"s": c(5), "e": c(2), "a": c(0)})
    add("DepthToSpace DCR", "DepthToSpace", {"x": f(1, 8, 2, 3)}, blocksize=2)
    add("DepthToSpace CRD", "DepthToSpace", {"x": f(1, 8, 2, 3)}, blocksize=2, mode="CRD")
    add("SpaceToDepth", "SpaceToDepth", {"x": f(1, 2, 4, 6)}, blocksize=2)
    add("ConstantOfShape", "ConstantOfShape", {}, constants={"s": c(2, 3)}, value=numpy_helper.from_array(np.array([7], np.int32)))
    add("EyeLike", "EyeLike", {"x": f(3, 4)}, k=1, dtype=TensorProto.INT32)
    add("Range float", "Range", {}, constants={"a": np.float32(1), "b": np.float32(4.2), "c": np.float32(0.7)})
    add("Range down", "Range", {}, constants={"a": np.int64(10), "b": np.int64(0), "c": np.int64(-3)})
    add("Trilu", "Trilu", {"x": f(2, 3, 4)}, constants={"k": np.int64(-1)}, upper=0)
    add("ReverseSequence", "ReverseSequence", {"x": f(4, 3)}, constants={"l": c(1, 4, 2)}, batch_axis=1, time_axis=0)
    for mode in ("constant", "reflect", "edge", "wrap"):
        add(f"Pad {mode}", "Pad", {"x": f(3, 4)}, opset=19, constants={"p": c(1, 2, 0, 1)}, mode=mode)
    add("Pad value axes", "Pad", {"x": f(3, 4)}, names=["x", "p", "v", "a"], constants={"p": c(2, 1), "v": np.float32(9), "a": c(-1)})
    add("Pad cut", "Pad", {"x": f(3, 4)}, constants={"p": c(-1, 1, 0, -2)})
    add("Pad 2", "Pad", {"x": f(3, 4)}, opset=2, pads=[0, 1, 2, 0], value=3.0)
    add("CenterCropPad", "CenterCropPad", {"x": f(5, 4, 3)}, opset=18, by="ref", constants={"s": c(3, 6)}, axes=[0, 1])
    add("Identity", "Identity", {"x": x})


@section
def indices():
    x = f(3, 4)
    c = lambda *v: np.array(v)
    add("Gather", "Gather", {"x": x, "i": np.array([[0, -1], [1, 0]])}, axis=1)
    add("GatherElements", "GatherElements", {"x": x, "i": np.array([[0, -1], [1, 0]])}, axis=1)
    add("GatherND", "GatherND", {"x": f(2, 3, 4), "i": np.array([[[0], [2]], [[1], [-1]]])}, batch_dims=1)
    add("GatherND deep", "GatherND", {"x": f(2, 3, 4), "i": np.array([[0, 1], [1, 2]])})
    for r in ("none", "add", "mul", "max", "min"):
        idx = np.array([[1, 0], [-1, 2], [3, 1]]) if r == "none" else np.array([[1, 1], [-1, 2], [3, 1]])
        add(f"ScatterElements {r}", "ScatterElements", {"x": x, "i": idx, "u": f(3, 2)}, opset=18, axis=1, reduction=r)
        nd = np.array([[0, 1], [2, 3]]) if r == "none" else np.array([[0, 1], [0, 1]])
        add(f"ScatterND {r}", "ScatterND", {"x": x, "i": nd, "u": f(2)}, opset=18, reduction=r)
    add("ScatterND rows", "ScatterND", {"x": x, "i": np.array([[2], [0]]), "u": f(2, 4)})
    add("OneHot", "OneHot", {"i": np.array([0, 2, -1, 5]), "v": np.array([-1, 3], np.float32)}, names=["i", "d", "v"], constants={"d": np.int64(4)}, axis=0)
    add("Compress", "Compress", {"x": x, "c": np.array([True, False, True])}, axis=0)
    add("Compress flat", "Compress", {"x": x, "c": np.array([True, False, True, True])})
    add("NonZero", "NonZero", {"x": np.array([[1, 0, 2], [0, 0, 3]], np.float32)})
    u = np.array([3, 1, 1, 2, 3, 3], np.float32)
    add("Unique", "Unique", {"x": u}, 4)
    add("Unique unsorted", "Unique", {"x": u}, 4, sorted=0)
    add("Unique axis", "Unique", {"x": np.array([[1, 0, 1], [2, 3, 2]], np.float32)}, 4, axis=1)
    add("TopK", "TopK", {"x": f(3, 5)}, 2, constants={"k": c(2)})
    add("TopK small", "TopK", {"x": f(3, 5)}, 2, constants={"k": c(3)}, axis=0, largest=0)
    add("TopK 1", "TopK", {"x": f(3, 5)}, 2, opset=9, k=2, axis=1)
    add("TensorScatter", "TensorScatter", {"p": f(2, 5, 3), "u": f(2, 2, 3), "w": np.array([1, 4])}, opset=24, by="ref", mode="circular", axis=1)


@section
def products():
    add("MatMul batch", "MatMul", {"a": f(2, 1, 3, 4), "b": f(5, 4, 2)})
    add("MatMul vector", "MatMul", {"a": f(4), "b": f(2, 4, 3)})
    add("Gemm", "Gemm", {"a": f(4, 3), "b": f(2, 4), "c": f(2)}, transA=1, transB=1, alpha=0.5, beta=2.0)
    add("Gemm no C", "Gemm", {"a": f(3, 4), "b": f(4, 2)})
    add("Einsum", "Einsum", {"a": f(2, 3, 4), "b": f(2, 4, 5)}, equation="b i j, b j k -> b i k")
    add("Einsum diagonal", "Einsum", {"a": f(3, 3)}, equation="ii->i")
    add("Einsum dots", "Einsum", {"a": f(2, 3, 4), "b": f(4, 5)}, equation="...j,jk->...k")
    add("Det", "Det", {"a": f(2, 3, 3)})
    add("MatMulInteger", "MatMulInteger", {"a": i(0, 255, 3, 4, dtype=np.uint8), "b": i(0, 255, 4, 2, dtype=np.uint8), "za": np.uint8(12), "zb": np.uint8(200)})
    add("MatMulInteger columns", "MatMulInteger", {"a": i(0, 255, 3, 4, dtype=np.uint8), "b": i(-99, 99, 4, 2, dtype=np.int8), "za": np.uint8(12)}, names=["a", "b", "za", "zb"], constants={"zb": np.array([3, -4], np.int8)})


@section
def convolutions():
    add("Conv", "Conv", {"x": f(1, 2, 5, 6), "w": f(3, 2, 3, 2), "b": f(3)}, strides=[2, 1], pads=[1, 0, 0, 1], dilations=[1, 2])
    add("Conv group", "Conv", {"x": f(2, 4, 6), "w": f(6, 2, 3)}, group=2, auto_pad="SAME_UPPER", strides=[2])
    add("Conv lower", "Conv", {"x": f(1, 1, 6, 6), "w": f(1, 1, 4, 4)}, auto_pad="SAME_LOWER", strides=[3, 2])
    add("Conv 3d", "Conv", {"x": f(1, 2, 3, 4, 4), "w": f(2, 2, 2, 2, 2)})
    add("ConvTranspose", "ConvTranspose", {"x": f(1, 2, 3, 4), "w": f(2, 3, 3, 2), "b": f(3)}, strides=[2, 3], pads=[1, 0, 2, 1], output_padding=[1, 1])
    add("ConvTranspose group", "ConvTranspose", {"x": f(1, 4, 5), "w": f(4, 2, 3)}, group=2, dilations=[2])
    add("ConvTranspose same", "ConvTranspose", {"x": f(1, 1, 3, 3), "w": f(1, 1, 3, 3)}, strides=[2, 2], auto_pad="SAME_UPPER")
    add("ConvTranspose shape", "ConvTranspose", {"x": f(1, 1, 3, 3), "w": f(1, 1, 3, 3)}, strides=[3, 2], output_shape=[10, 8])
    add("ConvInteger", "ConvInteger", {"x": i(0, 255, 1, 2, 4, 4, dtype=np.uint8), "w": i(0, 255, 2, 2, 2, 2, dtype=np.uint8), "zx": np.uint8(7), "zw": np.uint8(9)}, pads=[1, 1, 0, 0])
    add("Col2Im", "Col2Im", {"x": f(1, 8, 4)}, opset=18, constants={"i": np.array([3, 3]), "b": np.array([2, 2])})
    add("Col2Im strides", "Col2Im", {"x": f(2, 4, 9)}, opset=18, constants={"i": np.array([5, 5]), "b": np.array([2, 2])}, strides=[2, 2], pads=[1, 1, 0, 0], by="ref")
    add("DeformConv", "DeformConv", {"x": f(1, 2, 4, 4), "w": f(2, 2, 2, 2), "o": f(1, 8, 3, 3, lo=-0.6, hi=0.6)}, opset=22, by="ref")


    add("DeformConv groups", "DeformConv", {"x": f(1, 4, 3, 3), "w": f(2, 2, 2, 2), "o": f(1, 16, 2, 2, lo=-0.6, hi=0.6), "b": f(2), "m": f(1, 8, 2, 2, lo=0, hi=1)}, opset=22, by="ref", group=2, offset_group=2)


@section
def pools():
    x = f(1, 2, 6, 7)
    for op in ("MaxPool", "AveragePool", "LpPool"):
        add(f"{op} strides", op, {"x": x}, kernel_shape=[3, 2], strides=[2, 3], pads=[1, 0, 1, 1])
        add(f"{op} same", op, {"x": x}, kernel_shape=[3, 2], strides=[2, 2], auto_pad="SAME_LOWER")
    for op in ("MaxPool", "AveragePool"):
        add(f"{op} ceil", op, {"x": x}, kernel_shape=[3, 3], strides=[2, 2], ceil_mode=1)
        add(f"{op} dilations", op, {"x": x}, kernel_shape=[2, 2], dilations=[2, 3])
        add(f"{op} 1d", op, {"x": f(1, 2, 9)}, kernel_shape=[3], strides=[2])
        add(f"{op} 3d", op, {"x": f(1, 1, 4, 4, 4)}, kernel_shape=[2, 2, 2])
    add("AveragePool include", "AveragePool", {"x": x}, kernel_shape=[3, 3], pads=[1, 1, 1, 1], count_include_pad=1)
    add("MaxPool indices", "MaxPool", {"x": f(2, 2, 5, 5)}, 2, kernel_shape=[3, 3], strides=[2, 2], pads=[1, 1, 1, 1])
    add("MaxPool column", "MaxPool", {"x": f(1, 1, 5, 4)}, 2, kernel_shape=[2, 2], storage_order=1)
    add("MaxPool int8", "MaxPool", {"x": i(-99, 99, 1, 1, 4, 4, dtype=np.int8)}, kernel_shape=[2, 2], pads=[1, 1, 0, 0])
    for op in ("GlobalAveragePool", "GlobalMaxPool", "GlobalLpPool"):
        add(op, op, {"x": x})
    add("LpPool 3", "LpPool", {"x": x}, kernel_shape=[2, 2], p=3)
    add("MaxUnpool", "MaxUnpool", {"x": np.array([[[[5, 6], [7, 8]]]], np.float32), "i": np.array([[[[5, 7], [13, 15]]]])}, kernel_shape=[2, 2], strides=[2, 2])
    add("MaxRoiPool", "MaxRoiPool", {"x": f(1, 2, 6, 6)}, constants={"r": np.array([[0, 0, 0, 3, 4], [0, 2, 1, 5, 5]], np.float32)}, pooled_shape=[2, 2])


@section
def normalizations():
    x = f(2, 4, 3, 3)
    add("BatchNormalization", "BatchNormalization", {"x": x, "s": f(4), "b": f(4), "m": f(4), "v": f(4, lo=0.1)}, epsilon=1e-3)
    add("BatchNormalization train", "BatchNormalization", {"x": x, "s": f(4), "b": f(4), "m": f(4), "v": f(4, lo=0.1)}, 3, by="ref", training_mode=1, momentum=0.8)
    add("InstanceNormalization", "InstanceNormalization", {"x": x, "s": f(4), "b": f(4)})
    add("LayerNormalization", "LayerNormalization", {"x": x, "s": f(3, 3), "b": f(3, 3)}, 3, opset=17, axis=2)
    add("GroupNormalization", "GroupNormalization", {"x": x, "s": f(4), "b": f(4)}, opset=21, num_groups=2)
    add("GroupNormalization 18", "GroupNormalization", {"x": x, "s": f(2), "b": f(2)}, opset=18, num_groups=2, by="ort")
    add("RMSNormalization", "RMSNormalization", {"x": x, "s": f(3)}, opset=23, by="ref")
    add("LRN", "LRN", {"x": x}, size=3, alpha=0.01, beta=0.6, bias=1.5)
    add("LpNormalization", "LpNormalization", {"x": x}, axis=1, p=1)
    add("MeanVarianceNormalization", "MeanVarianceNormalization", {"x": x}, opset=13)
    add("MeanVarianceNormalization axes", "MeanVarianceNormalization", {"x": x}, opset=13, axes=[1, 2])


@section
def recurrent():
    for op, g, acts in (("RNN", 1, ["Relu"]), ("GRU", 3, ["HardSigmoid", "Softsign"]), ("LSTM", 4, ["Sigmoid", "Affine", "LeakyRelu"])):
        s, b, n, h = 4, 2, 3, 5
        for direction, d in (("forward", 1), ("reverse", 1), ("bidirectional", 2)):
            inputs = {"x": f(s, b, n), "w": f(d, g * h, n, lo=-0.5, hi=0.5), "r": f(d, g * h, h, lo=-0.5, hi=0.5), "b": f(d, 2 * g * h), "l": np.array([4, 2], np.int32), "h": f(d, b, h)}
            if op == "LSTM":
                inputs["c"] = f(d, b, h)
            add(f"{op} {direction}", op, inputs, 3 if op == "LSTM" else 2, hidden_size=h, direction=direction)
        plain = {"x": f(s, b, n), "w": f(1, g * h, n), "r": f(1, g * h, h)}
        add(f"{op} plain", op, plain, 1, hidden_size=h)
        more = {"activation_alpha": [0.3, 0.2][: 1 if op != "LSTM" else 2], "activation_beta": [0.4]} if op != "RNN" else {}
        add(f"{op} activations", op, plain, 1, hidden_size=h, activations=acts, **more)
    add("GRU late", "GRU", {"x": f(3, 2, 3), "w": f(1, 12, 3), "r": f(1, 12, 4), "b": f(1, 24)}, 2, hidden_size=4, linear_before_reset=1)
    add("LSTM peephole", "LSTM", {"x": f(3, 2, 3), "w": f(1, 16, 3), "r": f(1, 16, 4), "b": f(1, 32), "h": f(1, 2, 4), "c": f(1, 2, 4), "p": f(1, 12)}, 3, names=["x", "w", "r", "b", "", "h", "c", "p"], hidden_size=4, clip=0.8)
    for op, g in (("RNN", 1), ("GRU", 3), ("LSTM", 4)):
        batch_first = {"x": f(2, 3, 3), "w": f(1, g * 4, 3), "r": f(1, g * 4, 4), "b": f(1, 2 * g * 4)}
        add(f"{op} layout", op, batch_first, 3 if op == "LSTM" else 2, by="ref", hidden_size=4, layout=1)
    add("LSTM coupled", "LSTM", {"x": f(3, 2, 3), "w": f(1, 16, 3), "r": f(1, 16, 4)}, 3, hidden_size=4, input_forget=1)


@section
def quantized():
    x = f(3, 4, lo=-4, hi=4)
    c = {"s": np.float32(0.05), "z": np.uint8(100)}
    add("QuantizeLinear", "QuantizeLinear", {"x": x}, constants=c)
    add("QuantizeLinear int8 axis", "QuantizeLinear", {"x": x}, constants={"s": f(3, lo=0.01, hi=0.1), "z": i(-9, 9, 3, dtype=np.int8)}, axis=0)
    add("QuantizeLinear int16", "QuantizeLinear", {"x": x}, constants={"s": np.float32(0.0005), "z": np.int16(-30)})
    add("QuantizeLinear blocked", "QuantizeLinear", {"x": f(2, 6)}, constants={"s": f(2, 3, lo=0.01, hi=0.1), "z": i(0, 99, 2, 3, dtype=np.uint8)}, axis=1, block_size=2, by="ref")
    add("DequantizeLinear", "DequantizeLinear", {"x": i(0, 255, 3, 4, dtype=np.uint8)}, constants=c)
    add("DequantizeLinear axis", "DequantizeLinear", {"x": i(-99, 99, 3, 4, dtype=np.int8)}, constants={"s": f(4, lo=0.01, hi=0.1), "z": i(-9, 9, 4, dtype=np.int8)})
    add("DequantizeLinear int32", "DequantizeLinear", {"x": i(-9999, 9999, 3, 4, dtype=np.int32)}, constants={"s": np.float32(0.01)})
    add("DequantizeLinear blocked", "DequantizeLinear", {"x": i(0, 255, 4, 3, dtype=np.uint8)}, constants={"s": f(2, 3, lo=0.01, hi=0.1), "z": i(0, 99, 2, 3, dtype=np.uint8)}, axis=0, block_size=2)
    add("DynamicQuantizeLinear", "DynamicQuantizeLinear", {"x": x}, 3)
    u = lambda *s: i(0, 255, *s, dtype=np.uint8)
    add("QLinearMatMul", "QLinearMatMul", {"a": u(3, 4), "as": np.float32(0.02), "az": np.uint8(110), "b": u(4, 2), "bs": np.float32(0.03), "bz": np.uint8(90), "ys": np.float32(0.1), "yz": np.uint8(120)})
    add("QLinearConv", "QLinearConv", {"x": u(1, 2, 4, 4)}, constants={"xs": np.float32(0.02), "xz": np.uint8(110), "w": u(3, 2, 2, 2), "ws": np.float32(0.03), "wz": np.uint8(90), "ys": np.float32(0.2), "yz": np.uint8(120), "b": i(-500, 500, 3, dtype=np.int32)}, pads=[0, 1, 1, 0])
    add("QLinearConv channels", "QLinearConv", {"x": u(1, 2, 4, 4)}, constants={"xs": np.float32(0.02), "xz": np.uint8(110), "w": i(-99, 99, 3, 2, 2, 2, dtype=np.int8), "ws": f(3, lo=0.01, hi=0.05), "wz": np.zeros(3, np.int8), "ys": np.float32(0.2), "yz": np.uint8(120)})


@section
def losses():
    for r in ("none", "sum", "mean"):
        add(f"NegativeLogLikelihoodLoss {r}", "NegativeLogLikelihoodLoss", {"x": f(3, 4, 2), "t": i(0, 4, 3, 2), "w": f(4, lo=0.1)}, opset=13, by="ref", reduction=r, ignore_index=1)
        add(f"SoftmaxCrossEntropyLoss {r}", "SoftmaxCrossEntropyLoss", {"x": f(3, 4), "t": np.array([0, -1, 3])}, 2, opset=13, by="ref", reduction=r, ignore_index=-1)


@section
def images():
    x = f(1, 2, 5, 6)
    up, down = np.array([1, 1, 2.3, 1.5], np.float32), np.array([1, 1, 0.6, 0.55], np.float32)
    for mode in ("nearest", "linear", "cubic"):
        for k, s in (("up", up), ("down", down)):
            for t in ("half_pixel", "align_corners", "asymmetric", "pytorch_half_pixel"):
                # onnxruntime rounds the width before it aligns the corners; ONNX's own data does not.
                by = "ref" if t == "align_corners" else "ort"
                add(f"Resize {mode} {k} {t}", "Resize", {"x": x}, names=["x", "", "s"], constants={"s": s}, by=by, mode=mode, coordinate_transformation_mode=t)
    for m in ("floor", "ceil", "round_prefer_ceil"):
        add(f"Resize nearest {m}", "Resize", {"x": x}, names=["x", "", "s"], constants={"s": up}, nearest_mode=m)
    add("Resize sizes", "Resize", {"x": x}, names=["x", "", "", "s"], constants={"s": np.array([1, 2, 7, 3])}, mode="linear")
    add("Resize exclude", "Resize", {"x": x}, names=["x", "", "s"], constants={"s": up}, mode="cubic", exclude_outside=1, cubic_coeff_a=-0.5)
    for mode in ("linear", "cubic"):
        add(f"Resize antialias {mode}", "Resize", {"x": x}, names=["x", "", "s"], constants={"s": down}, mode=mode, antialias=1, by="ref")
    for policy in ("not_larger", "not_smaller"):
        add(f"Resize {policy}", "Resize", {"x": x}, names=["x", "", "", "s"], constants={"s": np.array([7, 9])}, opset=18, axes=[2, 3], keep_aspect_ratio_policy=policy)
    add("Resize crop", "Resize", {"x": x}, names=["x", "r", "s"], constants={"r": np.array([0, 0, 0.2, -0.1, 1, 1, 0.9, 1.2], np.float32), "s": up}, mode="linear", coordinate_transformation_mode="tf_crop_and_resize", extrapolation_value=9.0)
    add("Resize 10", "Resize", {"x": x}, opset=10, constants={"s": up})
    add("Upsample 9", "Upsample", {"x": x}, opset=9, constants={"s": np.array([1, 1, 2, 3], np.float32)}, mode="linear")
    add("Upsample 7", "Upsample", {"x": x}, opset=7, scales=[1.0, 1.0, 2.0, 2.0])
    for mode in ("bilinear", "nearest", "bicubic"):
        for pad in ("zeros", "border", "reflection"):
            for corners in (0, 1):
                add(f"GridSample {mode} {pad} {corners}", "GridSample", {"x": x, "g": f(1, 3, 4, 2, lo=-1.4, hi=1.4)}, opset=16, mode=mode, padding_mode=pad, align_corners=corners)
    add("GridSample 3d", "GridSample", {"x": f(1, 2, 3, 4, 3), "g": f(1, 2, 2, 3, 3, lo=-1.2, hi=1.2)}, opset=20, mode="linear")
    for corners in (0, 1):
        add(f"AffineGrid 2d {corners}", "AffineGrid", {"t": f(2, 2, 3)}, opset=20, constants={"s": np.array([2, 1, 3, 4])}, align_corners=corners)
        add(f"AffineGrid 3d {corners}", "AffineGrid", {"t": f(1, 3, 4)}, opset=20, constants={"s": np.array([1, 1, 2, 3, 2])}, align_corners=corners)
    rois = np.array([[0.5, 0.2, 4.1, 3.9], [1.1, 1.5, 3.3, 4.4], [-0.5, 0, 6, 7]], np.float32)
    for mode in ("avg", "max"):
        for t in ("half_pixel", "output_half_pixel"):
            for ratio in (0, 2):
                add(f"RoiAlign {mode} {t} {ratio}", "RoiAlign", {"x": f(2, 2, 6, 6)}, opset=16, constants={"r": rois, "b": np.array([0, 1, 1])}, mode=mode, coordinate_transformation_mode=t, sampling_ratio=ratio, output_height=2, output_width=3, spatial_scale=0.8)
    boxes = np.array([[[0, 0, 1, 1], [0, 0.1, 1, 1.1], [0, -0.1, 1, 0.9], [0, 10, 1, 11], [0, 10.1, 1, 11.1], [0, 100, 1, 101]]], np.float32)
    scores = np.array([[[0.9, 0.75, 0.6, 0.95, 0.5, 0.3], [0.1, 0.2, 0.3, 0.4, 0.5, 0.6]]], np.float32)
    add("NonMaxSuppression", "NonMaxSuppression", {"b": boxes, "s": scores}, constants={"m": np.array([3]), "i": np.array([0.5], np.float32), "t": np.array([0.2], np.float32)})
    add("NonMaxSuppression center", "NonMaxSuppression", {"b": boxes + 1, "s": scores}, constants={"m": np.array([2]), "i": np.array([0.3], np.float32)}, center_point_box=1)


@section
def signals():
    for op in ("HannWindow", "HammingWindow", "BlackmanWindow"):
        for p in (0, 1):
            add(f"{op} {p}", op, {}, constants={"n": np.int64(9)}, opset=17, periodic=p)
    add("MelWeightMatrix", "MelWeightMatrix", {}, opset=17, constants={"a": np.int64(8), "b": np.int64(16), "c": np.int64(8192), "d": np.float32(0), "e": np.float32(4096)})
    x = f(2, 10, 1)
    add("DFT", "DFT", {"x": x}, opset=20)
    add("DFT onesided", "DFT", {"x": x}, opset=17, onesided=1, axis=1)
    add("DFT length", "DFT", {"x": f(2, 10, 2)}, opset=17, constants={"n": np.int64(7)}, axis=1)
    add("DFT inverse", "DFT", {"x": f(2, 6, 2)}, opset=17, inverse=1, axis=1)
    add("DFT inverse onesided", "DFT", {"x": f(2, 4, 2)}, opset=20, by="ref", inverse=1, onesided=1)
    add("STFT onesided off", "STFT", {"x": f(1, 20, 1)}, opset=17, constants={"s": np.int64(4), "w": f(6, lo=0, hi=1)}, onesided=0)
    add("STFT", "STFT", {"x": f(1, 20, 1)}, opset=17, constants={"s": np.int64(3), "w": f(8, lo=0, hi=1), "l": np.int64(8)})


@section
def strings():
    s = lambda *v: np.array(v, object)
    add("StringConcat", "StringConcat", {"a": np.array([["ab"], ["c"]], object), "b": s("x", "yz")}, opset=20, by="ref")
    add("StringSplit", "StringSplit", {"x": s("a,b,c", "d", "")}, 2, opset=20, by="ref", delimiter=",", maxsplit=1)
    add("RegexFullMatch", "RegexFullMatch", {"x": s("abc1", "ABC", "a1")}, opset=20, by="ref", pattern="[a-z]+[0-9]")
    add("StringNormalizer", "StringNormalizer", {"x": s("Monday", "tuesday", "Wednesday")}, opset=10, by="ref", case_change_action="UPPER", stopwords=["monday"], is_case_sensitive=0)
    add("TfIdfVectorizer", "TfIdfVectorizer", {"x": np.array([[1, 1, 3, 3, 3, 7], [8, 6, 7, 5, 6, 8]])}, opset=9, mode="TFIDF", min_gram_length=1, max_gram_length=2, max_skip_count=1, ngram_counts=[0, 4], ngram_indexes=[0, 1, 2, 3, 4, 5, 6], pool_int64s=[2, 3, 5, 4, 5, 6, 7, 8, 6, 7], weights=[0.5, 2, 1, 1, 3, 1, 0.25])
    add("Identity strings", "Identity", {"x": s("a", "b")})


@section
def sequences():
    T = TensorProto
    n = helper.make_node
    x, y = f(2, 3), f(2, 3)
    def seq(name, nodes, inputs, outputs, opset=21, by="ort"):
        add_model(name, model_of(nodes, inputs, outputs, opset), inputs, by)
    seq("Sequence insert", [n("SequenceConstruct", ["a", "b"], ["s"]), n("Constant", [], ["p"], value_int=1), n("SequenceInsert", ["s", "a", "p"], ["t"]), n("ConcatFromSequence", ["t"], ["y0"], axis=0), n("SequenceLength", ["t"], ["y1"])], {"a": x, "b": y}, ["y0", "y1"])
    seq("Sequence erase", [n("SequenceConstruct", ["a", "b", "a"], ["s"]), n("Constant", [], ["p"], value_int=-1), n("SequenceErase", ["s", "p"], ["t"]), n("SequenceAt", ["t", "p"], ["y0"]), n("ConcatFromSequence", ["t"], ["y1"], axis=-1, new_axis=1)], {"a": x, "b": y}, ["y0", "y1"])
    seq("Sequence empty", [n("SequenceEmpty", [], ["s"], dtype=T.FLOAT), n("SequenceInsert", ["s", "a"], ["y0"])], {"a": x}, ["y0"])
    seq("SplitToSequence", [n("Constant", [], ["p"], value_int=2), n("SplitToSequence", ["a", "p"], ["y0"], axis=1)], {"a": f(2, 5)}, ["y0"])
    seq("SplitToSequence sizes", [n("Constant", [], ["p"], value_ints=[1, 4]), n("SplitToSequence", ["a", "p"], ["y0"], axis=1)], {"a": f(2, 5)}, ["y0"])
    seq("SplitToSequence squeeze", [n("SplitToSequence", ["a"], ["y0"], axis=1, keepdims=0)], {"a": f(2, 3)}, ["y0"])
    body = helper.make_graph([n("Add", ["p", "q"], ["r"])], "b", [helper.make_tensor_value_info("p", T.FLOAT, None), helper.make_tensor_value_info("q", T.FLOAT, None)], [helper.make_tensor_value_info("r", T.FLOAT, None)])
    seq("SequenceMap", [n("SequenceConstruct", ["a", "b"], ["s"]), n("SequenceMap", ["s", "a"], ["y0"], body=body)], {"a": x, "b": y}, ["y0"], by="ref")
    seq("Sequence input", [n("SequenceLength", ["s"], ["y0"]), n("ConcatFromSequence", ["s"], ["y1"], axis=0)], {"s": [x, y]}, ["y0", "y1"])


@section
def control_flow():
    T = TensorProto
    n = helper.make_node
    vi = helper.make_tensor_value_info
    then = helper.make_graph([n("Add", ["x", "one"], ["t"])], "then", [], [vi("t", T.FLOAT, None)])
    other = helper.make_graph([n("Mul", ["x", "x"], ["e"])], "else", [], [vi("e", T.FLOAT, None)])
    for flag in (True, False):
        inputs = {"c": np.array(flag), "x": f(3)}
        add_model(f"If {flag}", model_of([n("If", ["c"], ["y0"], then_branch=then, else_branch=other)], inputs, ["y0"], 21, constants={"one": np.ones(1, np.float32)}), inputs)
    # A counted loop with a carried value and a collected one.
    body = helper.make_graph([n("Add", ["v", "x"], ["w"]), n("Identity", ["c"], ["d"]), n("Mul", ["w", "w"], ["s"])], "body", [vi("i", T.INT64, []), vi("c", T.BOOL, []), vi("v", T.FLOAT, None)], [vi("d", T.BOOL, []), vi("w", T.FLOAT, None), vi("s", T.FLOAT, None)])
    inputs = {"v": f(3), "x": f(3)}
    add_model("Loop counted", model_of([n("Loop", ["m", "", "v"], ["y0", "y1"], body=body)], inputs, ["y0", "y1"], 21, constants={"m": np.array(4)}), inputs)
    # A loop that ends by its condition.
    body = helper.make_graph([n("Mul", ["v", "two"], ["w"]), n("ReduceSum", ["w"], ["t"], keepdims=0), n("Less", ["t", "top"], ["d"])], "body", [vi("i", T.INT64, []), vi("c", T.BOOL, []), vi("v", T.FLOAT, None)], [vi("d", T.BOOL, []), vi("w", T.FLOAT, None)])
    inputs = {"v": f(3, lo=0.1, hi=1)}
    add_model("Loop until", model_of([n("Loop", ["", "go", "v"], ["y0"], body=body)], inputs, ["y0"], 21, constants={"go": np.array(True), "two": np.float32(2), "top": np.float32(40)}), inputs)
    # A carried value that grows.
    body = helper.make_graph([n("Concat", ["v", "x"], ["w"], axis=0), n("Identity", ["c"], ["d"])], "body", [vi("i", T.INT64, []), vi("c", T.BOOL, []), vi("v", T.FLOAT, None)], [vi("d", T.BOOL, []), vi("w", T.FLOAT, None)])
    inputs = {"v": f(1), "x": f(2)}
    add_model("Loop growing", model_of([n("Loop", ["m", "", "v"], ["y0"], body=body)], inputs, ["y0"], 21, constants={"m": np.array(3)}), inputs)
    body = helper.make_graph([n("Add", ["s", "a"], ["t"]), n("Mul", ["t", "k"], ["o"])], "body", [vi("s", T.FLOAT, None), vi("a", T.FLOAT, None)], [vi("t", T.FLOAT, None), vi("o", T.FLOAT, None)])
    inputs = {"s": f(3), "x": f(3, 4), "k": f(3)}
    add_model("Scan axes", model_of([n("Scan", ["s", "x"], ["y0", "y1"], body=body, num_scan_inputs=1, scan_input_axes=[1], scan_input_directions=[1], scan_output_axes=[1], scan_output_directions=[1])], inputs, ["y0", "y1"], 21), inputs)
    # A function with an attribute that its caller gives.
    fn = helper.make_function("my", "Scaled", ["a"], ["b"], [n("LeakyRelu", ["a"], ["c"]), n("Add", ["c", "c"], ["b"])], [helper.make_opsetid("", 21)], ["slope"])
    ref = fn.node[0].attribute.add()
    ref.name, ref.ref_attr_name, ref.type = "alpha", "slope", onnx.AttributeProto.FLOAT
    inputs = {"x": f(6)}
    node = n("Scaled", ["x"], ["y0"], domain="my", slope=0.4)
    add_model("Function", model_of([node], inputs, ["y0"], 21, "my", functions=[fn]), inputs)
    opt = [n("Optional", ["x"], ["o"]), n("OptionalHasElement", ["o"], ["y0"]), n("OptionalGetElement", ["o"], ["y1"])]
    inputs = {"x": f(3)}
    add_model("Optional", model_of(opt, inputs, ["y0", "y1"], 18), inputs)


@section
def attention():
    b, h, s, t, d = 2, 4, 3, 5, 8
    q, k, v = f(b, h, s, d), f(b, h, t, d), f(b, h, t, d)
    R = dict(by="ref")
    add("Attention", "Attention", {"q": q, "k": k, "v": v}, opset=24, **R)
    add("Attention causal", "Attention", {"q": q, "k": k, "v": v}, opset=24, is_causal=1, **R)
    add("Attention gqa", "Attention", {"q": q, "k": k[:, :2], "v": v[:, :2]}, opset=24, softcap=2.0, scale=0.3, **R)
    mask = i(0, 2, b, 1, s, t, dtype=bool)
    mask[..., 0] = True
    add("Attention mask", "Attention", {"q": q, "k": k, "v": v, "m": mask}, 4, opset=24, qk_matmul_output_mode=2, **R)
    add("Attention past", "Attention", {"q": q, "k": k, "v": v, "pk": f(b, h, 2, d), "pv": f(b, h, 2, d)}, 3, names=["q", "k", "v", "", "pk", "pv"], opset=24, is_causal=1, **R)
    add("Attention nonpad", "Attention", {"q": q, "k": k, "v": v, "l": np.array([3, 5])}, names=["q", "k", "v", "", "", "", "l"], opset=24, **R)
    add("Attention nonpad causal", "Attention", {"q": q, "k": k, "v": v, "l": np.array([3, 5])}, names=["q", "k", "v", "", "", "", "l"], opset=24, is_causal=1, **R)
    add("Attention 3d", "Attention", {"q": f(b, s, 16), "k": f(b, t, 8), "v": f(b, t, 8)}, opset=24, q_num_heads=4, kv_num_heads=2, **R)
    cos, sin = f(10, 4), f(10, 4)
    for inter in (0, 1):
        add(f"RotaryEmbedding {inter}", "RotaryEmbedding", {"x": f(b, h, s, d), "c": cos, "s": sin, "p": i(0, 10, b, s)}, opset=23, interleaved=inter, **R)
    add("RotaryEmbedding partial", "RotaryEmbedding", {"x": f(b, s, h * d), "c": f(b, s, 2), "s": f(b, s, 2)}, opset=23, num_heads=h, rotary_embedding_dim=4, **R)


@section
def versions():
    x = f(2, 4, 5, 5)
    add("v7 BatchNormalization", "BatchNormalization", {"x": x, "s": f(4), "b": f(4), "m": f(4), "v": f(4, lo=0.1)}, opset=7)
    add("v7 Dropout", "Dropout", {"x": f(3, 4)}, opset=7, by="ref", ratio=0.3)
    add("v12 Dropout", "Dropout", {"x": f(3, 4)}, 2, opset=12)
    add("v10 TopK", "TopK", {"x": f(3, 5)}, 2, opset=10, constants={"k": np.array([2])}, axis=0)
    add("v10 Slice", "Slice", {"x": f(4, 5)}, opset=10, constants={"s": np.array([1]), "e": np.array([-1]), "a": np.array([-1]), "t": np.array([2])})
    add("v11 Clip", "Clip", {"x": f(4, 5)}, opset=11, names=["x", "", "h"], constants={"h": np.float32(0.5)})
    add("v11 Pad", "Pad", {"x": f(2, 3)}, opset=11, constants={"p": np.array([0, 1, 2, 0]), "v": np.float32(5)})
    add("v11 Resize nearest", "Resize", {"x": x}, opset=11, names=["x", "r", "s"], constants={"r": np.array([], np.float32), "s": np.array([1, 1, 2, 2], np.float32)}, coordinate_transformation_mode="tf_half_pixel_for_nn", nearest_mode="floor")
    add("v13 Resize", "Resize", {"x": x}, opset=13, names=["x", "", "s"], constants={"s": np.array([1, 1, 1.4, 2], np.float32)}, mode="linear")
    add("v9 Gemm", "Gemm", {"a": f(3, 4), "b": f(4, 2), "c": f(3, 1)}, opset=9, beta=0.5)
    for op in ("Sum", "Max", "Mean"):
        add(f"v8 {op}", op, {"a": f(2, 3), "b": f(3)}, opset=8)
    add("v12 ReduceSum", "ReduceSum", {"x": f(2, 3, 4)}, opset=12, axes=[-1, 0], keepdims=1)
    add("v11 ArgMax", "ArgMax", {"x": f(2, 3, 4)}, opset=11, axis=2, keepdims=0)
    add("v9 OneHot", "OneHot", {"i": np.array([[0.0, 2.0], [1.0, 9.0]], np.float32)}, opset=9, constants={"d": np.float32(4), "v": np.array([0, 2], np.float32)})
    add("v8 MaxPool", "MaxPool", {"x": x}, 2, opset=8, kernel_shape=[2, 2], strides=[2, 2])
    add("v7 AveragePool", "AveragePool", {"x": x}, opset=7, kernel_shape=[3, 3], strides=[2, 2], pads=[1, 1, 1, 1], count_include_pad=1)
    add("v7 RNN", "RNN", {"x": f(3, 2, 3), "w": f(1, 4, 3), "r": f(1, 4, 4)}, 2, opset=7, hidden_size=4, activations=["Elu"], activation_alpha=[0.5])
    add("v10 Mod", "Mod", {"a": i(-9, 9, 6, dtype=np.int8), "b": np.array([2, -3, 4, 5, -2, 3], np.int8)}, opset=10)
    add("v11 GatherND", "GatherND", {"x": f(2, 3, 4), "i": np.array([[[0, 1]], [[1, 0]]])}, opset=11)
    add("v9 Scatter", "Scatter", {"x": f(3, 3), "i": np.array([[1, 0, 2], [0, 2, 1]]), "u": f(2, 3)}, opset=9)
    add("v10 QuantizeLinear", "QuantizeLinear", {"x": f(3, 4), "s": np.float32(0.02), "z": np.uint8(120)}, opset=10)
    add("v10 RoiAlign", "RoiAlign", {"x": f(1, 1, 6, 6), "r": np.array([[0, 0, 4, 4]], np.float32), "b": np.array([0])}, opset=10, output_height=2, output_width=2, sampling_ratio=2)
    add("v16 GridSample", "GridSample", {"x": f(1, 1, 4, 4), "g": f(1, 2, 2, 2)}, opset=16)
    add("v11 Unsqueeze", "Unsqueeze", {"x": f(2, 3)}, opset=11, axes=[-1, 0])
    add("v7 Pow", "Pow", {"a": f(2, 3, lo=0.1), "b": f(3)}, opset=7)
    add("v13 Softmax", "Softmax", {"x": f(2, 3, 4)}, opset=13, axis=0)
    add("v7 Upsample linear", "Upsample", {"x": x}, opset=7, mode="linear", scales=[1.0, 1.0, 1.5, 2.0])
    add("v9 PRelu", "PRelu", {"x": x, "s": f(4, 1, 1)}, opset=9)
    add("v9 Cast", "Cast", {"x": f(5, lo=-9, hi=9)}, opset=9, to=TensorProto.INT8)
    body = helper.make_graph([helper.make_node("Add", ["s", "a"], ["t"]), helper.make_node("Identity", ["t"], ["o"])], "body", [helper.make_tensor_value_info("s", 1, [3]), helper.make_tensor_value_info("a", 1, [3])], [helper.make_tensor_value_info("t", 1, [3]), helper.make_tensor_value_info("o", 1, [3])])
    inputs = {"s": f(2, 3), "x": f(2, 4, 3)}
    add_model("v8 Scan", model_of([helper.make_node("Scan", ["", "s", "x"], ["y0", "y1"], body=body, num_scan_inputs=1)], inputs, ["y0", "y1"], 8), inputs)


M = "com.microsoft"


@section
def contrib():
    m = dict(domain=M)
    x = f(2, 3, 8)
    for op in ("Gelu", "QuickGelu"):
        add(f"ms {op}", op, {"x": x}, **m)
    for op in ("BiasGelu", "FastGelu"):
        add(f"ms {op}", op, {"x": x, "b": f(8)}, **m, tolerance=1e-4)
    node = helper.make_node("SkipLayerNormalization", ["x", "s", "g", "b", "c"], ["y0", "", "", "y3"], domain=M, epsilon=1e-5)
    inputs = {"x": x, "s": f(2, 3, 8), "g": f(8), "b": f(8), "c": f(8)}
    add_model("ms SkipLayerNormalization", model_of([node], inputs, ["y0", "y3"], 21, M), inputs)
    node = helper.make_node("SkipSimplifiedLayerNormalization", ["x", "s", "g"], ["y0", "", "", "y3"], domain=M, epsilon=1e-5)
    inputs = {"x": x, "s": f(2, 3, 8), "g": f(8)}
    add_model("ms SkipSimplifiedLayerNormalization", model_of([node], inputs, ["y0", "y3"], 21, M), inputs)
    add("SimplifiedLayerNormalization", "SimplifiedLayerNormalization", {"x": x, "g": f(8)}, epsilon=1e-5)
    add("ms EmbedLayerNormalization", "EmbedLayerNormalization", {"i": i(0, 9, 2, 3, dtype=np.int32), "s": i(0, 2, 2, 3, dtype=np.int32)}, 2, names=["i", "s", "w", "p", "e", "g", "b"], constants={"w": f(9, 8), "p": f(6, 8), "e": f(2, 8), "g": f(8), "b": f(8)}, **m)
    add("ms FusedMatMul", "FusedMatMul", {"a": f(2, 4, 3), "b": f(2, 5, 4)}, **m, transA=1, transB=1, alpha=0.5)
    add("ms FusedMatMul batch", "FusedMatMul", {"a": f(4, 2, 3), "b": f(2, 3, 5)}, **m, transBatchA=1)
    add("ms FusedGemm", "FusedGemm", {"a": f(3, 4), "b": f(4, 2), "c": f(2)}, **m, activation="LeakyRelu", activation_alpha=0.3)
    add("ms FusedConv", "FusedConv", {"x": f(1, 2, 5, 5), "w": f(3, 2, 3, 3), "b": f(3)}, **m, activation="Relu")
    add("ms TransposeMatMul", "TransposeMatMul", {"a": f(4, 3), "b": f(4, 2)}, **m, transA=1)
    for bits, block in ((4, 16), (4, 32), (8, 32)):
        N, K = 5, 40
        blocks = -(-K // block)
        w = i(0, 256, N, blocks, block * bits // 8, dtype=np.uint8)
        s = f(N * blocks, lo=0.01, hi=0.1)
        for zeros in (False, True):
            c = {"w": w, "s": s}
            if zeros:
                c["z"] = i(0, 256, N * (-(-blocks * bits // 8)), dtype=np.uint8)
            add(f"ms MatMulNBits {bits} {block} {zeros}", "MatMulNBits", {"a": f(2, 3, K)}, constants=c, **m, K=K, N=N, bits=bits, block_size=block, tolerance=1e-3)
    add("ms MatMulNBits float zeros", "MatMulNBits", {"a": f(3, 32)}, constants={"w": i(0, 256, 4, 1, 16, dtype=np.uint8), "s": f(4, lo=0.01, hi=0.1), "z": f(4, lo=6, hi=9), "b": f(4)}, names=["a", "w", "s", "z", "", "b"], **m, K=32, N=4, bits=4, block_size=32, tolerance=1e-3)
    add("ms GatherBlockQuantized", "GatherBlockQuantized", {"i": i(0, 6, 2, 2)}, names=["d", "i", "s", "z"], constants={"d": i(0, 256, 6, 16, dtype=np.uint8), "s": f(6, 2, lo=0.01, hi=0.1), "z": i(0, 256, 6, 1, dtype=np.uint8)}, **m, bits=4, block_size=16, quantize_axis=1, gather_axis=0)
    # Attention.
    b, s, t, h, d = 2, 3, 5, 2, 4
    add("ms Attention", "Attention", {"x": f(b, s, 8), "w": f(8, 24), "b": f(24)}, **m, num_heads=2)
    add("ms Attention causal", "Attention", {"x": f(b, s, 8), "w": f(8, 24), "b": f(24)}, **m, num_heads=2, unidirectional=1)
    add("ms Attention mask", "Attention", {"x": f(b, s, 8), "w": f(8, 24), "b": f(24), "m": np.array([[1, 1, 0], [1, 1, 1]], np.int32)}, **m, num_heads=2)
    add("ms Attention lengths", "Attention", {"x": f(b, s, 8), "w": f(8, 24), "b": f(24), "m": np.array([2, 3], np.int32)}, **m, num_heads=2)
    add("ms Attention past", "Attention", {"x": f(b, s, 8), "w": f(8, 24), "b": f(24), "p": f(2, b, h, 2, 4)}, 2, names=["x", "w", "b", "", "p"], **m, num_heads=2, unidirectional=1)
    add("ms MultiHeadAttention", "MultiHeadAttention", {"q": f(b, s, 8), "k": f(b, t, 8), "v": f(b, t, 12)}, **m, num_heads=2)
    add("ms MultiHeadAttention bias", "MultiHeadAttention", {"q": f(b, s, 8), "k": f(b, t, 8), "v": f(b, t, 8), "b": f(24), "a": f(1, h, s, t)}, names=["q", "k", "v", "b", "", "a"], **m, num_heads=2, scale=0.7)
    add("ms MultiHeadAttention mask", "MultiHeadAttention", {"q": f(b, s, 8), "k": f(b, t, 8), "v": f(b, t, 8), "m": np.array([[1, 1, 1, 0, 0], [1, 1, 1, 1, 1]], np.int32)}, names=["q", "k", "v", "", "m"], **m, num_heads=2)
    add("ms MultiHeadAttention past", "MultiHeadAttention", {"q": f(b, s, 8), "k": f(b, s, 8), "v": f(b, s, 8), "pk": f(b, h, 4, 4), "pv": f(b, h, 4, 4)}, 3, names=["q", "k", "v", "", "", "", "pk", "pv"], **m, num_heads=2, unidirectional=1)
    add("ms RotaryEmbedding", "RotaryEmbedding", {"x": f(b, s, 16), "p": i(0, 9, b, s)}, constants={"c": f(10, 4), "n": f(10, 4)}, **m)
    add("ms RotaryEmbedding offset", "RotaryEmbedding", {"x": f(b, 2, s, 8), "p": np.array([3])}, constants={"c": f(10, 4), "n": f(10, 4)}, **m, interleaved=1)
    cos, sin = f(16, 8), f(16, 8)
    prompt = {"q": f(1, 4, 64), "k": f(1, 4, 32), "v": f(1, 4, 32)}
    base = dict(**m, num_heads=4, kv_num_heads=2)
    add("ms GroupQueryAttention prompt", "GroupQueryAttention", prompt, 3, names=["q", "k", "v", "", "", "l", "t"], constants={"l": np.array([3], np.int32), "t": np.array(4, np.int32)}, **base)
    add("ms GroupQueryAttention rotary", "GroupQueryAttention", prompt, 3, names=["q", "k", "v", "", "", "l", "t", "c", "s"], constants={"l": np.array([3], np.int32), "t": np.array(4, np.int32), "c": cos, "s": sin}, **base, do_rotary=1)
    step = {"q": f(2, 1, 64), "k": f(2, 1, 32), "v": f(2, 1, 32), "pk": f(2, 2, 5, 16), "pv": f(2, 2, 5, 16)}
    add("ms GroupQueryAttention step", "GroupQueryAttention", step, 3, names=["q", "k", "v", "pk", "pv", "l", "t", "c", "s"], constants={"l": np.array([5, 5], np.int32), "t": np.array(6, np.int32), "c": cos, "s": sin}, **base, do_rotary=1, rotary_interleaved=1)
    packed = {"q": f(2, 1, 64), "pk": f(2, 2, 5, 8), "pv": f(2, 2, 5, 8)}
    add("ms GroupQueryAttention packed", "GroupQueryAttention", packed, 3, names=["q", "", "", "pk", "pv", "l", "t"], constants={"l": np.array([5, 5], np.int32), "t": np.array(6, np.int32)}, **base, local_window_size=3, softcap=5.0)
    # Quantized.
    u = lambda *z: i(0, 255, *z, dtype=np.uint8)
    qp = {"as": np.float32(0.0213), "az": np.uint8(110), "ys": np.float32(0.0517), "yz": np.uint8(90)}
    two = {"a": u(3, 4), "b": u(4)}
    order = ["a", "as", "az", "b", "bs", "bz", "ys", "yz"]
    con = {"as": np.float32(0.02), "az": np.uint8(110), "bs": np.float32(0.03), "bz": np.uint8(120), "ys": np.float32(0.05), "yz": np.uint8(90)}
    add("ms QLinearAdd", "QLinearAdd", two, names=order, constants=con, **m)
    add("ms QLinearMul", "QLinearMul", two, names=order, constants=con, **m)
    one = ["a", "as", "az", "ys", "yz"]
    add("ms QLinearSigmoid", "QLinearSigmoid", {"a": u(9)}, names=one, constants={**qp, "ys": np.float32(1 / 256), "yz": np.uint8(0)}, **m)
    add("ms QLinearLeakyRelu", "QLinearLeakyRelu", {"a": u(9)}, names=one, constants=qp, **m, alpha=0.2)
    add("ms QLinearGlobalAveragePool", "QLinearGlobalAveragePool", {"a": u(1, 3, 4, 4)}, names=one, constants=qp, **m)
    add("ms QLinearAveragePool", "QLinearAveragePool", {"a": u(1, 3, 4, 4)}, names=one, constants=qp, **m, kernel_shape=[2, 2])
    add("ms QLinearConcat", "QLinearConcat", {"a": u(2, 3), "b": u(2, 2)}, names=["ys", "yz", "a", "as", "az", "b", "bs", "bz"], constants=con, **m, axis=1)
    add("ms MatMulIntegerToFloat", "MatMulIntegerToFloat", {"a": u(3, 4), "b": u(4, 2)}, constants={"as": np.float32(0.02), "bs": f(2, lo=0.01, hi=0.1), "az": np.uint8(110), "bz": np.array([100, 130], np.uint8), "bias": f(2)}, **m)
    add("ms DynamicQuantizeMatMul", "DynamicQuantizeMatMul", {"a": f(3, 4), "b": u(4, 2)}, constants={"bs": np.float32(0.03), "bz": np.uint8(120)}, **m, tolerance=1e-3)
    add("ms QGemm", "QGemm", {"a": u(3, 4)}, names=["a", "as", "az", "b", "bs", "bz", "c", "ys", "yz"], constants={**con, "b": u(2, 4), "c": i(-99, 99, 2, dtype=np.int32)}, **m, transB=1)
    add("ms QAttention", "QAttention", {"x": u(1, 3, 8)}, names=["x", "w", "b", "xs", "ws", "", "xz", "wz"], constants={"w": u(8, 24), "b": f(24), "xs": np.float32(0.02), "ws": np.float32(0.02), "xz": np.uint8(128), "wz": np.uint8(128)}, **m, num_heads=2)
    # Others.
    add("ms CDist", "CDist", {"a": f(3, 4), "b": f(2, 4)}, **m, metric="euclidean")
    add("ms ExpandDims", "ExpandDims", {"x": f(3)}, constants={"a": np.array(-1, np.int32)}, **m)
    add("ms Inverse", "Inverse", {"x": f(2, 3, 3) + 3 * np.eye(3, dtype=np.float32)}, **m)
    add("ms Trilu", "Trilu", {"x": f(3, 3)}, **m)
    add("ms MoE", "MoE", {"x": f(4, 8), "r": f(4, 3), "w1": f(3, 6, 8), "b1": f(3, 6), "w2": f(3, 8, 6), "b2": f(3, 8)}, **m, k=2, activation_type="relu", normalize_routing_weights=1)


@section
def ml():
    d = dict(domain="ai.onnx.ml")
    def ml_add(name, op, inputs, n_outputs=1, version=1, **attrs):
        outputs = [f"y{k}" for k in range(n_outputs)]
        node = helper.make_node(op, [*inputs], outputs, domain="ai.onnx.ml", name=name, **attrs)
        graph = helper.make_graph([node], "case", [value(k, v) for k, v in inputs.items()], [onnx.ValueInfoProto(name=o) for o in outputs])
        add_model(name, helper.make_model(graph, opset_imports=[helper.make_opsetid("", 21), helper.make_opsetid("ai.onnx.ml", version)], ir_version=10), inputs)
    x = f(4, 3)
    s = lambda *v: np.array(v, object)
    ml_add("ml ArrayFeatureExtractor", "ArrayFeatureExtractor", {"x": x, "i": np.array([2, 0])})
    ml_add("ml Binarizer", "Binarizer", {"x": x}, threshold=0.3)
    ml_add("ml Imputer", "Imputer", {"x": np.array([[1, np.nan, 3], [np.nan, 5, 6]], np.float32)}, imputed_value_floats=[9.0, 8.0, 7.0], replaced_value_float=float("nan"))
    for norm in ("MAX", "L1", "L2"):
        ml_add(f"ml Normalizer {norm}", "Normalizer", {"x": x}, norm=norm)
    ml_add("ml Scaler", "Scaler", {"x": x}, offset=[0.1, 0.2, 0.3], scale=[2.0, 3.0, 4.0])
    ml_add("ml OneHotEncoder", "OneHotEncoder", {"x": np.array([1, 3, 7])}, cats_int64s=[1, 2, 3], zeros=1)
    ml_add("ml OneHotEncoder strings", "OneHotEncoder", {"x": s("a", "z")}, cats_strings=["a", "b"])
    ml_add("ml FeatureVectorizer", "FeatureVectorizer", {"a": f(2, 2), "b": f(2, 3)}, inputdimensions=[2, 3])
    ml_add("ml LabelEncoder", "LabelEncoder", {"x": s("Dori", "Amy", "Sally")}, version=2, keys_strings=["Amy", "Sally"], values_int64s=[5, 6])
    ml_add("ml LabelEncoder floats", "LabelEncoder", {"x": np.array([1.5, 2.5, 9], np.float32)}, version=2, keys_floats=[1.5, 2.5], values_strings=["a", "b"], default_string="?")
    ml_add("ml CategoryMapper", "CategoryMapper", {"x": s("b", "q")}, cats_strings=["a", "b"], cats_int64s=[7, 8])
    ml_add("ml LinearRegressor", "LinearRegressor", {"x": x}, coefficients=[0.1, -0.5, 2.0, 1.0, 0.3, -1.0], intercepts=[0.5, -0.5], targets=2)
    ml_add("ml LinearClassifier", "LinearClassifier", {"x": x}, 2, coefficients=f(9).tolist(), intercepts=[0.1, 0.2, 0.3], classlabels_ints=[5, 6, 7], post_transform="SOFTMAX")
    ml_add("ml SVMRegressor", "SVMRegressor", {"x": x}, n_supports=2, support_vectors=f(6).tolist(), coefficients=[0.7, -1.2], rho=[0.3], kernel_type="RBF", kernel_params=[0.4, 0.0, 3.0])
    tree = dict(nodes_treeids=[0, 0, 0, 0, 0, 1, 1, 1], nodes_nodeids=[0, 1, 2, 3, 4, 0, 1, 2], nodes_featureids=[0, 1, 0, 0, 0, 2, 0, 0], nodes_values=[0.1, -0.2, 0, 0, 0, 0.4, 0, 0],
                nodes_modes=["BRANCH_LEQ", "BRANCH_LT", "LEAF", "LEAF", "LEAF", "BRANCH_LEQ", "LEAF", "LEAF"], nodes_truenodeids=[1, 3, 0, 0, 0, 1, 0, 0], nodes_falsenodeids=[2, 4, 0, 0, 0, 2, 0, 0])
    leaf = dict(treeids=[0, 0, 0, 1, 1], nodeids=[2, 3, 4, 1, 2])
    for how in ("SUM", "AVERAGE", "MIN", "MAX"):
        ml_add(f"ml TreeEnsembleRegressor {how}", "TreeEnsembleRegressor", {"x": x}, n_targets=1, aggregate_function=how, **tree, target_treeids=leaf["treeids"], target_nodeids=leaf["nodeids"], target_ids=[0] * 5, target_weights=[1.0, 2.0, -3.0, 0.5, 4.0], base_values=[0.25])
    t = lambda *v: numpy_helper.from_array(np.array(v, np.float32))
    plain = dict(n_targets=2, tree_roots=[0], nodes_featureids=[0, 2, 1], nodes_splits=t(0.1, 0.4, 1.0), nodes_modes=numpy_helper.from_array(np.array([0, 1, 6], np.uint8)),
                 nodes_truenodeids=[1, 0, 2], nodes_trueleafs=[0, 1, 1], nodes_falsenodeids=[2, 1, 3], nodes_falseleafs=[0, 1, 1], membership_values=t(1.0, 2.0, 3.0, np.nan),
                 leaf_targetids=[0, 1, 0, 1], leaf_weights=t(5.0, -1.5, 2.25, 3.0))
    ml_add("ml TreeEnsemble", "TreeEnsemble", {"x": np.array([[0, 1, 0], [0, 1, 0.9], [2, 3, 0], [2, 4, 0]], np.float32)}, version=5, **plain)
    ml_add("ml TreeEnsembleClassifier", "TreeEnsembleClassifier", {"x": x}, 2, **tree, class_treeids=leaf["treeids"], class_nodeids=leaf["nodeids"], class_ids=[0, 1, 2, 0, 1], class_weights=[0.3, 0.6, 0.4, 0.5, 0.7], classlabels_int64s=[10, 20, 30], post_transform="SOFTMAX")
    ml_add("ml TreeEnsembleClassifier binary", "TreeEnsembleClassifier", {"x": x}, 2, **tree, class_treeids=leaf["treeids"], class_nodeids=leaf["nodeids"], class_ids=[0] * 5, class_weights=[0.3, 0.6, -0.4, 0.5, 0.7], classlabels_int64s=[0, 1], post_transform="LOGISTIC")


@section
def edges():
    """What only random models of one node found."""
    c = lambda *v: np.array(v, np.int64)
    x = i(-5, 6, 4, 3, dtype=np.int32)
    add("Slice back from before the first", "Slice", {"x": x}, names=["x", "s", "e", "a", "t"], constants={"s": c(-7, 2), "e": c(-9, -9), "a": c(0, 1), "t": c(-1, -2)})
    add("Hardmax of nothing", "Hardmax", {"x": f(2, 0, 3)}, axis=1)
    add("Shrink int", "Shrink", {"x": i(-5, 6, 3, 4, dtype=np.int8)}, lambd=1.5, bias=0.75)
    add("ReduceLogSum of no axes int", "ReduceLogSum", {"x": i(1, 60, 3, 4, dtype=np.int32)}, opset=18, noop_with_empty_axes=1)
    add("MaxPool indices of zeros", "MaxPool", {"x": i(0, 2, 1, 3, 4, 4, dtype=np.uint8) * i(0, 2, 1, 3, 4, 4, dtype=np.uint8)}, 2, opset=12, kernel_shape=[2, 2], pads=[1, 1, 1, 1])
    add("Resize to nothing", "Resize", {"x": f(1, 2, 1)}, names=["x", "", "s"], constants={"s": np.array([1, 1, 0.5], np.float32)}, mode="linear")
    add("v10 Resize nearest down", "Resize", {"x": f(1, 1, 5, 5)}, opset=10, constants={"s": np.array([1, 1, 2, 0.6], np.float32)})
    image = f(2, 2, 5, 6)
    add("RoiAlign of no boxes", "RoiAlign", {"x": image, "r": f(0, 4), "b": i(0, 2, 0)}, opset=16, output_height=2, output_width=3)
    boxes = np.array([[1, 3, 4, 2.5], [4.5, 0.5, 3.5, 3], [1, 1, 4, 3]], np.float32)
    for how in ("avg", "max"):
        add(f"RoiAlign of boxes turned around {how}", "RoiAlign", {"x": image}, opset=16, constants={"r": boxes, "b": c(0, 1, 1)}, output_height=2, output_width=2, mode=how)
    add("MaxRoiPool edges in float32", "MaxRoiPool", {"x": image}, constants={"r": np.array([[0, 0, 0, 5, 5], [1, 3, 1, 5, 5]], np.float32)}, pooled_shape=[2, 2], spatial_scale=0.7)
    add("Cast bool to string", "Cast", {"x": np.array([True, False])}, to=TensorProto.STRING)
    add("Cast double to string", "Cast", {}, constants={"x": np.array([-2.611949611010888, 123456789.125, 1e-5, -0.0])}, to=TensorProto.STRING)
    add("ms SkipSimplifiedLayerNormalization all", "SkipSimplifiedLayerNormalization", {"x": f(2, 3, 4), "s": f(2, 3, 4), "g": f(4), "b": f(4)}, 4, domain=M, epsilon=0.1)
    add("ms Range by one", "Range", {}, domain=M, constants={"a": np.float32(1), "b": np.float32(5)})
    info = helper.make_tensor_value_info
    body = helper.make_graph(
        [helper.make_node("Shape", ["a"], ["s"]), helper.make_node("Identity", ["a"], ["b"]), helper.make_node("Identity", ["go"], ["on"])],
        "body",
        [info("i", TensorProto.INT64, []), info("go", TensorProto.BOOL, []), info("a", TensorProto.FLOAT, [2, 3])],
        [info("on", TensorProto.BOOL, []), info("b", TensorProto.FLOAT, [2, 3]), info("s", TensorProto.INT64, [2])],
    )
    add("Loop that never runs", "Loop", {"x": f(2, 3)}, 2, names=["n", "", "x"], constants={"n": np.array(0)}, body=body)


here = os.path.dirname(os.path.abspath(__file__))
with open(os.path.join(here, "cases.json"), "w") as out:
    out.write("[\n" + ",\n".join(json.dumps(c, separators=(",", ":")) for c in cases) + "\n]\n")
print(len(cases), "cases")
