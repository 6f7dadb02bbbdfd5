/** Transformed programs as text, checked by hand against what JAX prints, and the kernels they become. */
import { type Array as A, grad, jit, jvp, nn, numpy as np, tree, valueAndGrad, vmap } from "@jax-js/jax";
import { adam, applyUpdates } from "@jax-js/optax";
import { describe, expect, it } from "vitest";
import { type MlpParams, mlpLoss, mlpParams } from "../mlp";
import { m23, show, spec, v3 } from "./show";

describe("transformations", () => {
  it("grad of sin", () => {
    const { text, kernels } = show(grad((x: A) => np.sin(x).sum()), v3);
    expect(text).toMatchInlineSnapshot(`
      "{ lambda ; a:f32[3]. let
          b:f32[3] = sin a
          c:f32[3] = cos a
          d:f32[] = reduce_sum[axes=(0,)] b
          e:f32[3] = broadcast_in_dim[broadcast_dimensions=() shape=(3,)] 1.0:f32[]
          f:f32[3] = mul e c
        in (f,) }"
    `);
    expect(kernels).toBe("loop");
  });
  it("grad of a product", () => {
    const { text } = show(grad((x: A, y: A) => x.mul(y).sum(), { argnums: [0, 1] }), v3, v3);
    expect(text).toMatchInlineSnapshot(`
      "{ lambda ; a:f32[3] b:f32[3]. let
          c:f32[3] = mul a b
          d:f32[] = reduce_sum[axes=(0,)] c
          e:f32[3] = broadcast_in_dim[broadcast_dimensions=() shape=(3,)] 1.0:f32[]
          f:f32[3] = mul e a
          g:f32[3] = mul e b
        in (g, f) }"
    `);
  });
  it("jvp of a matrix product", () => {
    const f = (x: A, dx: A, w: A): unknown => jvp((y: A) => np.matmul(y, w), [x], [dx]);
    expect(show(f, m23, m23, spec([3, 4])).text).toMatchInlineSnapshot(`
      "{ lambda ; a:f32[2,3] b:f32[2,3] c:f32[3,4]. let
          d:f32[2,4] = dot_general[
            dimension_numbers=(((1,), (0,)), ((), ()))
            preferred_element_type=None
          ] a c
          e:f32[2,4] = dot_general[
            dimension_numbers=(((1,), (0,)), ((), ()))
            preferred_element_type=None
          ] b c
        in (d, e) }"
    `);
  });
  it("vmap of a dot product is a matrix product", () => {
    const { text, kernels } = show(vmap((x: A, y: A) => np.dot(x, y), [0, null]), m23, v3);
    expect(text).toMatchInlineSnapshot(`
      "{ lambda ; a:f32[2,3] b:f32[3]. let
          c:f32[2] = dot_general[
            dimension_numbers=(((1,), (0,)), ((), ()))
            preferred_element_type=None
          ] a b
        in (c,) }"
    `);
    expect(kernels).toBe("contract");
  });
  it("jit inside keeps its name", () => {
    const f = jit(function twice(x: A): A {
      return x.mul(2);
    });
    expect(show((x: A) => np.sin(f(x)), v3).text).toMatchInlineSnapshot(`
      "{ lambda ; a:f32[3]. let
          e:f32[3] = jit[
            jaxpr={ lambda ; b:f32[3]. let
                c:f32[3] = broadcast_in_dim[broadcast_dimensions=() shape=(3,)] 2.0:f32[]
                d:f32[3] = mul b c
              in (d,) }
            name=twice
          ] a
          f:f32[3] = sin e
        in (f,) }"
    `);
  });
  it("grad of jit splits the inner program", () => {
    const f = jit(function square(x: A): A {
      return np.square(np.sin(x));
    });
    expect(show(grad((x: A) => f(x).sum()), v3).text).toMatchInlineSnapshot(`
      "{ lambda ; a:f32[3]. let
          h:f32[3] i:f32[3] j:f32[3] = jit[
            jaxpr={ lambda ; b:f32[3]. let
                c:f32[3] = sin b
                d:f32[3] = cos b
                e:f32[3] = integer_pow[y=2] c
                f:f32[3] = broadcast_in_dim[broadcast_dimensions=() shape=(3,)] 2.0:f32[]
                g:f32[3] = mul f c
              in (e, d, g) }
            name=square
          ] a
          k:f32[] = reduce_sum[axes=(0,)] h
          l:f32[3] = broadcast_in_dim[broadcast_dimensions=() shape=(3,)] 1.0:f32[]
          r:f32[3] = jit[
            jaxpr={ lambda ; m:f32[3] n:f32[3] o:f32[3]. let
                p:f32[3] = mul o n
                q:f32[3] = mul p m
              in (q,) }
            name=square
          ] i j l
        in (r,) }"
    `);
  });
  it("gradient of a softmax cross entropy is few kernels", () => {
    const f = (x: A, y: A): A => nn.logSoftmax(x).mul(y).sum().neg();
    expect(show(grad(f), spec([32, 10]), spec([32, 10])).kernels).toMatchInlineSnapshot(`"loop"`);
  });
});

describe("training", () => {
  const params: MlpParams = { w1: spec([4, 8]), b1: spec([8]), w2: spec([8, 2]), b2: spec([2]) };
  it("loss of an MLP", () => {
    const { text, kernels } = show(mlpLoss, params, spec([16, 4]), spec([16, 2]));
    expect(text).toMatchInlineSnapshot(`
      "{ lambda ; a:f32[8] b:f32[2] c:f32[4,8] d:f32[8,2] e:f32[16,4] f:f32[16,2]. let
          g:f32[16,8] = dot_general[
            dimension_numbers=(((1,), (0,)), ((), ()))
            preferred_element_type=None
          ] e c
          h:f32[16,8] = broadcast_in_dim[broadcast_dimensions=(1,) shape=(16, 8)] a
          i:f32[16,8] = add g h
          j:f32[16,8] = broadcast_in_dim[
            broadcast_dimensions=()
            shape=(16, 8)
          ] 0.0:f32[]
          k:bool[16,8] = le i j
          l:f32[16,8] = broadcast_in_dim[
            broadcast_dimensions=()
            shape=(16, 8)
          ] 0.0:f32[]
          m:f32[16,8] = select_n k i l
          n:f32[16,2] = dot_general[
            dimension_numbers=(((1,), (0,)), ((), ()))
            preferred_element_type=None
          ] m d
          o:f32[16,2] = broadcast_in_dim[broadcast_dimensions=(1,) shape=(16, 2)] b
          p:f32[16,2] = add n o
          q:f32[16,2] = sub p f
          r:f32[16,2] = integer_pow[y=2] q
          s:f32[] = reduce_sum[axes=(0, 1)] r
          t:f32[] = div s 32.0:f32[]
        in (t,) }"
    `);
    expect(kernels).toMatchInlineSnapshot(`"contract contract loop"`);
  });
  it("a step of an MLP with adam is one program of few kernels", () => {
    const solver = adam(1e-2);
    const started = mlpParams(4, 8, 2);
    const state = solver.init(started) as unknown;
    const step = (p: MlpParams, s: unknown, x: A, y: A): unknown => {
      const [loss, grads] = valueAndGrad(mlpLoss)(p, x, y);
      const [updates, newState] = solver.update(grads, s, p);
      return [loss, applyUpdates(p, updates), newState];
    };
    const { kernels } = show(step, params, state, spec([16, 4]), spec([16, 2]));
    tree.dispose([started, state]);
    expect(kernels).toMatchInlineSnapshot(`"loop contract loop contract loop loop contract contract loop loop loop contract loop loop loop loop"`);
  });
});
