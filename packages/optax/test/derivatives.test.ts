/** Second derivatives, perturbed functions, small batches and assignments against laws and brute force. */
import { type Array as JaxArray, grad, hessian, jit, numpy as np, random } from "@jax-js/jax";
import * as optax from "@jax-js/optax";
import { describe, expect, test } from "vitest";
import { Owner } from "../../jax/test/owner";

const flat = (x: unknown): number[] => (Array.isArray(x) ? x.flatMap(flat) : [Number(x)]);
function expectClose(a: JaxArray, b: JaxArray, tol = 1e-5): void {
  expect(a.shape).toEqual(b.shape);
  const [x, y] = [flat(a.js()), flat(b.js())];
  x.forEach((v, i) => expect(Math.abs(v - y[i]!), `${v} and ${y[i]}`).toBeLessThanOrEqual(tol * Math.max(1, Math.abs(y[i]!)))); // prettier-ignore
}

const scoped = (f: (own: Owner) => void) => (): void => {
  using own = new Owner();
  own.run(() => f(own));
};

describe("second derivatives", () => {
  type P = { a: JaxArray; b: JaxArray };
  const loss = ({ a, b }: P, x: JaxArray, y: JaxArray): JaxArray =>
    np.sum(np.square(np.tanh(np.matmul(x, a)).mul(b).sub(y)));
  const inputs = () => np.array([[1, 2], [-1, 0.5], [0.3, -2]]); // prettier-ignore
  const targets = () => np.array([0.5, -1, 2]);
  const asTree = (v: JaxArray): P => ({ a: v.slice([0, 2]), b: v.slice(2) });
  const vector = () => np.array([0.3, -0.7, 1.2]);
  const ofVector = (v: JaxArray): JaxArray => loss(asTree(v), inputs(), targets());

  test("hvp is the Hessian times the vector", scoped(() => {
    const v = np.array([1, -2, 0.5]);
    const out = optax.hvp(loss, v, asTree(vector()), inputs(), targets());
    const whole = np.concatenate([out.a, out.b.reshape([1])]);
    expectClose(whole, np.matmul(hessian(ofVector)(vector()), v));
  })); // prettier-ignore

  test("hessianDiag is its diagonal", scoped(() => {
    const out = optax.hessianDiag(loss, asTree(vector()), inputs(), targets());
    expectClose(out, np.diagonal(hessian(ofVector)(vector())));
  })); // prettier-ignore

  test("fisherDiag is the squared gradient", scoped(() => {
    const out = optax.fisherDiag(loss, asTree(vector()), inputs(), targets());
    expectClose(out, np.square(grad(ofVector)(vector())));
  })); // prettier-ignore
});

describe("makePerturbedFun", () => {
  // E (x + s z)² = x² + s² for normal z; its derivative is 2 x.
  const square = (x: JaxArray): JaxArray => np.square(x);
  const noise = new optax.Normal();
  test.each([true, false])("mean and derivative of a square, with a baseline: %s", (useBaseline) =>
    scoped((own) => {
      const soft = optax.makePerturbedFun(square, { numSamples: 20000, sigma: 0.5, noise, useBaseline });
      const key = random.key(1);
      const value = own.of(jit(soft))(key, np.array([1.5]));
      expectClose(value, np.array([2.5]), 0.03);
      const slope = own.of(jit(grad((x: JaxArray) => np.sum(soft(key, x)))))(np.array([1.5]));
      expectClose(slope, np.array([3]), 0.1);
    })(),
  );

  test("gives a step function a derivative", scoped((own) => {
    const step = (x: JaxArray): JaxArray => x.greater(0).astype("float32");
    const soft = optax.makePerturbedFun(step, { numSamples: 20000, sigma: 1, noise });
    const slope = own.of(jit(grad((x: JaxArray) => np.sum(soft(random.key(0), x)))))(np.array([0.5]));
    expectClose(slope, np.array([Math.exp(-0.125) / Math.sqrt(2 * Math.PI)]), 0.03); // the normal density
  })); // prettier-ignore
});

describe("small batches", () => {
  const x = () => np.arange(24).reshape([8, 3]).mul(0.1);
  const w = () => np.array([0.5, -1, 2]);
  const loss = (v: JaxArray, batch: JaxArray): JaxArray => np.sum(np.square(np.matmul(batch, v)));

  test.each([1, 2, 4, 8])("gradients of %d examples at a time sum to the whole", (size) =>
    scoped((own) => {
      const whole = grad(loss)(w(), x());
      expectClose(own.of(jit(optax.microbatch(grad(loss), 1, size)))(w(), x()), whole);
      const [sum, { values }] = optax.microGrad(loss, { microbatchSize: size })(w(), x());
      expectClose(sum as JaxArray, whole);
      expectClose(values, np.square(np.matmul(x(), w())));
    })(),
  );

  test("accumulators", scoped(() => {
    const mean = (batch: JaxArray): JaxArray => np.mean(batch, 0);
    const { MEAN, RUNNING_MEAN, CONCAT } = optax.AccumulationType;
    expectClose(optax.microbatch(mean, 0, 2, MEAN)(x()), np.mean(x(), 0));
    expectClose(optax.microbatch(mean, 0, 2, RUNNING_MEAN)(x()), np.mean(x(), 0));
    expectClose(optax.microbatch((b: JaxArray) => b.mul(2), 0, 2, CONCAT)(x()), x().mul(2));
    // Two of four small batches: examples 0, 1, 4, 5.
    const first = optax.microbatch(mean, 0, 2, RUNNING_MEAN, { numRealMicrobatches: 2 })(x());
    expectClose(first, np.mean(np.take(x(), np.array([0, 1, 4, 5], { dtype: "int32" }), 0), 0));
    const pair = optax.microbatch((b: JaxArray) => [np.sum(b, 0), b.mul(2)], 0, 4, [optax.AccumulationType.SUM, CONCAT]);
    const [sum, all] = pair(x()) as [JaxArray, JaxArray];
    expectClose(sum, np.sum(x(), 0));
    expectClose(all, x().mul(2));
  })); // prettier-ignore

  test("microVmap is vmap", scoped(() => {
    const f = (row: JaxArray, v: JaxArray): JaxArray => np.sum(row.mul(v));
    expectClose(optax.microVmap(f, [0, null], { microbatchSize: 4 })(x(), w()), np.matmul(x(), w()));
    expectClose(optax.microVmap(f, [0, null])(x(), w()), np.matmul(x(), w()));
  })); // prettier-ignore

  test("batches that do not divide are refused", scoped(() => {
    expect(() => optax.microbatch(loss, 1, 3)(w(), x())).toThrow("a batch of 8 is not divisible into small batches of 3");
    expect(() => optax.microbatch(loss, [0, 1], 1)(w(), x())).toThrow("must have one size, got 3,8");
  })); // prettier-ignore
});

describe("assignments", () => {
  /** The least cost of matching the rows to columns, by trying all. */
  function least(costs: readonly (readonly number[])[], used: readonly number[] = []): number {
    const row = costs[used.length];
    if (row === undefined) return 0;
    const others = row.map((_, j) => j).filter((j) => !used.includes(j));
    return Math.min(...others.map((j) => row[j]! + least(costs, [...used, j])));
  }

  test.each([
    [1, 1],
    [2, 2],
    [3, 3],
    [4, 6],
    [6, 4],
    [5, 5],
    [1, 4],
    [6, 6],
  ])("of %d rows and %d columns", (n, m) =>
    // prettier-ignore
    scoped((own) => {
      const solvers = [optax.hungarianAlgorithm, optax.baseHungarianAlgorithm].map((f) => own.of(jit(f)));
      for (let seed = 0; seed < 4; seed++) {
        const costs = random.normal(random.key(seed), [n, m]);
        const given = costs.js() as number[][];
        const wide = n <= m ? given : given[0]!.map((_, j) => given.map((row) => row[j]!));
        for (const solve of solvers) {
          const [rows, columns] = solve(costs).map((x) => x.js() as number[]) as [number[], number[]];
          expect(new Set(rows).size).toBe(Math.min(n, m));
          expect(new Set(columns).size).toBe(Math.min(n, m));
          const total = rows.reduce((sum, r, i) => sum + given[r]![columns[i]!]!, 0);
          expect(total).toBeCloseTo(least(wide), 4);
        }
      }
    })(),
  );

  test("of nothing", scoped(() => {
    expect(optax.hungarianAlgorithm(np.zeros([0, 3])).map((x) => x.shape)).toEqual([[0], [0]]);
  })); // prettier-ignore
});
