"""Runs exported StableHLO on XLA and compares with our results. JAX 0.10.2.

    STABLEHLO_OUT=cases.json npx vitest run --project node packages/jax/test/stablehlo.test.ts
    python -P packages/jax/test/oracles/stablehlo.py cases.json
"""

import json
import sys

import jax
import ml_dtypes
import numpy as np
from jax._src import compiler, xla_bridge
from jax._src.interpreters import mlir
from jaxlib import _jax
from jaxlib.mlir import ir
from jaxlib.mlir.dialects import chlo, stablehlo  # noqa: F401

jax.config.update("jax_enable_x64", True)
DTYPES = {"bfloat16": ml_dtypes.bfloat16}
TOLERANCE = {"float64": 1e-9, "float32": 2e-5, "float16": 4e-3, "bfloat16": 4e-2}


def array(x):
    dtype = DTYPES.get(x["dtype"], x["dtype"])
    data = [float(v) if isinstance(v, str) else v for v in x["data"]]
    return np.array(data, dtype="float64").astype(dtype).reshape(x["shape"])


def run(text, args):
    backend = xla_bridge.get_backend("cpu")
    devices = backend.local_devices()[:1]
    with mlir.make_ir_context():
        module = ir.Module.parse(text)
        options = compiler.get_compile_options(num_replicas=1, num_partitions=1)
        executable = compiler.backend_compile_and_load(backend, module, _jax.DeviceList(tuple(devices)), options, [])
    buffers = [jax.device_put(a, devices[0]) for a in args]
    return [np.asarray(r[0]) for r in executable.execute_sharded(buffers).disassemble_into_single_device_arrays()]


failed = 0
cases = json.load(open(sys.argv[1]))
for case in cases:
    args = [array(a) for a in case["args"]]
    outs = [array(o) for o in case["outs"]]
    try:
        got = run(case["text"], args)
        for g, want in zip(got, outs, strict=True):
            assert g.shape == want.shape and g.dtype == want.dtype, (g.shape, g.dtype, want.shape, want.dtype)
            tolerance = TOLERANCE.get(str(want.dtype), 0) * case["slack"]
            np.testing.assert_allclose(g.astype("float64"), want.astype("float64"), rtol=tolerance, atol=tolerance)
    except Exception as error:  # noqa: BLE001
        failed += 1
        print("FAILED", case["name"], str(error)[:600])
        print(case["text"][:1500] if "-v" in sys.argv else "")
print(f"{len(cases) - failed} agree, {failed} do not")
