/** What users do wrong, and what they are told. Nothing is left behind: every test is under the leak check. */
import { grad, jit, numpy as np } from "@jax-js/jax";
import * as optax from "@jax-js/optax";
import { expect, test } from "vitest";
import { Owner } from "../../jax/test/owner";

type Run = (own: Owner) => unknown;
const x = (own: Owner, ...values: number[]) => own.of(np.array(values));

/** One update of a transformation that needs more than it gets. */
const update =
  (tx: optax.GradientTransformation, params = false): Run =>
  (own) => {
    const p = x(own, 1, 2);
    return tx.update(x(own, 3, 4), own.of(tx.init(p)), params ? p : undefined);
  };

const wrong: readonly [what: string, run: Run, message: string][] = [
  ["adamw without params", update(optax.adamw(0.1)), "addDecayedWeights: update needs the parameters"],
  ["lamb without params", update(optax.scaleByTrustRatio()), "scaleByTrustRatio: update needs the parameters"],
  ["polyakSgd without value", update(optax.polyakSgd()), "scaleByPolyak: update needs { value }"],
  ["momo without value", update(optax.momo(), true), "momo: update needs { value }, the loss"],
  [
    "lbfgs without valueFn",
    update(optax.lbfgs(), true),
    "scaleByZoomLinesearch: update needs { value, grad, valueFn }",
  ],
  ["sophia without objFn", update(optax.sophia(0.1), true), "hutchinsonEstimatorDiagHessian: update needs { objFn }"],
  ["sam without params", update(optax.sam(optax.sgd(1), optax.sgd(1))), "sam: update needs the parameters"],
  ["reduceOnPlateau without value", update(optax.reduceOnPlateau()), "reduceOnPlateau: update needs { value }"],
  ["muon of a vector", update(optax.scaleByMuon()), "a weight needs rank 2 or more, got shape [2]"],
  ["a state of another chain", (own) => optax.chain(optax.sgd(1)).update(x(own, 1), []), "the state has 0 parts for 1"],
  ["a name twice", () => optax.namedChain(["a", optax.sgd(1)], ["a", optax.sgd(1)]), "names must differ, got a,a"],
  ["a label without a transformation", (own) => optax.partition({ a: optax.sgd(1) }, "b").init(x(own, 1)), "no transformation for labels b, only for a"], // prettier-ignore
  ["too many arguments", () => optax.sgd(1, 0.9, true, null, 3 as never), "sgd: at most 3 optional arguments (momentum, nesterov, accumulatorDtype)"], // prettier-ignore
  [
    "another name",
    () => optax.adam(0.1, { beta1: 0.9 } as never),
    'adam: unknown option "beta1"; expected one of b1, b2',
  ],
  ["names in the place of the learning rate", () => optax.adam({ learningRate: 1 } as never), "expected a number, an array or a schedule, got object"], // prettier-ignore
  ["lookahead of no steps", () => optax.lookahead(optax.sgd(1), 0, 0.5), "the period must be at least 1, got 0"],
  ["lbfgs without memory", () => optax.lbfgs({ memorySize: 0 }), "memorySize must be at least 1, got 0"],
  ["a factor of 2", () => optax.reduceOnPlateau(2), "factor must be in (0, 1), got 2"],
  ["another variant", () => optax.polyakSgd({ variant: "x" as never }), 'expected a variant "sps" or "sps+", got x'],
  ["another preconditioning", () => optax.muon(1, { preconditioning: "x" as never }), "expected a preconditioning of frobenius, spectral, aol, schatten, got x"], // prettier-ignore
  ["a rank of 0", () => optax.galore(1, { rank: 0 }), "rank must be a positive integer, got 0"],
  ["no decay steps", () => optax.cosineDecaySchedule(1, 0), "decaySteps must be positive, got 0"],
  ["negative scales", () => optax.piecewiseConstantSchedule(1, { 5: -1 }), "scales must not be negative"],
  ["several counts", (own) => optax.treeGet(own.of(optax.adam(() => 0.1).init(x(own, 1))), "count"), "several parts are named count: 0.count, 1.count"], // prettier-ignore
  [
    "no such part",
    (own) => optax.treeSet(own.of(optax.adam(0.1).init(x(own, 1))), { rate: 1 }),
    "no part is named rate",
  ],
  ["losses of integers", (own) => optax.l2Loss(own.of(np.array([1], { dtype: "int32" }))), "squaredError: predictions must be floats, got int32"], // prettier-ignore
  [
    "losses of two shapes",
    (own) => optax.squaredError(x(own, 1), x(own, 1, 2)),
    "must have equal shapes, got [1] and [2]",
  ],
  ["labels that are floats", (own) => optax.softmaxCrossEntropyWithIntegerLabels(x(own, 1, 2), x(own, 1)), "labels must be integers, got float32"], // prettier-ignore
  [
    "CTC of a matrix",
    (own) => optax.ctcLoss(x(own, 1), x(own, 1), x(own, 1), x(own, 1)),
    "logits must have rank 3, got shape [1]",
  ],
  ["another reduction", (own) => optax.diceLoss(own.of(np.ones([1, 2])), own.of(np.ones([1, 2])), { reduction: "x" as never }), 'expected a reduction "mean", "sum" or "none", got "x"'], // prettier-ignore
  ["a norm of order 3", (own) => optax.treeNorm(x(own, 1), 3), "treeNorm: unsupported ord, got 3"],
  ["parameters of another form", (own) => optax.applyUpdates({ a: x(own, 1) }, { b: x(own, 1) } as never), "a"],
  ["an inverse root of 3", (own) => optax.matrixInversePthRoot(own.of(np.eye(2)), 3), "p must be 1, 2, 4 or 8, got 3"],
  ["state without a value", (own) => optax.valueAndGradFromState((p: never) => p)(x(own, 1), { state: [] }), "the state has no value and grad"], // prettier-ignore
];

test.each(wrong)("%s", (_what, run, message) => {
  using own = new Owner();
  expect(() => run(own)).toThrow(message);
});

test("an error inside jit, and inside a gradient, leaves nothing", () => {
  using own = new Owner();
  const tx = optax.adamw(0.1);
  const p = x(own, 1, 2);
  const state = own.of(tx.init(p)) as optax.OptState;
  using step = jit((g: typeof p, s: optax.OptState) => tx.update(g, s));
  expect(() => step(p, state)).toThrow("update needs the parameters");
  const failing = grad((v: typeof p) => np.sum(optax.squaredError(v, v.slice([0, 1]))));
  expect(() => failing(p)).toThrow("must have equal shapes, got [2] and [1]");
});
