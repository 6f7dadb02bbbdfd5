/** Logical devices: pmap, meshes, shardMap. Numbers marked JAX are from JAX 0.10.2 with 8 CPU devices. */
import {
  type Array as JaxArray, Mesh, NamedSharding, P, type PartitionSpec, devicePut, grad, lax, makeMesh, numpy as np,
  pmap, shardMap, valueAndGrad, vmap,
} from "@jax-js/jax"; // prettier-ignore
import { describe, expect, test as vitestTest } from "vitest";
import { Owner } from "./owner";
import { jit, owned, test } from "./scoped";

type A = JaxArray;
const floats = (...shape: number[]): A =>
  np.arange(shape.reduce((a, b) => a * b, 1)).astype("float32").reshape(shape); // prettier-ignore
const mesh = makeMesh([4, 2], ["x", "y"]);
const close = (a: A, b: A): void => {
  expect(a.shape).toEqual(b.shape);
  expect(np.abs(a.sub(b)).max().item()).toBeLessThan(1e-5 * (1 + np.abs(b).max().item()));
};

describe("pmap", () => {
  test("collectives, shared arguments, constants", () => {
    const normalize = owned(pmap((x: A) => x.div(lax.psum(x, "i")), { axisName: "i" }));
    expect(normalize(np.array([1, 3])).js()).toEqual([0.25, 0.75]);
    const scaled = owned(pmap((a: A, b: A) => a.mul(b), { inAxes: [0, null] }));
    expect(scaled(np.array([1, 2, 3, 4]), np.array(2)).js()).toEqual([2, 4, 6, 8]);
    const power = owned(pmap((x: A, n: number) => x.pow(n), { staticBroadcastedArgnums: 1 }));
    expect(power(np.array([1, 2, 3]), 2).js()).toEqual([1, 4, 9]);
    const total = owned(pmap((x: A) => lax.psum(x, "i"), { axisName: "i", outAxes: null }));
    expect(total(np.array([1, 2, 3, 4])).item()).toBe(10);
  });

  test("a training step on parts of the batch equals the step on the batch", () => {
    interface Params {
      w: A;
      b: A;
    }
    const [x, y] = [np.sin(floats(8, 3)), np.cos(floats(8, 2))];
    const params: Params = { w: floats(3, 2).div(10), b: np.zeros([2]) };
    const loss = ({ w, b }: Params, x: A, y: A): A => {
      const d = np.tanh(np.matmul(x, w).add(b)).sub(y);
      return d.mul(d).mean();
    };
    const step = (reduce: <T>(t: T) => T) => (p: Params, x: A, y: A) => {
      const [value, g] = valueAndGrad(loss)(p, x, y) as [A, Params];
      const { v, g: mean } = reduce({ v: value, g });
      return { value: v, w: p.w.sub(mean.w.mul(0.1)), b: p.b.sub(mean.b.mul(0.1)) };
    };
    const single = step((t) => t)(params, x, y);
    const options = { axisName: "batch", inAxes: [null, 0, 0], outAxes: null };
    const parallel = owned(
      pmap(
        step((t) => lax.pmean(t, "batch")),
        options,
      ),
    );
    const result = parallel(params, x.reshape([4, 2, 3]), y.reshape([4, 2, 2]));
    close(result.value, single.value);
    close(result.w, single.w);
    close(result.b, single.b);
    const sharded = shardMap(
      step((t) => lax.pmean(t, "x")),
      { mesh, inSpecs: [P(), P("x"), P("x")], outSpecs: P() },
    )(params, x, y);
    close(sharded.w, single.w);
  });
});

describe("shardMap", () => {
  const map = (f: (...args: A[]) => A, inSpecs: PartitionSpec | PartitionSpec[], outSpecs: PartitionSpec) =>
    shardMap(f, { mesh, inSpecs, outSpecs });
  const specs = [P("x", "y"), P("y", null)];

  test("matrix product with psum, and its gradient", () => {
    const [a, b] = [floats(8, 16).div(100), floats(16, 4).div(100)];
    const product = map((a, b) => lax.psum(np.matmul(a, b), "y"), specs, P("x", null));
    close(product(a, b), np.matmul(a, b));
    close(jit(product)(a, b), np.matmul(a, b));
    const square = (f: (a: A, b: A) => A) => (a: A, b: A) => np.square(f(a, b)).sum();
    const [ga, gb] = grad(square(product), { argnums: [0, 1] })(a, b) as unknown as [A, A];
    const [wa, wb] = grad(square(np.matmul), { argnums: [0, 1] })(a, b) as unknown as [A, A];
    close(ga, wa);
    close(gb, wb);
  });
  test("matrix product with psumScatter", () => {
    const [a, b] = [floats(8, 16), floats(16, 4)];
    const product = (a: A, b: A): A => lax.psumScatter(np.matmul(a, b), "y", { scatterDimension: 0, tiled: true });
    close(map(product, specs, P(["x", "y"], null))(a, b), np.matmul(a, b));
  });
  test("matrix product with allGather", () => {
    const line = makeMesh([8], ["i"]);
    const [a, b] = [floats(16, 8), floats(8, 8)];
    const f = shardMap((l: A, r: A) => np.matmul(lax.allGather(l, "i", { tiled: true }), r), {
      mesh: line,
      inSpecs: [P("i", null), P(null, "i")],
      outSpecs: P(null, "i"),
    });
    close(f(a, b), np.matmul(a, b));
  });
  test("matrix product with a ring of ppermute", () => {
    const n = 4;
    const line = makeMesh([n], ["i"]);
    const [a, b] = [floats(8, 8), floats(8, 4)];
    const f = shardMap(
      (l: A, r: A): A => {
        // l: f32[2, 8], r: f32[2, 4]; in step k the block of r is that of device i + k.
        const i = lax.axisIndex("i");
        const ring = Array.from({ length: n }, (_, k) => [(k + 1) % n, k] as const);
        let [sum, block]: [A, A] = [np.zeros([2, 4]), r];
        for (let k = 0; k < n; k++) {
          const from = i.add(k).mod(n).mul(2);
          sum = sum.add(np.matmul(lax.dynamicSlice(l, [0, from], [2, 2]), block));
          block = lax.ppermute(block, "i", ring);
        }
        return sum;
      },
      { mesh: line, inSpecs: [P("i"), P("i")], outSpecs: P("i") },
    );
    close(f(a, b), np.matmul(a, b));
  });
  test("blocks and their order", () => {
    const sums = map((a) => a.sum().reshape([1, 1]), P("x", "y"), P("x", "y"))(floats(8, 16));
    expect(sums.js()).toEqual([[184, 312], [696, 824], [1208, 1336], [1720, 1848]]); // prettier-ignore
    const pairs = map((a) => a.sum().reshape([1]), P(["y", "x"]), P(["y", "x"]))(floats(16));
    expect(pairs.js()).toEqual([1, 5, 9, 13, 17, 21, 25, 29]); // JAX
    const index = map((a) => lax.axisIndex(["y", "x"]).add(a.mul(0)).reshape([1]), P(), P(["x", "y"]));
    expect(index(np.array(0)).js()).toEqual([0, 4, 1, 5, 2, 6, 3, 7]); // JAX
    expect(map((a) => a, P("x", null), P("x", "y"))(floats(8, 16)).shape).toEqual([8, 32]); // JAX
  });
  test("collectives over several axes of the mesh", () => {
    const both = P(["x", "y"]);
    expect(map((a) => lax.allGather(a, ["x", "y"], { tiled: true }), both, P())(floats(16)).js()).toEqual(
      floats(16).js(),
    );
    const order = map((a) => lax.allGather(a, ["y", "x"]), both, P())(floats(8));
    expect(order.js()).toEqual([[0], [2], [4], [6], [1], [3], [5], [7]]); // JAX
    const scattered = map((a) => lax.psumScatter(a, ["x", "y"], { tiled: true }), P(), both);
    expect(scattered(floats(8)).js()).toEqual([0, 8, 16, 24, 32, 40, 48, 56]); // JAX
    const exchanged = map((a) => lax.allToAll(a, ["x", "y"], 0, 0, { tiled: true }), both, both);
    expect(exchanged(floats(64)).js()).toEqual(floats(8, 8).transpose().reshape([64]).js()); // JAX
    expect(map((a) => a.mul(lax.axisSize(["x", "y"])), P("x"), P("x"))(floats(4)).js()).toEqual([0, 8, 16, 24]);
  });
  test("gradients inside and outside", () => {
    const inside = map(
      grad((a: A) => lax.psum(a.mul(a), "x").sum()),
      P("x"),
      P("x"),
    );
    expect(inside(floats(8)).js()).toEqual([0, 8, 16, 24, 32, 40, 48, 56]); // JAX, check_vma=False
    const outside = grad(map((a) => lax.psum(a.mul(a).sum(), "x"), P("x"), P()));
    expect(outside(floats(8)).js()).toEqual([0, 2, 4, 6, 8, 10, 12, 14]); // JAX
  });
  test("inside vmap, and trees with prefixes", () => {
    const total = map((a) => lax.psum(a, "x"), P("x"), P());
    expect(vmap(total)(floats(2, 4)).js()).toEqual([[6], [22]]); // prettier-ignore
    const f = shardMap((t: { a: A; b: A[] }) => ({ s: t.a.add(t.b[0]!), n: lax.psum(t.b[0]!, "x") }), {
      mesh,
      inSpecs: [{ a: P("x"), b: P("x") }],
      outSpecs: { s: P("x"), n: P() },
    });
    const out = f({ a: floats(4), b: [floats(4)] });
    expect([out.s.js(), out.n.js()]).toEqual([[0, 2, 4, 6], [6]]);
  });
  test("errors", () => {
    const id = (a: A): A => a;
    expect(() => map(id, P("x"), P())(floats(8))).toThrow('reduce it over axis "x"');
    expect(() => map(id, P("x"), P("x"))(floats(7, 16))).toThrow(
      "splits axis 0 into 4 parts, got argument 0 of shape [7,16]",
    );
    expect(() => map(id, P("x", null, "y"), P())(floats(8, 16))).toThrow("has 3 entries");
    expect(() => map(id, P("z"), P())(floats(8))).toThrow('names axis "z"');
    expect(() => map(id, P("x", "x"), P())(floats(8, 8))).toThrow("names an axis twice");
    expect(() => map(id, [P("x"), P("x")], P())(floats(8))).toThrow("inSpecs must be a prefix of the arguments");
    expect(() => map(id, P("x"), P("x", "y"))(floats(8))).toThrow("has 2 entries, got a result f32[2]");
    expect(() => shardMap(id, { mesh, inSpecs: P(), outSpecs: P(), checkVma: true } as never)).toThrow("checkVma");
  });
});

describe("meshes and shardings", () => {
  test("texts and shapes as in JAX", () => {
    expect(String(mesh)).toBe("Mesh('x': 4, 'y': 2)");
    expect([mesh.size, mesh.axisNames, mesh.shape]).toEqual([8, ["x", "y"], { x: 4, y: 2 }]);
    expect(new Mesh([[0, 1], [2, 3], [4, 5]], ["a", "b"]).shape).toEqual({ a: 3, b: 2 }); // prettier-ignore
    expect(String(P("x", null, ["x", "y"]))).toBe("P('x', None, ('x', 'y'))");
    const sharding = new NamedSharding(mesh, P("x", "y"));
    expect(sharding.shardShape([8, 16])).toEqual([2, 8]);
    expect(sharding.isFullyReplicated).toBe(false);
    expect(new NamedSharding(mesh, P()).isFullyReplicated).toBe(true);
    expect(() => makeMesh([2, 2], ["x"])).toThrow("a name for each axis");
    expect(() => makeMesh([2, 2], ["x", "x"])).toThrow("unique");
  });
  test("withShardingConstraint keeps the value", () => {
    const same = (x: A): A => lax.withShardingConstraint(x, new NamedSharding(mesh, P("x")));
    expect(same(floats(4)).js()).toEqual([0, 1, 2, 3]);
    expect(() => same(floats(3))).toThrow("splits axis 0");
  });
  vitestTest("devicePut keeps the value", async () => {
    using owner = new Owner();
    const x = owner.of(np.array([1, 2, 3, 4]));
    const y = owner.of(await devicePut(x, new NamedSharding(mesh, P("x"))));
    expect(y.js()).toEqual([1, 2, 3, 4]);
    await expect(devicePut(x, new NamedSharding(makeMesh([3], ["x"]), P("x")))).rejects.toThrow("splits axis 0");
  });
});

vitestTest("results are the only arrays left", () => {
  using x = np.array([1, 2, 3, 4]);
  const f = shardMap((a: A) => lax.pmean(a.mul(a), "x"), { mesh, inSpecs: P("x"), outSpecs: P() });
  using y = f(x);
  expect(y.js()).toEqual([7.5]);
  const g = vmap((a: A) => lax.psumScatter(lax.allGather(a.mul(2), "i"), "i"), { axisName: "i" });
  using z = g(x);
  expect(z.js()).toEqual([8, 16, 24, 32]);
  using same = vmap((a: A) => lax.psum(a, []), { axisName: "i" })(x);
  expect(same.js()).toEqual([1, 2, 3, 4]);
  using index = vmap(() => lax.axisIndex("i"), { axisName: "i", axisSize: 2 })();
  expect(index.js()).toEqual([0, 1]);
  using h = pmap((a: A) => lax.psum(a, "i"), { axisName: "i" });
  using s = h(x);
  expect(s.js()).toEqual([10, 10, 10, 10]);
  using slope = grad((a: A) => f(a).sum())(x);
  expect(slope.js()).toEqual([0.5, 1, 1.5, 2]);
});
