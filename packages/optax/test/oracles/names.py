"""Writes names.json: the public functions and classes of optax and of its modules. Run: python names.py (optax 0.2.8)."""
import importlib
import inspect
import json
import os

MODULES = "assignment contrib losses microbatching perturbations projections schedules second_order transforms tree tree_utils".split()


def names(module):
    public = [n for n in dir(module) if not n.startswith("_")]
    is_state = lambda x: inspect.isclass(x) and issubclass(x, tuple)  # NamedTuples: types here
    return [n for n in public if callable(getattr(module, n)) and not inspect.ismodule(getattr(module, n)) and not is_state(getattr(module, n))]


found = {m: names(importlib.import_module(f"optax.{m}")) for m in MODULES}
found["optax"] = names(importlib.import_module("optax"))
with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "names.json"), "w") as f:
    json.dump(found, f, indent=1, sort_keys=True)
    f.write("\n")
