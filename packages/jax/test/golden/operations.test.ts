/** Programs of operations as text, checked by hand against what JAX prints, and the kernels they become. */
import { type Array as A, lax, nn, numpy as np } from "@jax-js/jax";
import { describe, expect, it } from "vitest";
import { m23, show, spec, v3 } from "./show";

describe("operations", () => {
  it("sin", () => {
    const { text, kernels } = show((x: A) => np.sin(x), v3);
    expect(text).toMatchInlineSnapshot(`"{ lambda ; a:f32[3]. let b:f32[3] = sin a in (b,) }"`);
    expect(kernels).toBe("loop");
  });
  it("arithmetic with numbers", () => {
    const { text, kernels } = show((x: A) => x.mul(2).add(1), v3);
    expect(text).toMatchInlineSnapshot(`
      "{ lambda ; a:f32[3]. let
          b:f32[3] = broadcast_in_dim[broadcast_dimensions=() shape=(3,)] 2.0:f32[]
          c:f32[3] = mul a b
          d:f32[3] = broadcast_in_dim[broadcast_dimensions=() shape=(3,)] 1.0:f32[]
          e:f32[3] = add c d
        in (e,) }"
    `);
    expect(kernels).toBe("loop");
  });
  it("broadcasting", () => {
    const { text, kernels } = show((x: A, y: A) => x.add(y), m23, v3);
    expect(text).toMatchInlineSnapshot(`
      "{ lambda ; a:f32[2,3] b:f32[3]. let
          c:f32[2,3] = broadcast_in_dim[broadcast_dimensions=(1,) shape=(2, 3)] b
          d:f32[2,3] = add a c
        in (d,) }"
    `);
    expect(kernels).toBe("loop");
  });
  it("where", () => {
    const { text, kernels } = show((x: A) => np.where(x.greater(0), x, 0), v3);
    expect(text).toMatchInlineSnapshot(`
      "{ lambda ; a:f32[3]. let
          b:f32[3] = broadcast_in_dim[broadcast_dimensions=() shape=(3,)] 0.0:f32[]
          c:bool[3] = gt a b
          d:f32[3] = broadcast_in_dim[broadcast_dimensions=() shape=(3,)] 0.0:f32[]
          e:f32[3] = select_n c d a
        in (e,) }"
    `);
    expect(kernels).toBe("loop");
  });
  it("sum", () => {
    const { text, kernels } = show((x: A) => x.sum(1), m23);
    expect(text).toMatchInlineSnapshot(`"{ lambda ; a:f32[2,3]. let b:f32[2] = reduce_sum[axes=(1,)] a in (b,) }"`);
    expect(kernels).toBe("loop");
  });
  it("transpose and reshape cost no kernel of their own", () => {
    const { text, kernels } = show((x: A) => np.exp(x.T.reshape([6])), m23);
    expect(text).toMatchInlineSnapshot(`
      "{ lambda ; a:f32[2,3]. let
          b:f32[3,2] = transpose[permutation=(1, 0)] a
          c:f32[6] = reshape[new_sizes=(6,)] b
          d:f32[6] = exp c
        in (d,) }"
    `);
    expect(kernels).toBe("loop");
  });
  it("matmul", () => {
    const { text, kernels } = show((x: A, y: A) => np.matmul(x, y), m23, spec([3, 4]));
    expect(text).toMatchInlineSnapshot(`
      "{ lambda ; a:f32[2,3] b:f32[3,4]. let
          c:f32[2,4] = dot_general[
            dimension_numbers=(((1,), (0,)), ((), ()))
            preferred_element_type=None
          ] a b
        in (c,) }"
    `);
    expect(kernels).toBe("contract");
  });
  it("a dense layer is one contraction with an epilogue", () => {
    const { text, kernels } = show((x: A, w: A, b: A) => nn.relu(x.dot(w).add(b)), m23, spec([3, 4]), spec([4]));
    expect(text).toMatchInlineSnapshot(`
      "{ lambda ; a:f32[2,3] b:f32[3,4] c:f32[4]. let
          d:f32[2,4] = dot_general[
            dimension_numbers=(((1,), (0,)), ((), ()))
            preferred_element_type=None
          ] a b
          e:f32[2,4] = broadcast_in_dim[broadcast_dimensions=(1,) shape=(2, 4)] c
          f:f32[2,4] = add d e
          g:f32[2,4] = broadcast_in_dim[
            broadcast_dimensions=()
            shape=(2, 4)
          ] 0.0:f32[]
          h:bool[2,4] = le f g
          i:f32[2,4] = broadcast_in_dim[
            broadcast_dimensions=()
            shape=(2, 4)
          ] 0.0:f32[]
          j:f32[2,4] = select_n h f i
        in (j,) }"
    `);
    expect(kernels).toBe("contract");
  });
  it("concatenate", () => {
    const { text, kernels } = show((x: A, y: A) => np.concatenate([x, y]), v3, spec([2]));
    expect(text).toMatchInlineSnapshot(`
      "{ lambda ; a:f32[3] b:f32[2]. let
          c:f32[5] = concatenate[dimension=0] a b
        in (c,) }"
    `);
    expect(kernels).toBe("loop");
  });
  it("slice", () => {
    const { text } = show((x: A) => x.slice([1], 0), m23);
    expect(text).toMatchInlineSnapshot(`
      "{ lambda ; a:f32[2,3]. let
          b:f32[1,1] = slice[limit_indices=(2, 1) start_indices=(1, 0) strides=None] a
          c:f32[1] = reshape[new_sizes=(1,)] b
        in (c,) }"
    `);
  });
  it("cumsum", () => {
    const { text, kernels } = show((x: A) => np.cumsum(x, 0), m23);
    expect(text).toMatchInlineSnapshot(`"{ lambda ; a:f32[2,3]. let b:f32[2,3] = cumsum[axis=0 reverse=False] a in (b,) }"`);
    expect(kernels).toBe("cumulative");
  });
  it("sort", () => {
    const { text, kernels } = show((x: A) => np.sort(x), v3);
    expect(text).toMatchInlineSnapshot(`"{ lambda ; a:f32[3]. let b:f32[3] = sort[dimension=0 num_keys=1] a in (b,) }"`);
    expect(kernels).toBe("sort");
  });
  it("gather", () => {
    const { text, kernels } = show((x: A, i: A) => np.take(x, i, 0), m23, spec([4], "int32"));
    expect(text).toMatchInlineSnapshot(`
      "{ lambda ; a:f32[2,3] b:i32[4]. let
          c:i32[4] = broadcast_in_dim[broadcast_dimensions=() shape=(4,)] 0:i32[]
          d:bool[4] = lt b c
          e:i32[4] = broadcast_in_dim[broadcast_dimensions=() shape=(4,)] 2:i32[]
          f:i32[4] = add b e
          g:i32[4] = select_n d b f
          h:i32[4,1] = reshape[new_sizes=(4, 1)] g
          i:f32[4,3] = gather[
            dimension_numbers={offset_dims=(1,) collapsed_slice_dims=(0,) start_index_map=(0,) operand_batching_dims=() start_indices_batching_dims=()}
            fill_value=NaN
            mode=fill
            slice_sizes=(1, 3)
          ] a h
        in (i,) }"
    `);
    expect(kernels).toBe("loop");
  });
  it("convolution", () => {
    const { text, kernels } = show((x: A, w: A) => lax.conv(x, w, [1, 1], "SAME"), spec([1, 2, 8, 8]), spec([4, 2, 3, 3]));
    expect(text).toMatchInlineSnapshot(`
      "{ lambda ; a:f32[1,2,8,8] b:f32[4,2,3,3]. let
          c:f32[1,4,8,8] = conv_general_dilated[
            feature_group_count=1
            lhs_dilation=(1, 1)
            padding=((1, 1), (1, 1))
            rhs_dilation=(1, 1)
            window_strides=(1, 1)
          ] a b
        in (c,) }"
    `);
    expect(kernels).toMatchInlineSnapshot(`"loop contract"`);
  });
});

describe("fusion", () => {
  it("softmax is one kernel", () => {
    const { text, kernels } = show((x: A) => nn.softmax(x), m23);
    expect(text).toMatchInlineSnapshot(`
      "{ lambda ; a:f32[2,3]. let
          b:f32[2] = reduce_max[axes=(1,)] a
          c:f32[2,1] = reshape[new_sizes=(2, 1)] b
          d:f32[2,1] = stop_gradient c
          e:f32[2,3] = broadcast_in_dim[broadcast_dimensions=(0, 1) shape=(2, 3)] d
          f:f32[2,3] = sub a e
          g:f32[2,3] = exp f
          h:f32[2] = reduce_sum[axes=(1,)] g
          i:f32[2,1] = reshape[new_sizes=(2, 1)] h
          j:f32[2,3] = broadcast_in_dim[broadcast_dimensions=(0, 1) shape=(2, 3)] i
          k:f32[2,3] = div g j
        in (k,) }"
    `);
    expect(kernels).toBe("loop");
  });
  it("logsumexp is one kernel", () => {
    const { kernels } = show((x: A) => nn.logsumexp(x, 1), spec([64, 1000]));
    expect(kernels).toBe("loop");
  });
  it("layernorm is one kernel", () => {
    const f = (x: A, g: A, b: A): A => {
      const centred = x.sub(x.mean(-1, { keepdims: true }));
      const variance = np.square(centred).mean(-1, { keepdims: true });
      return centred.div(np.sqrt(variance.add(1e-5))).mul(g).add(b);
    };
    const { kernels } = show(f, spec([64, 256]), spec([256]), spec([256]));
    expect(kernels).toBe("loop");
  });
  it("a chain of twenty elementwise operations is one kernel", () => {
    const f = (x: A): A => Array.from({ length: 20 }).reduce<A>((y) => np.sin(y.mul(1.5)), x);
    expect(show(f, spec([100])).kernels).toBe("loop");
  });
});
