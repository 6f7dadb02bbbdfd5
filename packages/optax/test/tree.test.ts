/** Finding, replacing and mapping parts of states. */
import { type Array as JaxArray, numpy as np, tree } from "@jax-js/jax";
import * as optax from "@jax-js/optax";
import { expect, test } from "vitest";
import { Owner } from "../../jax/test/owner";

const params = (own: Owner) => own.of({ w: np.array([1, 2]), b: np.array([3]) });

test("treeMapParams finds moments, and leaves counts", () => {
  using own = new Owner();
  const p = params(own);
  const tx = optax.chain(optax.clip(1), optax.adam(optax.linearSchedule(1, 0, 10)), optax.trace());
  const state = own.of(tx.init(p)) as optax.OptState;
  const mapped = own.of(optax.treeMapParams(tx, (x, q: JaxArray) => x.add(q), state, p)) as optax.OptState;
  expect(tree.map((x: JaxArray) => x.js(), mapped)).toEqual([
    [],
    [{ count: 0, mu: { b: [3], w: [1, 2] }, nu: { b: [3], w: [1, 2] } }, { count: 0 }],
    { trace: { b: [3], w: [1, 2] } },
  ]);
});

test("treeMapParams looks into masks and partitions", () => {
  using own = new Owner();
  const p = params(own);
  const tx = optax.partition({ a: optax.adam(1), b: optax.trace() }, { w: "a", b: "b" });
  const state = own.of(tx.init(p)) as optax.OptState;
  const names = optax.treeMapParams(tx, (x, name: string) => `${name}${x.size}`, state, { w: "W", b: "B" }, { transformNonParams: () => "-" }) as optax.OptState; // prettier-ignore
  expect(names).toEqual({
    innerStates: {
      a: { innerState: [{ count: "-", mu: { w: "W2", b: null }, nu: { w: "W2", b: null } }, []] },
      b: { innerState: { trace: { w: null, b: "B1" } } },
    },
  });
});

test("treeMapParams takes an init function, and functions of masks", () => {
  using own = new Owner();
  const p = params(own);
  const tx = optax.masked(optax.ema(0.9), (x: Record<string, unknown>) =>
    tree.map((a: JaxArray) => a.size > 1, x as never),
  );
  const state = own.of(tx.init(p)) as optax.OptState;
  const shapes = optax.treeMapParams((x) => tx.init(x), (x) => x.shape, state, { transformNonParams: () => 0 }) as optax.OptState; // prettier-ignore
  expect(shapes).toEqual({ innerState: { count: 0, ema: { w: [2], b: null } } });
});

test("treeGet and treeSet choose by path", () => {
  using own = new Owner();
  const state = own.of(optax.adam(() => 0.1).init(params(own))) as optax.OptState;
  const ofSchedule: optax.Filtering = (path) => path[0] === 1;
  const count = own.of(np.array(7, { dtype: "int32" }));
  const later = optax.treeSet(state, ofSchedule, { count });
  expect(optax.treeGet(later, "count", null, ofSchedule).item()).toBe(7);
  expect(optax.treeGet(later, "count", null, (path) => path[0] === 0).item()).toBe(0);
  expect(optax.treeGet(later, "nothing")).toBe(null);
  expect(optax.treeGet(later, "nothing", 5)).toBe(5);
  expect(optax.treeGetAllWithPath(later, "mu").map(([path]) => path)).toEqual([[0, "mu"]]);
});

test("random trees have the shapes of a tree, and a key for each leaf", () => {
  using own = new Owner();
  const p = params(own);
  const key = own.of(optax.treeSplitKeyLike(own.of(np.array([0, 5], { dtype: "uint32" })), p));
  expect(key.w.js()).not.toEqual(key.b.js());
  const draws = own.of(optax.treeRandomLike(own.of(np.array([0, 5], { dtype: "uint32" })), p));
  expect([draws.w.shape, draws.b.shape]).toEqual([[2], [1]]);
});

test("dtypes of trees", () => {
  using own = new Owner();
  const mixed = own.of([np.ones([1]), np.ones([1], { dtype: "float16" })]);
  expect(optax.treeDtype(mixed, "highest")).toBe("float32");
  expect(optax.treeDtype(mixed, "lowest")).toBe("float16");
  expect(() => optax.treeDtype(mixed)).toThrow("leaves of several dtypes, got float32, float16");
  const cast = own.of(optax.treeCast(mixed, "float16"));
  expect(cast.map((x) => x.dtype)).toEqual(["float16", "float16"]);
});
