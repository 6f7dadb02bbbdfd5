"""Writes functions.json: losses and their gradients, schedules, projections and other functions. Run: python functions.py."""
import jax
import jax.numpy as jnp
import numpy as np
import optax
from common import Call, Named, camel, find, state_json, to_json, value, write

rng = np.random.default_rng(1)
rand = lambda *shape: np.asarray(rng.integers(-192, 192, shape) / 64, np.float32)
ints = lambda n, *shape: np.asarray(rng.integers(0, n, shape), np.int32)
bits = lambda *shape: np.asarray(rng.integers(0, 2, shape), np.float32)
probs = lambda *shape: np.asarray(jax.nn.softmax(rand(*shape)), np.float32)
onehot = lambda n, *shape: np.eye(n, dtype=np.float32)[ints(n, *shape)]

cases = []


def case(fn, *args, grad=False, tol=3e-6, f=None, **kwargs):
    """What fn gives, and with grad the gradient of its sum with respect to the first argument."""
    f = f or find(fn)
    run = lambda x: f(x, *map(value, args[1:]), **{k: value(v) for k, v in kwargs.items()})
    x = value(args[0])
    out = {"fn": camel(fn), "args": Call(fn, *args, **kwargs).json()["args"], "tol": tol, "expected": state_json(run(x))}
    if grad:
        out["grad"] = state_json(jax.grad(lambda y: jnp.sum(run(y)))(x))
    cases.append(out)


def schedule(fn, *args, counts=(0, 1, 2, 3, 5, 7, 9, 10, 11, 15, 20, 25, 29, 30, 31, 50, 100, 1000), **kwargs):
    f = Call(fn, *args, **kwargs)
    values = [float(np.float32(f.value()(jnp.asarray(c, jnp.int32)))) for c in counts]
    cases.append({"fn": camel(fn), "args": f.json()["args"], "counts": list(counts), "values": values, "tol": 2e-6})


# Losses.
x, y = rand(4, 5), rand(4, 5)
where = np.asarray(bits(4, 5), bool)
where[0] = False
for name in ("squared_error", "l2_loss", "huber_loss", "log_cosh"):
    case(name, x, y, grad=True)
    case(name, x, grad=True)
case("huber_loss", x, y, delta=0.3, grad=True)
for name in ("cosine_similarity", "cosine_distance"):
    case(name, x, y, grad=True)
    case(name, x, y, epsilon=20.0, axis=0, grad=True)
    case(name, x, y, axis=(0, 1), where=where, grad=True)
case("sigmoid_binary_cross_entropy", x, bits(4, 5), grad=True)
case("sigmoid_binary_cross_entropy", x * 40, ints(2, 4, 5), grad=True)
case("sigmoid_focal_loss", x, bits(4, 5), grad=True)
case("sigmoid_focal_loss", x, probs(4, 5), alpha=0.3, gamma=1.5, grad=True)
signs = 2 * bits(4, 5) - 1
case("hinge_loss", x, signs, grad=True)
case("perceptron_loss", x, signs, grad=True)
case("sparsemax_loss", x, ints(2, 4, 5), grad=True)
labels, classes = onehot(5, 4), ints(5, 4)
case("softmax_cross_entropy", x, labels, grad=True)
case("softmax_cross_entropy", x * 30, probs(4, 5), axis=0, grad=True)
# A row without elements is NaN there, and here: left out of the gradient.
case("softmax_cross_entropy", x[1:], labels[1:], where=np.maximum(where, labels > 0)[1:], grad=True)
case("safe_softmax_cross_entropy", np.array([[1, -np.inf, 2], [0, 1, -np.inf]], np.float32), np.array([[0.5, 0, 0.5], [0, 1, 0]], np.float32), grad=True)
case("softmax_cross_entropy_with_integer_labels", x, classes, grad=True)
case("softmax_cross_entropy_with_integer_labels", rand(2, 3, 4), ints(3, 2, 4), axis=1, grad=True)
case("softmax_cross_entropy_with_integer_labels", rand(2, 3, 4), ints(12, 2), axis=(1, 2), grad=True)
case("softmax_cross_entropy_with_integer_labels", x, classes, where=where)
case("poly_loss_cross_entropy", x, labels, grad=True)
case("poly_loss_cross_entropy", x, labels, epsilon=-0.5, axis=0, grad=True)
case("multiclass_hinge_loss", x, classes, grad=True)
case("multiclass_hinge_loss", rand(2, 3, 5), ints(5, 2, 3), grad=True)
case("multiclass_perceptron_loss", x, classes, grad=True)
case("multiclass_sparsemax_loss", x, classes, grad=True)
for name in ("kl_divergence", "generalized_kl_divergence", "convex_kl_divergence"):
    case(name, np.log(probs(4, 5)), probs(4, 5) * (bits(4, 5) > 0), grad=True)
    case(name, np.log(probs(4, 5)), probs(4, 5), axis=0, where=where, grad=True)
case("kl_divergence_with_log_targets", np.log(probs(4, 5)), np.log(probs(4, 5)), grad=True)
paddings = lambda n, *lengths: np.array([[0.0] * k + [1.0] * (n - k) for k in lengths], np.float32)
ctc_labels = np.array([[1, 1, 2], [3, 1, 0], [2, 2, 2]], np.int32)
for fn in ("ctc_loss", "ctc_loss_with_forward_probs"):
    case(fn, rand(3, 7, 4), paddings(7, 7, 5, 6), ctc_labels, paddings(3, 3, 2, 3), grad=fn == "ctc_loss", tol=1e-5)
case("ctc_loss", rand(3, 7, 4), paddings(7, 7, 5, 6), ctc_labels, paddings(3, 3, 2, 1), blank_id=3, log_epsilon=-1000.0, grad=True, tol=1e-5)
case("ntxent", rand(6, 4), np.array([0, 1, 0, 1, 2, 2], np.int32), grad=True, tol=2e-5)
case("ntxent", rand(6, 4), np.array([0, 0, 0, 1, 1, 1], np.int32), 0.5, grad=True, tol=1e-5)
case("triplet_margin_loss", x, y, rand(4, 5), grad=True)
case("triplet_margin_loss", x, y, rand(4, 5), axis=0, norm_degree=4, margin=2.0, eps=0.1, grad=True, tol=1e-5)
image, mask = rand(2, 3, 3, 4), onehot(4, 2, 3, 3)
case("dice_loss", image, mask, grad=True)
case("dice_loss", image, mask, class_weights=np.array([1, 2, 3, 4], np.float32), smooth=0.5, alpha=0.3, beta=0.7, reduction="sum", ignore_background=True, grad=True)
case("dice_loss", probs(2, 3, 3, 4), mask, apply_softmax=False, reduction="none", axis=(1,), grad=True)
case("dice_loss", rand(2, 3, 3, 1), bits(2, 3, 3), grad=True)
case("multiclass_generalized_dice_loss", image, mask, grad=True)
case("binary_dice_loss", rand(2, 3, 3), bits(2, 3, 3), grad=True)
case("binary_dice_loss", rand(2, 3, 1), bits(2, 3, 1), smooth=0.1, grad=True)
case("ranking_softmax_loss", x, np.abs(y), grad=True)
case("ranking_softmax_loss", x, np.abs(y), where=where, weights=probs(4, 5), grad=True)
case("ranking_softmax_loss", x, np.abs(y), reduce_fn=None, grad=True)
case("smooth_labels", labels, 0.1)
case("smooth_labels", labels, 0.1, axis=0, where=np.maximum(where, True))

# Schedules.
schedule("constant_schedule", 0.3)
schedule("polynomial_schedule", 1.0, 0.1, 2, 20, 5)
schedule("linear_schedule", 0.5, 1.5, 20)
schedule("linear_schedule", init_value=1.0, end_value=0.0, transition_steps=20, transition_begin=3)
schedule("cosine_decay_schedule", 0.5, 20)
schedule("cosine_decay_schedule", 0.5, 20, alpha=0.1, exponent=2.0)
schedule("exponential_decay", 0.5, 10, 0.5)
schedule("exponential_decay", 0.5, 10, 0.5, transition_begin=5, staircase=True, end_value=0.1)
schedule("exponential_decay", 0.5, 10, 1.5, end_value=2.0)
schedule("cosine_onecycle_schedule", 30, 2.0)
schedule("cosine_onecycle_schedule", 30, 2.0, 0.5, 10.0, 100.0)
schedule("linear_onecycle_schedule", 30, 2.0)
schedule("linear_onecycle_schedule", 30, 2.0, 0.4, 0.7, 10.0, 100.0)
schedule("warmup_constant_schedule", 0.1, 1.0, 10)
schedule("warmup_cosine_decay_schedule", 0.1, 1.0, 10, 30, 0.05)
schedule("warmup_cosine_decay_schedule", 0.1, 1.0, 10, 30, 0.05, exponent=0.5)
schedule("warmup_exponential_decay_schedule", 0.1, 1.0, 10, 20, 0.5, 5, True, 0.3)
cases[-1]["args"] = [0.1, 1.0, 10, 20, 0.5, 5, True, 0.3]
cycle = lambda peak: {"init_value": 0.1, "peak_value": peak, "warmup_steps": 5, "decay_steps": 15, "end_value": 0.2}
schedule("sgdr_schedule", [cycle(1.0), cycle(0.5), cycle(0.3)])
cases[-1]["args"] = [[{camel(k): v for k, v in cycle(p).items()} for p in (1.0, 0.5, 0.3)]]
schedule("join_schedules", [Call("linear_schedule", 0.0, 1.0, 10), Call("constant_schedule", 0.7), Call("exponential_decay", 1.0, 5, 0.5)], [10, 25])
for fn, kind in (("piecewise_constant_schedule", []), ("piecewise_interpolate_schedule", ["linear"]), ("piecewise_interpolate_schedule", ["cosine"])):
    schedule(fn, *kind, 1.0, {10: 0.5, 20: 0.1, 5: 2.0})

# Projections.
tree = {"a": rand(2, 3), "b": rand(4)}
for name in "non_negative simplex l1_sphere l1_ball l2_sphere l2_ball linf_ball".split():
    case("projection_" + name, tree)
for name in "simplex l1_sphere l1_ball l2_sphere l2_ball linf_ball hypercube".split():
    if name != "hypercube":
        case("projection_" + name, tree, 2.5)
    case("projection_" + name, rand(6), 30.0, grad=name != "hypercube")
case("projection_box", tree, -0.5, 0.75, f=lambda t, lo, hi: optax.projections.projection_box(t, jax.tree.map(lambda z: jnp.full_like(z, lo), t), jax.tree.map(lambda z: jnp.full_like(z, hi), t)))
other = {"a": rand(2, 3), "b": rand(4)}
case("projection_box", tree, jax.tree.map(lambda z: -np.abs(z), other), jax.tree.map(np.abs, other))
case("projection_vector", tree, other)
case("projection_hyperplane", tree, other, 0.5)
case("projection_halfspace", tree, other, 0.5)
case("projection_halfspace", tree, other, -50.0)

# Trees.
ints_tree = {"a": ints(9, 2), "b": rand(3)}
case("tree_add", tree, other)
case("tree_sub", tree, other)
case("tree_mul", tree, other)
case("tree_div", tree, other)
case("tree_scale", 0.3, tree)
case("tree_add_scale", tree, 0.3, other)
case("tree_vdot", tree, other)
case("tree_sum", tree)
case("tree_max", tree)
case("tree_min", tree)
case("tree_norm", tree)
for order in (1, 2, np.inf):
    case("tree_norm", tree, "inf" if order == np.inf else order, f=lambda t, o, order=order, **k: optax.tree.norm(t, ord=order, **k))
case("tree_norm", tree, squared=True)
case("tree_clip", tree, -0.5, 0.5)
case("tree_zeros_like", tree)
case("tree_ones_like", tree)
case("tree_full_like", tree, 0.3)
case("tree_where", np.asarray(True), tree, other)
case("tree_update_moment", tree, other, 0.9, 1)
case("tree_update_moment", tree, other, 0.9, 2)
case("tree_update_moment", tree, other, 0.9, 3, tol=1e-5)
case("tree_update_infinity_moment", tree, other, 0.9, 1e-3)
case("tree_update_moment_per_elem_norm", tree, other, 0.9, 2)
case("tree_bias_correction", tree, 0.9, np.asarray(3, np.int32))
case("tree_allclose", tree, other)
case("tree_batch_shape", tree, (2,), f=lambda t, s: jax.tree.map(lambda z: jnp.broadcast_to(z, s + z.shape), t))
case("apply_updates", tree, other)
case("incremental_update", tree, other, 0.3)
for steps in (3, 4):
    case("periodic_update", tree, other, np.asarray(steps, np.int32), 2)

# Numerics and linear algebra.
case("safe_norm", rand(5), 0.1, grad=True)
case("safe_norm", np.zeros(3, np.float32), 0.1, grad=True)
case("safe_norm", rand(3, 4), 1.0, ord=1, axis=1, keepdims=True)
case("safe_norm", rand(3, 4), 1.0, axis=0)
case("safe_root_mean_squares", rand(5), 0.1, grad=True)
case("safe_root_mean_squares", np.zeros(3, np.float32), 0.1, grad=True)
case("safe_increment", np.asarray(2147483647, np.int32))
case("global_norm", tree)
psd = (lambda m: m @ m.T + np.eye(5, dtype=np.float32))(rand(5, 5))
case("power_iteration", psd, v0=rand(5), tol=1e-4)
for p in (1, 2, 4, 8):
    case("matrix_inverse_pth_root", psd, p, tol=2e-4)
case("nnls", rand(6, 4), rand(6), 50, tol=1e-4)
case("nnls", rand(6, 4), rand(6, 2), 10, L=60.0, tol=1e-4)
case("scale_gradient", rand(5), -2.0, grad=True)
case("per_example_global_norm_clip", {"a": rand(3, 2, 2), "b": {"c": rand(3, 4)}}, 2.5)
case("per_example_layer_norm_clip", {"a": rand(3, 2, 2), "b": {"c": rand(3, 4)}}, 2.5)
case("per_example_layer_norm_clip", {"a": rand(3, 2, 5), "b": {"c": rand(3)}}, 2.5, False)
for shape in [(3,), (), (1, 4), (3, 4), (2, 3, 4), (2, 3, 2, 2)]:
    case("unitwise_norm", rand(*shape), f=optax.transforms.unitwise_norm)

if __name__ == "__main__":
    write(__file__, cases)
