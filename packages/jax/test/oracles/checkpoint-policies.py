"""Writes checkpoint-policies.json for ../checkpoint-policies.test.ts: how often a gradient computes exp and sin under
policies of jax.checkpoint. Run: python checkpoint-policies.py (needs jax 0.10)."""
import json
import os
import sys

here = os.path.dirname(os.path.abspath(__file__))
sys.path.pop(0)  # files here have the names of standard modules
import jax
import jax.numpy as jnp
from jax.ad_checkpoint import checkpoint_name

P = jax.checkpoint_policies
POLICIES = {
    "nothing": P.nothing_saveable,
    "everything": P.everything_saveable,
    "only a": P.save_only_these_names("a"),
    "only b": P.save_only_these_names("b"),
    "only a and b": P.save_only_these_names("a", "b"),
    "names but a": P.save_any_names_but_these("a"),
    "names but b": P.save_any_names_but_these("b"),
    "anything but a": P.save_anything_except_these_names("a"),
    "anything but a and b": P.save_anything_except_these_names("a", "b"),
    "a or b": P.save_from_both_policies(P.save_only_these_names("a"), P.save_only_these_names("b")),
}


def f(x):
    a = checkpoint_name(jnp.exp(x), "a")
    b = checkpoint_name(jnp.sin(a), "b")
    return jnp.sum(b * jnp.cos(b))


def counts(policy):
    text = str(jax.make_jaxpr(jax.grad(jax.checkpoint(f, policy=policy)))(jnp.ones(3)))
    return {"exp": text.count("= exp"), "sin": text.count("= sin")}


with open(os.path.join(here, "checkpoint-policies.json"), "w") as file:
    json.dump({"made by": {"jax": jax.__version__}, "counts": {n: counts(p) for n, p in POLICIES.items()}}, file, indent=1)
