/** Options of another name, and arguments that are missing: errors that say which function was called. */
import { numpy as np } from "@jax-js/jax";
import * as optax from "@jax-js/optax";
import { describe, expect, test } from "vitest";
import { leavesArraysToCollector } from "../../../test/leak-rule";

leavesArraysToCollector("every call throws, arguments are made once");

/* eslint-disable @typescript-eslint/no-explicit-any -- what types would refuse */
type Bad = any;

const v = np.ones([2]);
const m = np.eye(2);
const id = (x: Bad): Bad => x;

const withOptions: Readonly<Record<string, (o: Bad) => unknown>> = {
  adam: (o) => optax.adam(0.1, o),
  binaryDiceLoss: (o) => optax.binaryDiceLoss(m, m, o),
  diceLoss: (o) => optax.diceLoss(m, m, o),
  multiclassGeneralizedDiceLoss: (o) => optax.losses.multiclassGeneralizedDiceLoss(m, m, o),
  rankingSoftmaxLoss: (o) => optax.losses.rankingSoftmaxLoss(v, v, o),
  lookahead: (o) => optax.lookahead(optax.sgd(0.1), 2, 0.5, o),
  masked: (o) => optax.masked(optax.sgd(0.1), true, o),
  microVmap: (o) => optax.microVmap(id, 0, o),
  microbatch: (o) => optax.microbatch(id, 0, 1, undefined, o),
  nnls: (o) => optax.nnls(m, v, 1, o),
  powerIteration: (o) => optax.powerIteration(m, o),
  scaleByLearningRate: (o) => optax.scaleByLearningRate(0.1, o),
  "tree.norm": (o) => optax.tree.norm(v, o),
};

describe("options of another name are refused", () => {
  for (const [name, call] of Object.entries(withOptions))
    test(name, () =>
      expect(() => call({ no_such_option: 1 })).toThrow(/unknown option "no_such_option"; expected one of /),
    );
});

const needing: Readonly<Record<string, (bad: Bad) => unknown>> = {
  adam: (x) => optax.adam(x),
  sgd: (x) => optax.sgd(x),
  lion: (x) => optax.lion(x),
  rprop: (x) => optax.rprop(x),
  optimisticAdam: (x) => optax.optimisticAdam(x),
  scale: (x) => optax.scale(x),
  clip: (x) => optax.clip(x),
  clipByGlobalNorm: (x) => optax.clipByGlobalNorm(x),
  ema: (x) => optax.ema(x),
  addNoise: (x) => optax.addNoise(0.1, x),
  constantSchedule: (x) => optax.constantSchedule(x),
  stateless: (x) => optax.stateless(x),
  masked: (x) => optax.masked(x, true),
  lookahead: (x) => optax.lookahead(x, 1, 0.5),
  applyIfFinite: (x) => optax.applyIfFinite(x, 1),
  sam: (x) => optax.contrib.sam(x, optax.sgd(0.1)),
  sigmoidBinaryCrossEntropy: (x) => optax.sigmoidBinaryCrossEntropy(x, v),
  softmaxCrossEntropy: (x) => optax.softmaxCrossEntropy(x, v),
  diceLoss: (x) => optax.diceLoss(m, x),
  partition: (x) => optax.partition(x, id),
  scaleBySchedule: (x) => optax.scaleBySchedule(x),
  joinSchedules: (x) => optax.joinSchedules(x, [1]),
  incrementalUpdate: (x) => optax.incrementalUpdate(v, v, x),
};

describe("schedules want what they go from and how long it takes", () => {
  const schedules: Readonly<Record<string, (...args: Bad[]) => unknown>> = {
    linearSchedule: optax.linearSchedule,
    polynomialSchedule: optax.polynomialSchedule,
    exponentialDecay: optax.exponentialDecay,
  };
  for (const [name, make] of Object.entries(schedules)) {
    test(name, () => {
      expect(() => make()).toThrow(`${name}: initValue must be given`);
      expect(() => make({ initValue: 0.1 })).toThrow(`${name}: transitionSteps must be given`);
    });
  }
});

describe("what is missing is said", () => {
  for (const [name, call] of Object.entries(needing)) {
    test(name, () => {
      for (const bad of [undefined, "abc"])
        expect(() => call(bad)).toThrow(/(expected|must be) an?.* got (undefined|string)/);
    });
  }
});
