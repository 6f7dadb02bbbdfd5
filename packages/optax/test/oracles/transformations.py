"""Writes transformations.json: steps of optimizers and transformations. Run: python transformations.py (optax 0.2.8)."""
import jax
import jax.numpy as jnp
import numpy as np
import optax
from common import Call, DType, Named, camel, find, state_json, to_json, value, write

rng = np.random.default_rng(0)
rand = lambda *shape: np.asarray(rng.integers(-192, 192, shape) / 64, np.float32)

mixed = lambda: {"a": rand(3, 4), "b": rand(4), "c": {"d": rand()}}
matrices = lambda: {"a": rand(3, 4), "b": rand(5, 3)}
INPUTS = {
    "mixed": {"params": mixed(), "grads": [mixed() for _ in range(4)]},
    "matrices": {"params": matrices(), "grads": [matrices() for _ in range(4)]},
}
INPUTS["convolution"] = {"params": {"w": rand(2, 3, 2, 4), "v": rand(2, 2)}, "grads": [{"w": rand(2, 3, 2, 4), "v": rand(2, 2)} for _ in range(4)]}
INPUTS["examples"] = {"params": mixed(), "grads": [{"a": rand(2, 3, 4), "b": rand(2, 4), "c": {"d": rand(2)}} for _ in range(4)]}
GRADS = INPUTS["mixed"]["grads"]
with_nan = lambda g, i: dict(g, b=np.full(4, np.nan, np.float32)) if i in (1, 2) else g
INPUTS["nans"] = dict(INPUTS["mixed"], grads=[with_nan(g, i) for i, g in enumerate(GRADS)])

cases = []


def bowl(params):
    """A loss of any tree: of each element 0.75 (x - 0.5)^2 + 0.1 x^4."""
    return sum(jnp.sum(0.75 * (x - 0.5) ** 2 + 0.1 * x**4) for x in jax.tree.leaves(params))


def case(fn, *args, inputs="mixed", loss=None, state=True, tol=2e-6, steps=None, synced=False, **kwargs):
    """Steps of fn(*args, **kwargs). With a loss its value, gradient and function are extra arguments. synced: for lookahead."""
    tx = Call(fn, *args, **kwargs).value()
    if isinstance(tx, optax.MultiSteps):
        tx = tx.gradient_transformation()
    tx = optax.with_extra_args_support(tx)
    p, grads = value(INPUTS[inputs]["params"]), INPUTS[inputs]["grads"]
    if synced:
        p = optax.LookaheadParams.init_synced(p)
    s = tx.init(p)
    outs = []
    n = len(grads) if loss is None else (steps or 4)
    for i in range(n):
        extra = {}
        at = p.fast if synced else p
        g = value(grads[i]) if loss is None else None
        if loss is not None:
            v, g = jax.value_and_grad(loss)(at)
            extra = {"value": v, "grad": g, "value_fn": loss}
            if fn in ("sophia", "hutchinson_estimator_diag_hessian"):
                extra = {"obj_fn": loss}
        if fn == "sam":
            extra = {} if loss is None else {"grad_fn": lambda q, i: jax.grad(loss)(q)}
        u, s = tx.update(g, s, p, **extra)
        outs.append(state_json(u))
        p = optax.apply_updates(p, u)
    cases.append({
        "fn": camel(fn), "args": Call(fn, *args, **kwargs).json()["args"], "inputs": inputs, "synced": synced,
        "loss": loss and loss.__name__, "steps": n, "tol": tol,
        "updates": outs, "state": state_json(s) if state else None,
    })


lin = Call("linear_schedule", 0.2, 0.05, 3)
mask = {"a": True, "b": False, "c": {"d": True}}

# Optimizers.
for name in ("sgd adam adamw adamax adamaxw nadam nadamw amsgrad radam adabelief yogi adan lamb lars lion rmsprop adagrad "
             "adafactor novograd optimistic_gradient_descent sign_sgd signum").split():
    case(name, 0.1)
    if name not in ("adafactor",):
        case(name, lin)
case("sgd", 0.1, 0.9)
case("sgd", 0.1, momentum=0.9, nesterov=True)
case("sgd", 0.1, momentum=0.9, accumulator_dtype=DType("float16"), tol=2e-3)
case("adam", 0.1, b1=0.8, b2=0.9, eps=1e-3, eps_root=1e-2)
case("adam", 0.1, nesterov=True)
case("adamw", 0.1, weight_decay=0.3, mask=mask)
case("adamw", lin, weight_decay=lin)
case("amsgrad", 0.1, bias_correction_mu=False, bias_correction_nu=False)
case("radam", 0.1, b2=0.5, threshold=2.0)
case("radam", 0.1, b2=0.8, nesterov=True)
case("adabelief", 0.1, nesterov=True)
case("adan", 0.1, weight_decay=0.1)
case("lamb", 0.1, weight_decay=0.1, mask=mask)
case("lars", 0.1, weight_decay=0.1, trust_coefficient=0.1, momentum=0.5, nesterov=True)
case("lars", 0.1, weight_decay=0.1, weight_decay_mask=mask, trust_ratio_mask=mask, eps=0.1)
case("lion", 0.1, b1=0.5, weight_decay=0.0)
case("scale_by_lion", mode="smooth", smooth_beta=0.5)
case("scale_by_lion", mode="refined")
case("rmsprop", 0.1, centered=True, momentum=0.9, nesterov=True)
case("rmsprop", 0.1, bias_correction=True, eps_in_sqrt=False)
case("rmsprop", 0.1, centered=True, bias_correction=True, initial_scale=0.5)
case("adagrad", 0.1, initial_accumulator_value=0.0, eps=1e-3)
case("adadelta", tol=2e-5)
case("adadelta", 0.5, rho=0.8, weight_decay=0.1, tol=2e-5)
case("adafactor")
case("adafactor", 0.1, min_dim_size_to_factor=2)
case("adafactor", 0.1, min_dim_size_to_factor=2, momentum=0.9, weight_decay_rate=0.01, multiply_by_parameter_scale=False)
case("adafactor", 0.1, factored=False, clipping_threshold=None, decay_offset=0)
for args in [(0.1,), (0.1, 0.5)]:
    case("sm3", *args, inputs="matrices")
case("novograd", 0.1, weight_decay=0.1)
case("optimistic_gradient_descent", 0.1, 0.5, 2.0)
case("optimistic_adam", 0.1)
case("optimistic_adam", 0.1, optimism=0.5, nesterov=False)
case("optimistic_adam_v2", 0.1)
case("optimistic_adam_v2", 0.1, alpha=0.5, beta=0.3)
case("signum", 0.1, beta=0.5)
case("rprop", 0.1)
case("rprop", 0.1, eta_minus=0.3, eta_plus=1.5, min_step_size=0.05, max_step_size=0.12)
case("fromage", 0.1)
case("fromage", 0.1, min_norm=0.5)
case("polyak_sgd", loss=bowl)
case("polyak_sgd", 0.1, scaling=0.5, f_min=0.5, eps=0.1, variant="sps+", loss=bowl)
case("noisy_sgd", 0.1, seed=3, tol=1e-5)
case("noisy_sgd", 0.1, eta=0.5, gamma=0.3, key=7, tol=1e-5)

# Transformations.
case("identity")
case("set_to_zero")
case("scale", 0.5)
case("scale_by_sign")
case("scale_by_learning_rate", 0.5)
case("scale_by_learning_rate", lin, flip_sign=False)
case("scale_by_schedule", lin)
case("centralize")
case("clip", 0.5)
case("clip_by_global_norm", 1.0)
case("clip_by_global_norm", 100.0)
case("clip_by_block_rms", 0.5)
case("adaptive_grad_clip", 0.1)
case("adaptive_grad_clip", 0.1, eps=0.5, axis=-1, inputs="matrices")
case("normalize_by_update_norm", 2.0)
case("keep_params_nonnegative")
case("zero_nans", inputs="nans")
case("add_decayed_weights", 0.1)
case("add_decayed_weights", lin, mask=mask)
case("add_noise", 0.1, 0.5, seed=5, tol=1e-5)
case("apply_every", 2)
case("ema", 0.9)
case("ema", 0.9, debias=False)
case("trace", 0.9)
case("trace", 0.9, nesterov=True)
for name in ("adam amsgrad adamax yogi belief radam adan novograd lion rms stddev rss adadelta factored_rms "
             "trust_ratio param_block_norm param_block_rms optimistic_gradient distance_over_gradients").split():
    case("scale_by_" + name, tol=2e-5 if name in ("adadelta", "distance_over_gradients") else 2e-6)
case("scale_by_sm3", 0.8, 0.9, inputs="matrices")
case("scale_by_factored_rms", min_dim_size_to_factor=2, decay_rate=0.5, epsilon=1e-3)
case("scale_by_trust_ratio", 0.1, trust_coefficient=0.5, eps=0.1)
case("scale_by_distance_over_gradients", 0.1, global_scale=2.0, tol=1e-5)
case("scale_by_polyak", loss=bowl)
case("scale_by_rprop", 0.1)

# Transformations of transformations.
case("chain", Call("clip_by_global_norm", 1.0), Call("adam", 0.1))
case("flatten", Call("adam", 0.1))
case("flatten", Call("clip_by_block_rms", 0.5))
case("masked", Call("adam", 0.1), mask)
case("masked", Call("trace", 0.9), Named("noVectors", lambda p: jax.tree.map(lambda x: x.ndim != 1, p)))
labels = {"a": "x", "b": "y", "c": "x"}
case("partition", {"x": Call("adam", 0.1), "y": Call("sgd", 0.2, momentum=0.5)}, labels)
case("multi_transform", {"x": Call("sgd", lin), "y": Call("set_to_zero")}, labels)
case("freeze", mask)
case("selective_transform", Call("adam", 0.1), freeze_mask=mask)
case("apply_if_finite", Call("adam", 0.1), 5, inputs="nans")
case("apply_if_finite", Call("sgd", 0.1), 1, inputs="nans")
case("conditionally_transform", Call("adam", 0.1), Named("odd", lambda step: step % 2 == 1))
case("conditionally_mask", Call("adam", 0.1), Named("odd", lambda step: step % 2 == 1))
case("lookahead", Call("sgd", 0.1), 2, 0.5, synced=True)
case("lookahead", Call("adam", 0.1), 3, 0.3, reset_state=True, synced=True)

case("MultiSteps", Call("adam", 0.1), 2)
case("MultiSteps", Call("sgd", 0.1), 3, use_grad_mean=False)
case("MultiSteps", Call("sgd", 0.1), Named("growing", lambda step: step + 1))
case("MultiSteps", Call("adam", 0.1), 2, should_skip_update_fn=Named("skipNotFinite", optax.skip_not_finite), inputs="nans")
large = lambda u, step, p: optax.skip_large_updates(u, step, p, max_squared_norm=8.0)
case("MultiSteps", Call("adam", 0.1), 2, should_skip_update_fn=Named("skipLarge", large))
case("monitor", {"norm": Named("norm", optax.tree.norm), "mean": Call("measure_with_ema", Named("norm", optax.tree.norm), 0.9)})
case("snapshot", "norm", Named("norm", optax.tree.norm))
case("named_chain", ("first", Call("trace", 0.9)), ("second", Call("adam", 0.1)))

# Contributed.
case("acprop", 0.1)
case("acprop", lin, b1=0.8, b2=0.9, eps=1e-3, eps_root=1e-2, weight_decay=0.1, mask=mask)
case("ademamix", 0.1)
case("ademamix", 0.1, b3=Call("linear_schedule", 0.9, 0.99, 3), alpha=Call("linear_schedule", 0.0, 5.0, 3), weight_decay=0.1)
case("scale_by_ademamix", mu_dtype=DType("float16"), tol=4e-3)
case("simplified_ademamix", 0.1)
case("simplified_ademamix", 0.1, b1=0.9, alpha=lin, weight_decay=0.1)
case("adopt", 0.1)
case("adopt", 0.1, nesterov=True, use_clipping=False, tol=1e-5)
case("scale_by_adopt", b1=0.8, b2=0.9, eps=0.5)
case("cocob")
case("cocob", 0.5, alpha=2.0, eps=0.1, weight_decay=0.1)
case("scale_by_cocob")
case("dadapt_adamw")
case("dadapt_adamw", 0.5, betas=(0.8, 0.9), estim_lr0=0.1, weight_decay=0.1)
case("dadapt_adamw", lin, estim_lr0=0.1)
case("dog")
case("dog", 0.5, init_step=("distance", 0.3), weight_decay=0.1, mask=mask)
case("dog", lin, init_step=("learning_rate", 0.2))
case("dowg")
case("dowg", 0.5, init_estim_sq_dist=0.2, eps=0.1, weight_decay=0.1)
case("madgrad", 0.1)
case("madgrad", lin, momentum=0.5, weight_decay=0.1, eps=0.1)
case("scale_by_madgrad", 0.1)
case("mechanize", Call("sgd", 0.1))
case("mechanize", Call("adam", 0.1), weight_decay=0.1, s_init=0.5, num_betas=3)
case("momo", loss=bowl)
case("momo", 0.1, beta=0.5, lower_bound=0.5, weight_decay=0.1, adapt_lower_bound=True, loss=bowl)
case("momo", lin, lower_bound=20.0, adapt_lower_bound=True, loss=bowl)
case("momo_adam", loss=bowl)
case("momo_adam", 0.1, b1=0.8, b2=0.9, eps=0.1, lower_bound=0.5, weight_decay=0.1, adapt_lower_bound=True, loss=bowl)
case("momo_adam", 0.1, lower_bound=20.0, adapt_lower_bound=True, loss=bowl)
case("prodigy")
case("prodigy", 0.5, betas=(0.8, 0.9), beta3=0.7, estim_lr0=0.1, estim_lr_coef=2.0, weight_decay=0.1, safeguard_warmup=True)
case("prodigy", lin, estim_lr0=0.1)
case("muon", 0.1, tol=2e-5)
case("muon", 0.1, nesterov=False, adaptive=True, weight_decay=0.1, adam_weight_decay=0.2, adam_learning_rate=0.05, tol=2e-5)
case("muon", lin, ns_coeffs="dion", consistent_rms=0.2, inputs="matrices", tol=2e-5)
for preconditioning in ("spectral", "aol", "schatten"):
    case("muon", 0.1, preconditioning=preconditioning, inputs="matrices", tol=2e-5)
case("scale_by_muon", ns_steps=3, beta=0.8, weight_dimension_numbers={"a": Call("MuonDimensionNumbers"), "b": Call("MuonDimensionNumbers")}, inputs="matrices", tol=2e-5)
case("muon", 0.1, muon_weight_dimension_numbers=Named("convolution", lambda p: {"w": optax.contrib.MuonDimensionNumbers((0, 1), 3), "v": None}),
     inputs="convolution", tol=2e-5)
# The signs of singular vectors are free: a moment kept over a change of the space would depend on them.
case("galore", 0.1, rank=2, inputs="matrices", state=False, tol=1e-4)
case("scale_by_galore", 2, 2, base_optimizer=Call("scale", 0.5), inputs="matrices", state=False, tol=1e-4)
case("galore", 0.1, rank=2, weight_decay=0.1, scale=0.5, base_optimizer=Call("trace", 0.9), state=False, tol=1e-4)
plateau = Call("reduce_on_plateau", patience=1, cooldown=1, rtol=0.3)
case("chain", Call("sgd", 0.1), plateau, loss=bowl, steps=6)
plateau = Call("reduce_on_plateau", 0.5, 1, 0.0, 3.0, accumulation_size=2, min_scale=0.3)
case("chain", Call("sgd", 0.1), plateau, loss=bowl, steps=8)
case("normalize")
case("sam", Call("sgd", 0.1), Call("chain", Call("normalize"), Call("sgd", 0.05)))
case("sam", Call("adam", 0.1), Call("adam", 0.05), sync_period=3, reset_state=False)
case("sam", Call("sgd", 0.1), Call("sgd", 0.05), sync_period=3, opaque_mode=True, loss=bowl)
case("schedule_free", Call("sgd", 0.1), 0.1)
case("schedule_free_sgd", 0.1, warmup_steps=3, b1=0.8, weight_decay=0.1, weight_lr_power=1.0)
case("schedule_free_sgd")
case("schedule_free_adamw", 0.1)
case("schedule_free_adamw", 0.1, warmup_steps=2, weight_decay=0.1)
case("sophia", 0.1, loss=bowl)
case("sophia", lin, clip_threshold=0.5, gamma=0.5, update_interval=2, weight_decay=0.1, weight_decay_mask=mask, loss=bowl)
case("hutchinson_estimator_diag_hessian", loss=bowl)
case("differentially_private_aggregate", 1.0, 0.5, seed=3, inputs="examples", tol=1e-5)
case("dpsgd", 0.1, 1.0, 0.5, 3, momentum=0.9, nesterov=True, inputs="examples", tol=1e-5)

# Line searches.
ROSENBROCK = {"x": np.array([-1.2, 1.0, 0.5], np.float32), "y": np.array(2.0, np.float32)}
INPUTS["rosenbrock"] = {"params": ROSENBROCK, "grads": []}


def rosenbrock(params):
    x = jnp.concatenate([params["x"], params["y"][None]])
    return jnp.sum(10 * (x[1:] - x[:-1] ** 2) ** 2 + (1 - x[:-1]) ** 2)


for options in [{}, {"memory_size": 2}, {"scale_init_precond": False, "learning_rate": 0.01, "linesearch": None}]:
    case("lbfgs", loss=bowl, steps=4, tol=1e-4, **options)
case("lbfgs", inputs="rosenbrock", loss=rosenbrock, steps=6, tol=1e-3)
case("lbfgs", linesearch=Call("scale_by_backtracking_linesearch", 20, store_grad=True), inputs="rosenbrock", loss=rosenbrock, steps=5, tol=1e-3)
case("scale_by_lbfgs", 2, tol=1e-5)
zoom = lambda *a, **k: Call("scale_by_zoom_linesearch", *a, **k)
for search in [
    zoom(20), zoom(20, initial_guess_strategy="one"), zoom(3, tol=1e-3), zoom(1), zoom(20, max_learning_rate=0.02),
    zoom(20, curv_rtol=0.01, increase_factor=3.0, approx_dec_rtol=None), zoom(30, slope_rtol=0.3, curv_rtol=0.4, stepsize_precision=0.1),
    Call("scale_by_backtracking_linesearch", 30), Call("scale_by_backtracking_linesearch", 2),
    Call("scale_by_backtracking_linesearch", 30, 0.3, 0.5, 2.0, max_learning_rate=0.5, rtol=0.01, store_grad=True),
]:
    case("chain", Call("sgd", 1.0), search, loss=bowl, steps=3, tol=1e-4)
    case("chain", Call("sgd", 0.05), search, inputs="rosenbrock", loss=rosenbrock, steps=5, tol=1e-3)

if __name__ == "__main__":
    write(__file__, cases, INPUTS)
