"""What the scripts beside this file share: cases with arguments that both languages read, and values as JSON."""
import json
import os
import re

import jax
import jax.numpy as jnp
import numpy as np
import optax
import optax.contrib
import optax.losses
import optax.projections


def camel(name):
    return re.sub(r"_+([a-zA-Z0-9])", lambda m: m[1].upper(), name)


def find(name):
    """A function of optax, wherever it lives."""
    for room in (optax, optax.contrib, optax.losses, optax.projections, optax.transforms, optax.tree_utils):
        if hasattr(room, name):
            return getattr(room, name)
    raise AttributeError(name)


class Call:
    """A call of a function of optax, as an argument: a schedule, or an inner transformation."""

    def __init__(self, name, *args, **kwargs):
        self.name, self.args, self.kwargs = name, args, kwargs

    def value(self):
        return find(self.name)(*map(value, self.args), **{k: value(v) for k, v in self.kwargs.items()})

    def json(self):
        kwargs = {camel(k): to_json(v) for k, v in self.kwargs.items()}
        return {"call": camel(self.name), "args": [to_json(a) for a in self.args] + ([{"options": kwargs}] if kwargs else [])}


class Named:
    """A function that cases.ts has under the same name."""

    def __init__(self, name, f):
        self.name, self.f = name, f

    def json(self):
        return {"named": self.name}


class DType:
    def __init__(self, name):
        self.name = name


def value(x):
    if isinstance(x, Call):
        return x.value()
    if isinstance(x, Named):
        return x.f
    if isinstance(x, DType):
        return jnp.dtype(x.name)
    if isinstance(x, np.ndarray):
        return jnp.asarray(x)
    if isinstance(x, dict):
        return {k: value(v) for k, v in x.items()}
    if isinstance(x, (list, tuple)):
        return type(x)(value(v) for v in x)
    return x


def array_json(x):
    if jnp.issubdtype(x.dtype, jax.dtypes.prng_key):
        x = jax.random.key_data(x)
    a = np.asarray(x)
    if a.dtype.kind in "iub":
        data = a.astype(np.int64).ravel().tolist()
    else:
        spell = lambda v: str(v) if not np.isfinite(v) else float(str(np.float32(v)))
        data = [spell(v) for v in a.ravel()]
    return {"dtype": str(a.dtype), "shape": list(a.shape), "data": data}


def to_json(x):
    if isinstance(x, (Call, Named)):
        return x.json()
    if isinstance(x, DType):
        return x.name
    if isinstance(x, (np.ndarray, jax.Array, np.generic)):
        return array_json(x)
    if isinstance(x, dict):
        return {k: to_json(v) for k, v in x.items()}
    if isinstance(x, (list, tuple)):
        return [to_json(v) for v in x]
    return x


def state_json(x):
    """NamedTuples as objects with names in camelCase; what a mask leaves out is null."""
    if isinstance(x, optax.MaskedNode) or x is None:
        return None
    if hasattr(x, "_fields"):
        return {camel(k): state_json(getattr(x, k)) for k in x._fields} if x._fields else []
    if isinstance(x, dict):
        return {(camel(k) if isinstance(k, str) else k): state_json(v) for k, v in x.items()}
    if isinstance(x, (list, tuple)):
        return [state_json(v) for v in x]
    return array_json(jnp.asarray(x) if not isinstance(x, jax.Array) else x)


def write(script, cases, inputs=None):
    """One line for each case; inputs: values that several cases name."""
    path = os.path.splitext(os.path.abspath(script))[0] + ".json"
    text = lambda x: json.dumps(x, separators=(",", ":"), allow_nan=False)
    with open(path, "w") as f:
        f.write('{"inputs":' + text(to_json(inputs or {})) + ',\n"cases":[\n' + ",\n".join(map(text, cases)) + "\n]}\n")
    print(len(cases), "cases,", os.path.getsize(path), "bytes")
