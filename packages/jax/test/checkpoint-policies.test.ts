/** What policies of `checkpoint` store: how often a gradient computes operations (oracles/checkpoint-policies.py: as in JAX). */
import {
  type Array as JaxArray,
  type CheckpointPolicy,
  checkpoint,
  checkpointName,
  checkpointPolicies as policies,
  grad,
  jit,
  makeJaxpr,
  numpy as np,
  remat,
} from "@jax-js/jax";
import { expect, it } from "vitest";
import { leavesArraysToCollector } from "../../../test/leak-rule";
import oracle from "./oracles/checkpoint-policies.json";

leavesArraysToCollector("programs are the subject here");

const f = (x: JaxArray): JaxArray => {
  const a = checkpointName(np.exp(x), "a");
  const b = checkpointName(np.sin(a), "b");
  return np.sum(b.mul(np.cos(b)));
};

const POLICIES: Record<keyof typeof oracle.counts, CheckpointPolicy> = {
  nothing: policies.nothingSaveable,
  everything: policies.everythingSaveable,
  "only a": policies.saveOnlyTheseNames("a"),
  "only b": policies.saveOnlyTheseNames("b"),
  "only a and b": policies.saveOnlyTheseNames("a", "b"),
  "names but a": policies.saveAnyNamesButThese("a"),
  "names but b": policies.saveAnyNamesButThese("b"),
  "anything but a": policies.saveAnythingExceptTheseNames("a"),
  "anything but a and b": policies.saveAnythingExceptTheseNames("a", "b"),
  "a or b": policies.saveFromBothPolicies(policies.saveOnlyTheseNames("a"), policies.saveOnlyTheseNames("b")),
};

it.each(Object.entries(oracle.counts))("stores %s", async (name, { exp, sin }) => {
  const policy = POLICIES[name as keyof typeof POLICIES];
  const g = grad(checkpoint(f, { policy }));
  const x = np.array([0.1, 0.7, -1.2]);
  const text = makeJaxpr(g)(x).jaxpr.toString();
  expect([text.match(/= exp/g)?.length, text.match(/= sin/g)?.length]).toEqual([exp, sin]);
  const [want, got] = [await grad(f)(x).data(), await jit(g)(x).data()];
  got.forEach((v, i) => expect(v).toBeCloseTo(Number(want[i]), 5));
});

it("stores products, those with batches or not", () => {
  const [x, w] = [np.ones([2, 3, 3]), np.ones([3, 3])];
  const products = (policy: CheckpointPolicy, h: (a: JaxArray, b: JaxArray) => JaxArray): number => {
    const text = makeJaxpr(grad(checkpoint((a: JaxArray, b: JaxArray) => np.sum(np.sin(np.sin(h(a, b)))), { policy })))(x, w);
    return text.jaxpr.toString().match(/dot_general/g)!.length;
  }; // prettier-ignore
  const plain = (a: JaxArray, b: JaxArray): JaxArray => np.matmul(a, b);
  const batched = (a: JaxArray): JaxArray => np.matmul(a, a);
  const without = policies.dotsWithNoBatchDimsSaveable;
  const again = (h: typeof plain): number => products(policies.nothingSaveable, h);
  expect(products(policies.dotsSaveable, plain)).toBe(again(plain) - 1);
  expect(products(without, plain)).toBe(again(plain) - 1);
  expect(products(policies.dotsSaveable, batched)).toBe(again(batched) - 1);
  expect(products(without, batched)).toBe(again(batched));
  expect([policies.checkpointDots, policies.checkpointDotsWithNoBatchDims]).toEqual([policies.dotsSaveable, without]);
});

it("remat is checkpoint", () => {
  expect(remat).toBe(checkpoint);
});
