/** Texts of errors: what was wrong, the shapes, what to do. After each, the arrays are as they were. */
import {
  type Array as JaxArray, ConcretizationError, DTypeError, type Device, DeviceError, DifferentiationError, JaxError,
  LeakedTracerError, ShapeError, TreeMismatchError, UseAfterDisposeError, checkLeaks, defaultDevice, grad, jit, jvp, lax,
  linearize, numpy as np, random, vjp, vmap,
} from "@jax-js/jax"; // prettier-ignore
import { describe, expect, it } from "vitest";
import { Owner } from "./owner";

type A = JaxArray;
interface Arrays {
  /** f32[2], f32[3], f32[2,3], i32[2], f32[] */
  readonly a: A;
  readonly b: A;
  readonly m: A;
  readonly i: A;
  readonly s: A;
  readonly own: Owner;
}
type Row = readonly [
  title: string,
  kind: abstract new (...args: never[]) => Error,
  text: string,
  run: (x: Arrays) => unknown,
];

function arrays(own: Owner): Arrays {
  return {
    a: own.of(np.array([1, 2])),
    b: own.of(np.array([1, 2, 3])),
    m: own.of(np.array([[1, 2, 3], [4, 5, 6]])), // prettier-ignore
    i: own.of(np.array([1, 2], { dtype: "int32" })),
    s: own.of(np.array(1)),
    own,
  };
}

const TRACED = (aval: string, look = "to look at it use debug.print; "): string =>
  `the value of a traced ${aval} is not known here, only its shape and dtype; ${look}for \`if\` use lax.cond or np.where, ` +
  `for a loop up to it or while it holds lax.foriLoop or lax.whileLoop, or name the argument in staticArgnums of jit`;
const SELECTS =
  "selects a number of elements that is not known here, and shapes must be; " +
  "pass { size } where it is taken (nonzero, argwhere, unique, ...), or instead of a mask use np.where(mask, x, y)";
const DTYPES = "bool, int8, int16, int32, uint8, uint16, uint32, float16, bfloat16, float32, float64";
const LEAKED =
  "a traced f32[2] was used after its transformation (grad, vmap, jit, ...) had ended; " +
  "return the value from the transformed function instead of storing it elsewhere";
/** Calls with arguments that the types forbid. */
// eslint-disable-next-line @typescript-eslint/no-explicit-any -- that is the point
type Any = any;

const SHAPES: readonly Row[] = [
  ["sum of [2] and [3]", ShapeError, "add: shapes cannot be broadcast together, got [2] and [3]; sizes along an axis must be equal or 1", ({ a, b }) => a.add(b)],
  ["matmul", ShapeError, "matmul: contracted sizes must be equal, got f32[2,3] and f32[2,3]: axis 1 of the first has size 3, axis 0 of the second 2; transpose one of them with .T or np.swapaxes", ({ m }) => np.matmul(m, m)],
  ["dot_general", ShapeError, "dot_general: contracted sizes differ, got f32[2,3] and f32[2,3]: axis 1 of lhs (3) against axis 0 of rhs (2); transpose one of them, or check the layout of your weights", ({ m }) => lax.dotGeneral(m, m, [[[1], [0]], [[], []]])],
  ["reshape", ShapeError, "reshape: the number of elements must stay, got f32[2] of 2 elements to [3]; one size may be -1 and is then found from the others", ({ a }) => a.reshape([3])],
  ["concatenate, sizes", ShapeError, "concatenate: sizes must be equal except along axis 1, got f32[2,3] and f32[3,2]", ({ m, own }) => np.concatenate([m, own.of(m.T)], 1)],
  ["concatenate, axes", ShapeError, "concatenate: arrays must have equally many axes, got f32[2] and f32[2,3]; add axes with np.expandDims, or use np.stack", ({ a, m }) => np.concatenate([a, m], 0)],
  ["broadcastTo", ShapeError, "broadcastTo: f32[2,3] cannot be broadcast to [3]; axes are aligned at the end, and only those of size 1 repeat", ({ m }) => np.broadcastTo(m, [3])],
  ["conv", ShapeError, "conv_general_dilated: features do not fit, got f32[1,2,3] and f32[1,1,3] with 1 group(s): lhs has 2 features, the kernel takes 1 in each group; kernels are [out, in / groups, ...window]", ({ m, b, own }) => lax.conv(own.of(m.reshape([1, 2, 3])), own.of(b.reshape([1, 1, 3])), [1], "VALID")],
  ["axis", ShapeError, "sum: axis 2 is out of range for an array of 2 axes; expected -2 to 1", ({ m }) => m.sum(2)],
  ["negative axis", ShapeError, "sum: axis -3 is out of range for an array of 2 axes; expected -2 to 1", ({ m }) => m.sum(-3)],
  ["axis of a scalar", ShapeError, "sum: axis 0 is out of range for an array of 0 axes; a scalar has none", ({ s }) => s.sum(0)],
  ["negative index", ShapeError, "slice: index -4 is out of range for axis 0 of size 3; expected a whole number from -3 to 2", ({ b }) => b.slice(-4)],
  ["too many indices", ShapeError, "slice: 2 indices for the 1 axes of shape [3]; make new axes with null", ({ b }) => b.slice(0, 0)],
]; // prettier-ignore

const DTYPE_ROWS: readonly Row[] = [
  ["lax.add of two dtypes", DTypeError, "add: dtypes must be equal, got f32[2] and i32[2]; use np or convert", ({ a, i }) => lax.add(a, i)],
  ["bits of floats", DTypeError, "bitwiseAnd: expected integers or bools, got f32[2] and f32[2]", ({ a }) => np.bitwiseAnd(a, a)],
  ["a misspelt option", TypeError, 'unknown option "keepDims": did you mean "keepdims"?', ({ m }) => np.mean(m, 0, { keepDims: true } as Any)],
  ["an option that is none", TypeError, 'unknown option "axes": expected one of axis, keepdims, dtype, initial, where, promoteIntegers, correction, ddof, mean, includeInitial', ({ m }) => m.sum({ axes: [0] } as Any)],
  ["vjp of an array without a list", TreeMismatchError, "vjp: expected a list with an entry for each argument, got f32[2]; write [x] for one", ({ a }) => vjp((x: A) => x, a as Any)],
  ["jvp of an array without a list", TreeMismatchError, "jvp: expected a list with an entry for each argument, got f32[2]; write [x] for one", ({ a }) => jvp((x: A) => x, a as Any, a as Any)],
  ["a traced mask as an index", ConcretizationError, `a traced bool[2] ${SELECTS}`, ({ a }) => jit((x: A) => x.slice(x.greater(0)))(a)],
  ["nonzero of a traced array", ConcretizationError, `a traced bool[2] ${SELECTS}`, ({ a }) => jit((x: A) => np.nonzero(x) as Any)(a)],
  ["a body that is no function", JaxError, "scan: expected a function, got f32[2]", ({ a, s }) => lax.scan(a as Any, s, a)],
  ["a shape that is no list", ShapeError, "normal: expected a shape as a list of sizes, got 3", ({ own }) => random.normal(own.of(random.key(0)), 3 as Any)],
  ["an option of grad in Python's spelling", TypeError, 'grad: unknown option "has_aux": did you mean "hasAux"?', ({ a }) => grad((x: A) => x.sum(), { has_aux: true } as Any)(a)],
  ["an option of jit in Python's spelling", TypeError, 'jit: unknown option "static_argnums": did you mean "staticArgnums"?', ({ a }) => jit((x: A) => x, { static_argnums: [1] } as Any)(a)],
  ["a misspelt option of scan", TypeError, 'scan: unknown option "len": expected one of length, reverse, unroll, checkpoint, acceptPath', ({ a }) => lax.scan((c: A, x: A) => [c, x], a, a, { len: 2 } as Any)],
  ["a misspelt option of at", TypeError, 'at: unknown option "fill_value": did you mean "fillValue"?', ({ a, i }) => a.at(i).get({ fill_value: 0 } as Any)],
  ["an axis that is none", TypeError, 'axis: expected a whole number, a list of them, or null, got "x"', ({ m }) => np.max(m, "x" as Any)],
  ["unknown dtype", DTypeError, `dtype: float128 is not a dtype; expected one of ${DTYPES}`, () => np.array([1], { dtype: "float128" as Any })],
  ["astype", DTypeError, `dtype: int64 is not a dtype; expected one of ${DTYPES}`, ({ a }) => a.astype("int64" as Any)],
  ["unknown device", DeviceError, "device: tpu is not a device; expected one of cpu, wasm, webgpu, webgl", () => np.array([1], { device: "tpu" as Any })],
  ["defaultDevice", DeviceError, "device: gpu is not a device; expected one of cpu, wasm, webgpu, webgl", () => defaultDevice("gpu" as unknown as Device)],
  ["a string", DTypeError, 'jit: argument 0 is the string "hi", not an array; pass arrays, numbers and booleans, or name the argument in staticArgnums of jit', () => jit((x: A) => x)("hi" as Any)],
  ["an async function", JaxError, "jit: the function returned a Promise; transformed functions must not be async", ({ a }) => jit((async (x: A) => Promise.resolve(x)) as Any)(a)],
]; // prettier-ignore

const VALUES: readonly Row[] = [
  ["if on a traced value", ConcretizationError, `conversion to a JS value (if, while, <, +): ${TRACED("f32[]", "")}`, ({ s }) => jit((x: A) => (Number(x) > 0 ? x : x.neg()))(s)],
  ["item of a traced value", ConcretizationError, `item: ${TRACED("f32[]")}`, ({ s }) => jit((x: A) => (x.item() > 0 ? x : x.neg()))(s)],
  ["js under vmap", ConcretizationError, `js: ${TRACED("f32[]")}`, ({ a }) => vmap((x: A) => x.js() as A)(a)],
  ["item of several", ConcretizationError, "item: expected an array of one element, got f32[2]; use js() or data()", ({ a }) => a.item()],
  ["conversion of several", ConcretizationError, "conversion to a JS value: only scalars convert, got f32[2]; use js() or data()", ({ a }) => Number(a)],
]; // prettier-ignore

const DERIVATIVES: readonly Row[] = [
  ["gradient of an array", DifferentiationError, "grad: the function must return a scalar, got f32[2]; reduce it with .sum() or .mean(), or use jacrev or vjp", ({ a }) => grad((x: A) => x.mul(2))(a)],
  ["gradient of a list", DifferentiationError, "grad: the function must return one scalar, got JsTreeDef([*, *]); use hasAux to return more", ({ s }) => grad((x: A) => [x, x] as Any)(s)],
  ["gradient by integers", DTypeError, 'grad: differentiated inputs must have a floating dtype, got i32[2] for argument 0.w; convert with x.astype("float32")', ({ i }) => grad((p: { w: A }) => p.w.sum())({ w: i })],
  ["gradient of an integer", DTypeError, "grad: the function must return a floating scalar, got i32[]; gradients of integers are not defined", ({ s }) => grad((x: A) => x.astype("int32"))(s)],
  ["argnums", DifferentiationError, "grad: argnums names argument 3, but the function was called with 1 argument(s)", ({ s }) => grad((x: A) => x, { argnums: 3 })(s)],
  ["jvp, trees", TreeMismatchError, "jvp: trees have different structures, first at [0]: expected an object with keys {w}, got an object with keys {v}; expected JsTreeDef([{w: *}]), got JsTreeDef([{v: *}])", ({ a }) => jvp((x: Any) => x.w as A, [{ w: a }], [{ v: a }])],
  ["jvp, shapes", ShapeError, "jvp: primal and tangent must have the same shape, got f32[2] and f32[3]", ({ a, b }) => jvp((x: A) => x, [a], [b])],
  ["jvp, dtypes", DTypeError, "jvp: primal and tangent must have the same dtype, got f32[2] and i32[2]", ({ a, i }) => jvp((x: A) => x, [a], [i])],
  ["vjp, trees", TreeMismatchError, "vjp (cotangents): trees have different structures, first at the root: expected a list of 2, got a leaf; expected JsTreeDef([*, *]), got JsTreeDef(*)", ({ a, own }) => backward((x) => [x.neg(), x.neg()], a, own)(a)],
  ["vjp, shapes", ShapeError, "vjp: a cotangent must have the shape of the result, got f32[3] for f32[2]", ({ a, b, own }) => backward((x) => x.neg(), a, own)(b)],
  ["linearize, trees", TreeMismatchError, "linearize: trees have different structures, first at the root: expected a list of 1, got a list of 2; expected JsTreeDef([*]), got JsTreeDef([*, *])", ({ a, own }) => (own.of(linearize((x: A) => x.neg(), [a]) as Any)[1])(a, a)],
  ["no derivative", DifferentiationError, "nextafter: has no derivative: it is not a smooth function", ({ s }) => grad((x: A) => np.nextafter(x, 2))(s)],
]; // prettier-ignore

const MAPS: readonly Row[] = [
  ["inAxes of other keys", TreeMismatchError, "vmap: inAxes must be a prefix of the arguments: at [0] expected a number, null or an object with keys {v}, got an object with keys {w}; a number or null stands for everything below it", ({ a }) => vmap((x: Any) => x as A, [{ w: 0 }])({ v: a })],
  ["inAxes for too many", TreeMismatchError, "vmap: inAxes must be a prefix of the arguments: at the root expected a number, null or a list of 2, got a list of 3; a number or null stands for everything below it", ({ a }) => vmap((x: A, _y: A) => x, [0, 0, 0])(a, a)],
  ["sizes", ShapeError, "vmap: mapped axes must have equal sizes, got 2 for argument 0 (f32[2]) and 3 for argument 1 (f32[3])", ({ a, b }) => vmap((x: A, _y: A) => x)(a, b)],
  ["axis", ShapeError, "vmap: axis 2 is out of range for argument 0 of f32[2]; use null in inAxes for arguments that are not mapped", ({ a }) => vmap((x: A) => x, 2)(a)],
  ["nothing mapped", ShapeError, "vmap: at least one argument must be mapped; inAxes is null for all", ({ a }) => vmap((x: A) => x, [null])(a)],
  ["outAxes null", ShapeError, "vmap: a result with outAxes null depends on the mapped arguments, got f32[]", ({ a }) => vmap((x: A) => x.neg(), 0, null)(a)],
]; // prettier-ignore

const LEAKS: readonly Row[] = [
  ["from jit, used outside", LeakedTracerError, LEAKED, ({ a, own }) => stashed((f) => own.of(own.of([jit(f)])[0]!(a))).add(1)],
  ["from grad, used outside", LeakedTracerError, LEAKED, ({ a, own }) => stashed((f) => own.of(grad((x: A) => f(x).sum())(a))).add(1)],
  ["from jit, used in another", LeakedTracerError, "a traced f32[2] was used after the function it belongs to had been traced (by jit, makeJaxpr, ...); return the value instead of storing it elsewhere", ({ a, own }) => {
    const x = stashed((f) => own.of(own.of([jit(f)])[0]!(a)));
    return jit((y: A) => y.add(x))(a);
  }],
]; // prettier-ignore

const backward = (f: (x: A) => unknown, x: A, own: Owner): ((ct: unknown) => unknown) => {
  const [out, vjpFn] = vjp(f, [x]) as [unknown, (ct: unknown) => unknown];
  own.of([out, vjpFn]);
  return vjpFn;
};

/** A tracer that a transformed function let out. */
function stashed(transform: (f: (x: A) => A) => unknown): A {
  let kept: A | null = null;
  transform((x) => {
    kept = x;
    return x.add(1);
  });
  return kept!;
}

async function check([, kind, text, run]: Row): Promise<void> {
  using own = new Owner();
  const x = arrays(own);
  let error: unknown = null;
  try {
    run(x);
  } catch (e) {
    error = e;
  }
  expect(error).toBeInstanceOf(kind);
  expect((error as Error).message).toBe(text);
  expect((error as Error).name).toBe(kind.name);
  // The arrays, and the library, go on as before.
  using sum = x.a.add(x.i);
  expect(await sum.jsAsync()).toEqual([2, 4]);
  expect(await x.m.jsAsync()).toEqual([[1, 2, 3], [4, 5, 6]]); // prettier-ignore
  for (const array of [x.a, x.b, x.m, x.i, x.s]) expect(array.refCount).toBe(1);
}

const GROUPS: Readonly<Record<string, readonly Row[]>> = {
  shapes: SHAPES,
  "dtypes and devices": DTYPE_ROWS,
  "values of traced arrays": VALUES,
  differentiation: DERIVATIVES,
  vmap: MAPS,
  "leaked tracers": LEAKS,
};
for (const [group, rows] of Object.entries(GROUPS)) {
  describe(`errors: ${group}`, () => {
    for (const row of rows) it(row[0], () => check(row));
  });
}

describe("errors: use after dispose", () => {
  it("names the place when leaks are watched", () => {
    expect(checkLeaks.active).toBe(true);
    const x = np.array([1, 2]);
    x.dispose();
    expect(() => x.add(1)).toThrow(UseAfterDisposeError);
    expect(() => x.js()).toThrow(
      /^array: f32\[2\] was used after dispose\(\); it was made at .*errors\.test\.ts.*:\d+/,
    );
    expect(() => x.dispose()).toThrow(UseAfterDisposeError);
    expect(() => x[Symbol.dispose]()).not.toThrow();
  });
  it("says how to find the place otherwise", () => {
    checkLeaks.stop();
    const x = np.array([1, 2]);
    x.dispose();
    expect(() => x.add(1)).toThrow(
      "array: f32[2] was used after dispose(); turn on checkLeaks.start() to see where it was made",
    );
  });
  it("of a linear function", () => {
    using x = np.array(1);
    const [y, vjpFn] = vjp((v: A) => v.mul(v), [x]) as [A, ((ct: A) => unknown) & { dispose(): void }];
    vjpFn.dispose();
    expect(() => vjpFn(y)).toThrow("vjp: the function was used after dispose()");
    y.dispose();
  });
});
