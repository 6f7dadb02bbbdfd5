"""What the scripts of this folder share: calls of JAX with their results, in float64 for truth, as JSON."""
import json

import jax
import jax.numpy as jnp
import numpy as np

jax.config.update("jax_enable_x64", True)
jax.config.update("jax_default_matmul_precision", "highest")


def number(v, digits):
    if not np.isfinite(v) or (v == 0 and np.signbit(v)):
        return {"inf": "inf", "-inf": "-inf", "nan": "nan"}.get(str(v), "-0")
    return float(f"{v:.{digits}g}")


def plain(x, dtype=None):
    """An array, or a pair of them; with the dtype it has in 32-bit mode."""
    a = np.asarray(x)
    if np.iscomplexobj(a):
        part = {"complex64": "float32", "complex128": "float64"}.get(dtype)
        return {"real": plain(a.real, part), "imag": plain(a.imag, part)}
    name = dtype or str(a.dtype)
    digits = 17 if name == "float64" else 9
    if a.dtype.kind in "iub":
        values = a.astype(np.int64).ravel().tolist()
    else:
        values = [number(v, digits) for v in a.astype(np.float64).ravel()]
    return {"dtype": name, "shape": list(a.shape), "data": values}


def encode(x):
    """An argument: arrays as above, functions by the name that the test knows them by."""
    if isinstance(x, (np.ndarray, np.generic, jax.Array)):
        return plain(x)
    if isinstance(x, Fn):
        return {"function": x.name}
    if isinstance(x, (list, tuple)):
        return [encode(v) for v in x]
    if isinstance(x, dict):
        return {k: encode(v) for k, v in x.items()}
    if isinstance(x, float) and not np.isfinite(x):
        return {"number": str(x)}
    return x


class Fn:
    """A function argument."""

    def __init__(self, name, f):
        self.name, self.f = name, f


def is_array(x):
    return isinstance(x, (np.ndarray, np.generic, jax.Array))


def mapped(f, x):
    if is_array(x):
        return f(x)
    if isinstance(x, Fn):
        return x.f
    if isinstance(x, (list, tuple)):
        return type(x)(mapped(f, v) for v in x)
    return x


def wide(x):
    """float64 in place of other floats."""
    return mapped(lambda a: jnp.asarray(a, {"f": jnp.float64, "c": jnp.complex128}.get(np.asarray(a).dtype.kind)), x)


def narrow(name):
    """The dtype of JAX in 32-bit mode."""
    return {"int64": "int32", "uint64": "uint32"}.get(name, name)


def weighted(out):
    """One number of all elements, with weights that the test knows too."""
    total = 0.0
    for leaf in jax.tree.leaves(out):
        for part in [leaf.real, leaf.imag] if jnp.iscomplexobj(leaf) else [leaf]:
            if jnp.issubdtype(part.dtype, jnp.floating):
                total = total + jnp.sum(jnp.ravel(part) * jnp.cos(0.7 * jnp.arange(part.size) + 0.3))
    return total


class Cases:
    def __init__(self):
        self.cases = []

    def write(self, path):
        with open(path, "w") as f:
            f.write("[\n" + ",\n".join(json.dumps(c, separators=(",", ":")) for c in self.cases) + "\n]\n")
        print(f"{len(self.cases)} cases, jax {jax.__version__}")

    def add(self, space, fn, f, args, options=None, tol=2e-6, grad=None, vmap=False, truth=None, like=None, pick=None, **kw):
        """fn(*args, options) of ours is to be f(*args, **kw), or truth(*args, **kw) in float64.

        grad: numbers of arguments to differentiate the weighted sum by. vmap: all arrays have a batch axis in front.
        pick: the number of the one result that is compared.
        """
        if pick is not None:
            whole = f
            f = lambda *xs, **more: whole(*xs, **more)[pick]
        js = [encode(a) for a in args] + ([encode(options)] if options else [])
        case = {"space": space, "fn": fn, "args": js, "tol": tol}
        if pick is not None:
            case["pick"] = pick
        if vmap:
            axes = [0 if is_array(a) else None for a in args]
            g = jax.vmap(lambda *xs: f(*xs, **kw), in_axes=axes)
            case["transform"] = "vmap"
            case["axes"] = axes
        elif grad is not None:
            loss = lambda *xs: weighted(f(*xs, **kw))
            g = jax.grad(loss, argnums=tuple(grad))
            case["transform"] = "grad"
            case["argnums"] = list(grad)
        else:
            g = lambda *xs: f(*xs, **kw)
        values = (truth or g)(*[wide(a) for a in args], **(kw if truth else {}))
        kinds = jax.tree.leaves((like or g)(*[mapped(jnp.asarray, a) for a in args]))
        leaves, tree = jax.tree.flatten(values)
        names = [narrow(str(np.asarray(k).dtype)) for k in kinds]
        case["out"] = jax.tree.unflatten(tree, [Leaf(plain(v, n)) for v, n in zip(leaves, names)])
        case["out"] = unwrap(case["out"])
        self.cases.append(case)


class Leaf:
    def __init__(self, value):
        self.value = value


def unwrap(x):
    if isinstance(x, Leaf):
        return x.value
    if isinstance(x, (list, tuple)):
        return [unwrap(v) for v in x]
    return x


rng = np.random.default_rng(7)


def rand(*shape, dtype=np.float32):
    """Multiples of 1/64, which all dtypes hold."""
    return (rng.integers(-128, 128, shape) / 64).astype(dtype)


def f32(*values):
    return np.array(values, np.float32)
