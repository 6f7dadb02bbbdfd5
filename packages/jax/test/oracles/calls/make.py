"""Writes *.json here: calls of jax.numpy, lax, nn, ... for ../../calls.test.ts. Run: python make.py (needs jax 0.10)."""
import os
import sys

sys.path.append(os.path.dirname(os.path.abspath(__file__)))  # at the end: it must hide nothing
import record

import numpy_calls  # noqa: F401
import other_calls  # noqa: F401
import odd_calls  # noqa: F401
import rare_calls  # noqa: F401

record.write()
