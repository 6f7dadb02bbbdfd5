"""Writes scipy-linalg.json: jax.scipy.linalg, lax.linalg and scipy for ../scipy-linalg.test.ts. Run: python scipy-linalg.py (needs jax 0.10)."""
import os
import sys

here = os.path.dirname(os.path.abspath(__file__))
sys.path[0] = os.path.join(here, "none")  # files of this folder would hide modules of their names
import importlib.util

spec = importlib.util.spec_from_file_location("cases", os.path.join(here, "cases.py"))
cases = importlib.util.module_from_spec(spec)
spec.loader.exec_module(cases)
import warnings

import jax
import jax.numpy as jnp
import jax.scipy.linalg as L
import numpy as np
import scipy.linalg as S
from jax.lax import linalg as ll

warnings.simplefilter("ignore")
c = cases.Cases()
rand, f32, Fn = cases.rand, cases.f32, cases.Fn
A, X = "scipy.linalg", "lax.linalg"
kw_js = {
    "permute_l": "permuteL", "unit_diagonal": "unitDiagonal", "assume_a": "assumeA", "full_matrices": "fullMatrices", "compute_uv": "computeUv",
    "eigvals_only": "eigvalsOnly", "calc_q": "calcQ", "upper_triangular": "upperTriangular", "max_squarings": "maxSquarings", "compute_expm": "computeExpm",
    "select_range": "selectRange", "symmetrize_output": "symmetrizeOutput", "perturb_singular": "perturbSingular",
}


def call(space, name, f, args, kw={}, **more):
    g = lambda *xs: f(*xs, **kw)
    return c.add(space, name, g, args, {kw_js.get(k, k): list(v) if isinstance(v, tuple) else v for k, v in kw.items()}, **more)


def well(n, *lead):
    """Matrices far from singular."""
    return rand(*lead, n, n) + 3 * np.eye(n, dtype=np.float32)


def definite(n, *lead):
    x = rand(*lead, n, n)
    return (np.swapaxes(x, -1, -2) @ x + 2 * np.eye(n)).astype(np.float32)


# Matrices of vectors
v, w = f32(1, -2, 3), f32(9, 0.5, -1, 4)
ints = np.array([1, 2, 3, 4], np.int32)
for c0, r in [(v, None), (v, w), (w, v), (f32(5), w), (v, f32(1)), (ints, None), (ints, ints[:2]), (rand(2, 3), None), (rand(2, 3), rand(4)), (rand(2, 1, 3), rand(3, 4))]:
    args = [c0] if r is None else [c0, r]
    call(A, "toeplitz", L.toeplitz, args)
    call(A, "hankel", L.hankel, args)
call(A, "toeplitz", L.toeplitz, [np.float32(3)])
call(A, "toeplitz", L.toeplitz, [v, w], grad=[0, 1])
call(A, "hankel", L.hankel, [v, w], grad=[0, 1])
for x in [v, ints, rand(2, 4), f32(7)]:
    call(A, "circulant", L.circulant, [x])
    call(A, "fiedler", L.fiedler, [x])
for x in [f32(1, -10, 31, -30), np.array([2, 3, 4], np.int32), f32(0.5, 2), rand(2, 4) + 4]:
    call(A, "companion", L.companion, [x])
for x in [f32(1, -16, 86, -176, 105), f32(2, 3), f32(2, 3, 5), f32(1), np.array([2, 3, 5, 7], np.int32), f32(1, 2, 3, 4, 5, 6), f32(1, 2, 3, 4, 5, 6, 7), rand(2, 5) + 4]:
    call(A, "fiedlerCompanion", L.fiedler_companion, [x])
call(A, "companion", L.companion, [f32(2, 3, 5)], grad=[0])
call(A, "fiedlerCompanion", L.fiedler_companion, [f32(2, 3, 5, 1)], grad=[0])
for mode in ["full", "same", "valid"]:
    for n in [1, 2, 3, 5]:
        c.add(A, "convolutionMatrix", lambda x, k, m: L.convolution_matrix(x, k, m), [v, n, mode])
    c.add(A, "convolutionMatrix", lambda x, k, m: L.convolution_matrix(x, k, m), [rand(2, 2), 3, mode])
c.add(A, "convolutionMatrix", lambda x, k: L.convolution_matrix(x, k), [ints, 2])
for f0, s in [(f32(0.1, 2, 1, 0.1), f32(0.2, 0.8, 0.7)), (np.array([1, 2], np.int32), f32(0.5)), (rand(2, 3), rand(2, 2))]:
    call(A, "leslie", L.leslie, [f0, s])
for blocks in [(rand(1, 1), rand(2, 2), rand(3, 3)), (rand(2, 3), rand(1, 2)), (rand(3), np.float32(4)), (ints, rand(2, 2)), (np.zeros((0, 2), np.float32), rand(1, 1))]:
    call(A, "blockDiag", L.block_diag, list(blocks))
call(A, "blockDiag", L.block_diag, [rand(2, 3), rand(1, 2)], grad=[0, 1])
call(A, "toeplitz", L.toeplitz, [rand(3, 4)], vmap=True)

# Constant matrices: truth from SciPy
for n in [0, 1, 2, 3, 5, 8]:
    c.add(A, "hilbert", lambda k: L.hilbert(k), [n], truth=lambda k: S.hilbert(k) if k else np.zeros((0, 0)))
    c.add(A, "invhilbert", lambda k: L.invhilbert(k), [n], truth=lambda k: np.asarray(S.invhilbert(k), float) if k else np.zeros((0, 0)))
    if n == 0:
        continue
    for kind in ["symmetric", "lower", "upper"]:
        c.add(A, "pascal", lambda k, q: L.pascal(k, q), [n, kind], truth=lambda k, q: np.asarray(S.pascal(k, q), float))
        c.add(A, "invpascal", lambda k, q: L.invpascal(k, q), [n, kind], truth=lambda k, q: np.asarray(S.invpascal(k, q), float))
    for full in [False, True]:
        c.add(A, "helmert", lambda k, q: L.helmert(k, q), [n, full], truth=lambda k, q: S.helmert(k, q))
    for scale in [None, "sqrtn", "n"]:
        c.add(A, "dft", lambda k, q: L.dft(k, q), [n, scale], truth=lambda k, q: S.dft(k, q), like=lambda k, q: L.dft(k, q).astype(jnp.complex64))
for case in c.cases:  # these take no array, so they do not see 32-bit mode
    if case["fn"] in ["hilbert", "invhilbert", "pascal", "invpascal", "helmert"]:
        case["out"]["dtype"] = "float32"
for n in [1, 2, 4, 16]:
    c.add(A, "hadamard", lambda k: L.hadamard(k), [n])
c.add(A, "hadamard", lambda k, d: L.hadamard(k, jnp.float32), [4, "float32"])

# Factorizations
for n in [1, 2, 4]:
    for lower in [False, True]:
        call(A, "cholesky", L.cholesky, [definite(n)], {"lower": lower})
        c.add(A, "choFactor", lambda x: [L.cho_factor(x, lower=lower)[0]], [definite(n)], {"lower": lower})
p = np.array([[4, 1], [3, 5]], np.float32)
for lower in [False, True]:
    call(A, "cholesky", L.cholesky, [p], {"lower": lower})
    call(A, "cholesky", L.cholesky, [definite(3)], {"lower": lower}, grad=[0], tol=4e-6)
    call(A, "cholesky", L.cholesky, [definite(3, 2)], {"lower": lower})
    call(A, "cholesky", L.cholesky, [definite(3, 2)], {"lower": lower}, vmap=True)
    for b in [rand(3), rand(3, 2)]:
        call(A, "choSolve", lambda x, y: L.cho_solve((x[0], x[1]), y), [[well(3), lower], b])
    call(A, "choSolve", lambda x, y: L.cho_solve((x[0], x[1]), y), [[well(3, 2), lower], rand(2, 3, 2)])
    call(A, "solve", L.solve, [definite(3), rand(3)], {"lower": lower, "assume_a": "pos"}, tol=4e-6)
    call(A, "solve", L.solve, [definite(3), rand(3, 2)], {"lower": lower, "assume_a": "pos"}, grad=[0, 1], tol=1e-5)
    call(A, "solve", L.solve, [p, f32(1, 2)], {"lower": lower, "assume_a": "pos"}, tol=4e-6)
call(A, "cholesky", L.cholesky, [np.array([[1, 2], [2, 1]], np.float32)], {"lower": True})
for name, f in [("det", L.det), ("inv", L.inv)]:
    for x in [well(1), well(2), well(4), well(3, 2)]:
        call(A, name, f, [x], tol=4e-6)
    call(A, name, f, [well(4)], grad=[0], tol=1e-5)
for x in [well(3), rand(2, 4), rand(4, 2), np.array([[0, 1], [2, 0]], np.float32), rand(1, 3)]:
    call(A, "lu", L.lu, [x])
    call(A, "lu", L.lu, [x], {"permute_l": True})
    call(A, "luFactor", L.lu_factor, [x])
c.add(A, "lu", lambda x: jax.vmap(L.lu)(x), [well(3, 2)])
call(A, "lu", L.lu, [well(3)], grad=[0], tol=1e-5)
call(A, "luFactor", L.lu_factor, [rand(2, 3, 3)])
factors = [np.asarray(t) for t in L.lu_factor(jnp.asarray(rand(4, 4)))]
batch = [np.asarray(t) for t in L.lu_factor(jnp.asarray(rand(2, 3, 3)))]
for trans in [0, 1, 2]:
    for b in [rand(4), rand(4, 2)]:
        c.add(A, "luSolve", lambda lu, y, t: L.lu_solve((lu[0], lu[1]), y, t), [factors, b, trans], tol=2e-5)
    c.add(A, "luSolve", lambda lu, y, t: L.lu_solve((lu[0], lu[1]), y, t), [batch, rand(2, 3, 2), trans], tol=2e-5)
    c.add(A, "luSolve", lambda lu, y, t: L.lu_solve((lu[0], lu[1]), y, t), [factors, rand(4, 2), trans], grad=[1], tol=2e-5)
    for lower in [False, True]:
        for unit in [False, True]:
            call(A, "solveTriangular", L.solve_triangular, [well(3), rand(3, 2)], {"trans": trans, "lower": lower, "unit_diagonal": unit}, tol=4e-6)
    call(A, "solveTriangular", L.solve_triangular, [well(3), rand(3)], {"trans": trans}, grad=[0, 1], tol=1e-5)
for trans in ["N", "T", "C"]:
    call(A, "solveTriangular", L.solve_triangular, [well(3, 2), rand(2, 3, 2)], {"trans": trans})
for assume in ["gen", "sym", "her"]:
    call(A, "solve", L.solve, [well(3), rand(3)], {"assume_a": assume}, tol=4e-6)
call(A, "solve", L.solve, [well(3, 2), rand(2, 3, 2)], tol=4e-6)
call(A, "solve", L.solve, [well(3), rand(3, 2)], grad=[0, 1], tol=1e-5)
call(A, "solve", L.solve, [well(3, 2), rand(2, 3)], vmap=True, tol=4e-6)
call(A, "eigh", L.eigh, [definite(4)], {"eigvals_only": True}, tol=4e-6)
call(A, "eigh", L.eigh, [definite(3, 2)], {"eigvals_only": True}, tol=4e-6)
call(A, "eigh", L.eigh, [definite(3)], {"eigvals_only": True}, grad=[0], tol=4e-6)
for x in [rand(3, 3), rand(2, 4), rand(4, 2), rand(2, 3, 2)]:
    call(A, "svd", L.svd, [x], {"compute_uv": False})
    for mode in ["economic", "full", "r"] if x.ndim == 2 else ["economic"]:
        call(A, "qr", L.qr, [x], {"mode": mode}, tol=4e-6)
        if x.ndim == 2:
            call(A, "qr", L.qr, [x], {"mode": mode, "pivoting": True}, tol=4e-6)
call(A, "svd", L.svd, [rand(4, 3)], {"compute_uv": False}, grad=[0], tol=4e-6)
call(A, "qr", L.qr, [rand(4, 3)], {"mode": "economic"}, grad=[0], tol=2e-5)
call(A, "qr", L.qr, [rand(4, 3)], {"mode": "economic", "pivoting": True}, grad=[0], tol=2e-5)
call(A, "qr", L.qr, [rand(2, 4, 3)], {"mode": "economic", "pivoting": True}, vmap=True, tol=4e-6)
for m, n in [(4, 3), (3, 4), (3, 3)]:
    x, k = rand(m, n), min(m, n)
    for pivoting in [False, True]:
        for mode, y in [("right", rand(2, m)), ("right", rand(m)), ("left", rand(k, 2)), ("left", rand(k))]:
            call(A, "qrMultiply", L.qr_multiply, [x, y], {"mode": mode, "pivoting": pivoting}, tol=4e-6)
for n in [1, 2, 3, 5]:
    for calc_q in [False, True]:
        call(A, "hessenberg", L.hessenberg, [rand(n, n)], {"calc_q": calc_q}, tol=4e-6)
    call(X, "hessenberg", ll.hessenberg, [rand(n, n)], tol=4e-6)
    for lower in [True, False]:
        call(X, "tridiagonal", ll.tridiagonal, [definite(n)], {"lower": lower}, tol=4e-6)
call(A, "hessenberg", L.hessenberg, [rand(2, 4, 4)], {"calc_q": True}, tol=4e-6)
call(X, "hessenberg", ll.hessenberg, [rand(2, 4, 4)], vmap=True, tol=4e-6)
call(X, "tridiagonal", ll.tridiagonal, [definite(4, 2)], tol=4e-6)
for shape in [(4, 3), (3, 3), (3, 5), (2, 4, 2), (1, 1)]:
    call("numpy.linalg", "qr", lambda x, m: list(jnp.linalg.qr(x, m)), [rand(*shape), "raw"], tol=4e-6)
for shape in [(4, 3), (3, 3), (2, 4, 2)]:
    h, taus = [np.asarray(t, np.float32) for t in jnp.linalg.qr(rand(*shape), mode="raw")]
    h = np.swapaxes(h, -1, -2)
    call(X, "householderProduct", ll.householder_product, [h, taus])
    for left in [True, False]:
        for transpose in [False, True]:
            y = rand(*shape[:-1], 2) if left else rand(*shape[:-2], 2, shape[-2])
            call(X, "ormqr", ll.ormqr, [h, taus, y], {"left": left, "transpose": transpose})
call(X, "householderProduct", ll.householder_product, [rand(4, 3), rand(2)])

# Functions of matrices
small = (rand(3, 3) / 2).astype(np.float32)
for x in [small, rand(4, 4), 4 * rand(3, 3), np.zeros((2, 2), np.float32), np.array([[0, 1], [0, 0]], np.float32), f32(2).reshape(1, 1), np.array([[1, 2], [3, 4]], np.int32), rand(2, 3, 3)]:
    call(A, "expm", L.expm, [x], tol=1e-5, truth=lambda v: S.expm(np.asarray(v, float)))
big = np.array([[-49, 24], [-64, 31]], np.float32)
call(A, "expm", L.expm, [big], tol=2e-4, truth=lambda x: S.expm(np.asarray(x)))
call(A, "expm", L.expm, [(1e6 * p).astype(np.float32)])
call(A, "expm", L.expm, [f32(1, 2, np.nan, 4).reshape(2, 2)])
call(A, "expm", L.expm, [f32(1, 2, np.inf, 4).reshape(2, 2)])
call(A, "expm", L.expm, [np.triu(rand(3, 3))], {"upper_triangular": True}, tol=4e-6)
call(A, "expm", L.expm, [800 * rand(3, 3)], {"max_squarings": 2})
call(A, "expm", L.expm, [rand(4, 4).astype(np.float64)], tol=1e-13)
call(A, "expm", L.expm, [40 * np.eye(2)], tol=1e-13, truth=lambda v: S.expm(np.asarray(v)))
for x in [small, 3 * small]:
    call(A, "expm", L.expm, [x], grad=[0], tol=1e-5)
call(A, "expm", L.expm, [rand(2, 3, 3)], vmap=True, tol=4e-6)
call(A, "expmFrechet", L.expm_frechet, [small, rand(3, 3)], tol=4e-6)
call(A, "expmFrechet", L.expm_frechet, [rand(3, 3), rand(3, 3)], {"compute_expm": False}, tol=1e-5)
call(A, "expmFrechet", L.expm_frechet, [rand(2, 3, 3), rand(2, 3, 3)], tol=1e-5)
complex64 = lambda f: lambda *xs: jax.tree.map(lambda t: t.astype(jnp.complex64 if jnp.iscomplexobj(t) else jnp.float32), f(*xs))
for x in [definite(3), definite(5), -definite(3), well(4), rand(3, 3), np.zeros((2, 2), np.float32), f32(-4).reshape(1, 1), np.array([[4, 5], [0, 9]], np.float32), np.array([[0, 1], [-1, 0]], np.float32)]:
    c.add(A, "sqrtm", L.sqrtm, [x], tol=1e-5, like=complex64(L.sqrtm), truth=lambda t: S.sqrtm(np.asarray(t)).astype(complex))
for name, f in [("exp", jnp.exp), ("cube", lambda z: z**3), ("one", jnp.ones_like)]:
    for x in [rand(3, 3), definite(3), np.array([[1, 2], [3, 4]], np.float32)]:
        c.add(A, "funm", lambda t, g: L.funm(t, g).astype(jnp.complex128), [x, Fn(name, f)], tol=4e-5, like=complex64(L.funm))
for m, n in [(3, 3), (2, 4), (4, 1), (1, 1)]:
    call(A, "solveSylvester", L.solve_sylvester, [well(m), well(n), rand(m, n)], tol=1e-5)
    call(A, "solveSylvester", L.solve_sylvester, [well(m), well(n), rand(m, n)], {"method": "eigen"}, tol=1e-5)
call(A, "solveSylvester", L.solve_sylvester, [p, -p, p])
call(A, "solveSylvester", L.solve_sylvester, [well(2, 2), well(3, 2), rand(2, 2, 3)], tol=1e-5)
kron = lambda a, b, y: jnp.linalg.solve(jnp.kron(jnp.eye(b.shape[0]), a) + jnp.kron(b.T, jnp.eye(a.shape[0])), y.T.ravel()).reshape(y.T.shape).T
call(A, "solveSylvester", kron, [well(3), well(2), rand(3, 2)], grad=[0, 1, 2], tol=1e-5)
for d, e in [(f32(1, 2, 3, 4), f32(1, 1, 1)), (rand(5), rand(4)), (f32(2), np.zeros(0, np.float32)), (f32(1, 1), f32(0))]:
    call(A, "eighTridiagonal", L.eigh_tridiagonal, [d, e], {"eigvals_only": True}, truth=lambda s, t, **_: S.eigvalsh(np.diag(s) + np.diag(t, 1) + np.diag(t, -1) if len(t) else np.diag(s)), tol=4e-6)
call(A, "eighTridiagonal", L.eigh_tridiagonal, [f32(1, 2, 3, 4), f32(1, 1, 1)], {"eigvals_only": True, "select": "i", "select_range": (1, 2)}, tol=4e-6)
for x in [rand(3, 3), rand(4, 2), well(3, 2)]:
    call(A, "polar", L.polar, [x], tol=2e-5)
    call(A, "polar", L.polar, [x], {"method": "svd"}, tol=2e-5)
    call(X, "qdwh", lambda t: ll.qdwh(t)[:1], [x], tol=2e-5, pick=0) if x.ndim == 2 else None
call(A, "polar", L.polar, [rand(2, 4)], {"side": "left"}, tol=2e-5)
call(A, "polar", L.polar, [rand(2, 4)], {"side": "left", "method": "svd"}, tol=2e-5)
call(A, "polar", L.polar, [rand(4, 3)], {"method": "svd"}, grad=[0], tol=2e-5)

# lax.linalg
r = np.triu(rand(4, 4)) + 3 * np.eye(4, dtype=np.float32)
for u, y in [(r, rand(4)), (-r, rand(4)), (f32(2).reshape(1, 1), f32(3)), (np.zeros((2, 2), np.float32), f32(0, 2)), (r, np.zeros(4, np.float32))]:
    call(X, "choleskyUpdate", lambda s, t: jnp.triu(ll.cholesky_update(s, t)), [u, y], tol=4e-6)
updated = lambda s, t: jnp.linalg.cholesky(jnp.triu(s).T @ jnp.triu(s) + jnp.outer(t, t)).T
call(X, "choleskyUpdate", updated, [r, rand(4)], grad=[0, 1], tol=1e-5)
for kw in [{}, {"alpha": 2.0}, {"alpha": 0.5, "beta": 3.0}, {"alpha": -1.0, "beta": 1.0, "symmetrize_output": True}]:
    call(X, "symmetricProduct", ll.symmetric_product, [rand(3, 2), definite(3)], kw, tol=4e-6)
    call(X, "symmetricProduct", ll.symmetric_product, [rand(2, 3, 2), definite(3, 2)], kw, tol=4e-6)
call(X, "symmetricProduct", lambda a, b, **k: k["alpha"] * a @ a.T + k["beta"] * b, [rand(3, 2), definite(3)], {"alpha": 0.5, "beta": 3.0}, grad=[0, 1])
c.add(X, "luPivotsToPermutation", ll.lu_pivots_to_permutation, [np.array([2, 2, 2], np.int32), 4])
c.add(X, "luPivotsToPermutation", ll.lu_pivots_to_permutation, [np.array([0, 3, 4, 4, 4], np.int32), 5])
c.add(X, "luPivotsToPermutation", ll.lu_pivots_to_permutation, [np.array([[0, 1], [2, 2]], np.int32), 3])
for l, m, u, y in [(rand(5), rand(5) + 4, rand(5), rand(5, 2)), (rand(5), rand(5), rand(5), rand(5, 2)), (f32(0, 1, 2), f32(0, 4, 5), f32(1, 1, 0), np.eye(3, dtype=np.float32)), (f32(0), f32(2), f32(0), f32(3).reshape(1, 1)), (f32(0, 1), f32(2, 3), f32(1, 0), f32(3, 4).reshape(2, 1))]:
    l[0] = u[-1] = 0
    call(X, "tridiagonalSolve", ll.tridiagonal_solve, [l, m, u, y], tol=4e-5)
l, m, u = rand(2, 4), rand(2, 4) + 4, rand(2, 4)
l[:, 0] = u[:, -1] = 0
call(X, "tridiagonalSolve", jax.vmap(ll.tridiagonal_solve), [l, m, u, rand(2, 4, 3)], tol=4e-6)
dense = lambda a, b, d, y: jnp.linalg.solve(jnp.diag(b) + jnp.diag(a[1:], -1) + jnp.diag(d[:-1], 1), y)
call(X, "tridiagonalSolve", dense, [l[0], m[0], u[0], rand(4, 2)], grad=[0, 1, 2, 3], tol=1e-5)
call(X, "tridiagonalSolve", ll.tridiagonal_solve, [f32(0, 0, 0), f32(0, 4, 5), f32(0, 1, 0), np.ones((3, 1), np.float32)], {"perturb_singular": True}, truth=lambda *_: np.array([[2.0**23 / 5], [0.2], [0.2]]), tol=1e-6)

c.write(os.path.join(here, "scipy-linalg.json"))
