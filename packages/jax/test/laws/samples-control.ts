/** Samples of records with programs inside: loops, branches, checkpoints, jitted functions. */
import { ShapedArray } from "../../src/aval/shaped-array";
import type { Tracer } from "../../src/core/tracer";
import type { Jaxpr } from "../../src/jaxpr/jaxpr";
import { add, cos, exp, lt, mul, neg, reduceSum, sin, sub, tanh } from "../../src/ops/index";
import { cond_p } from "../../src/transforms/cond";
import { stageClosed } from "../../src/transforms/derived";
import { jitParams, jit_p } from "../../src/transforms/jit-primitive";
import { remat_p } from "../../src/transforms/remat";
import { scanParams, scan_p } from "../../src/transforms/scan";
import { while_p } from "../../src/transforms/while";
import { type Input, type Sample, f32, f64, i32, indices, sample } from "./sample";

type Body = (...xs: Tracer[]) => Tracer[];

const program = (body: Body, inputs: readonly Input[]): Jaxpr =>
  stageClosed(
    (xs) => body(...xs),
    inputs.map((x) => ShapedArray.of(x.shape, x.dtype)),
  );

interface ScanShape {
  readonly consts: readonly Input[];
  readonly carry: readonly Input[];
  /** One element of each. */
  readonly xs: readonly Input[];
  readonly length: number;
  readonly reverse?: boolean;
}

function scan(body: Body, { consts, carry, xs, length, reverse = false }: ScanShape): Sample {
  const jaxpr = program(body, [...consts, ...carry, ...xs]);
  const lists = xs.map((x) => ({ ...f64([length, ...x.shape], -1, 1), dtype: x.dtype }));
  return sample(
    scan_p,
    [...consts, ...carry, ...lists],
    scanParams(jaxpr, length, carry.length, consts.length, reverse),
  );
}

/** A recurrent cell: [weights, state, input] to [next state, output]. */
const cell: Body = (w, c, x) => [tanh(add(mul(c!, w!), x!)), mul(c!, x!)];
const v = f64([3], -1, 1);
const counted: Body = (i, c, x) => [add(i!, i!), add(sin(c!), x!), mul(x!, c!)];

const scans: Sample[] = [
  scan(cell, { consts: [v], carry: [v], xs: [v], length: 4 }),
  scan(cell, { consts: [v], carry: [v], xs: [v], length: 4, reverse: true }),
  scan(cell, { consts: [v], carry: [v], xs: [v], length: 0 }),
  scan(cell, { consts: [f32([1])], carry: [f32([1])], xs: [f32([1])], length: 3 }),
  scan(counted, { consts: [], carry: [i32([]), f64([])], xs: [f64([])], length: 3 }),
  scan((w, a, b) => [sub(mul(b!, w!), a!), a!], { consts: [v], carry: [v, v], xs: [], length: 5 }),
];

/** `nCond` and `nBody` constants before what is carried. */
function loop(cond: Body, body: Body, condConsts: Input[], bodyConsts: Input[], carry: Input[]): Sample {
  const params = {
    condJaxpr: program(cond, [...condConsts, ...carry]),
    condNconsts: condConsts.length,
    bodyJaxpr: program(body, [...bodyConsts, ...carry]),
    bodyNconsts: bodyConsts.length,
  };
  return sample(while_p, [...condConsts, ...bodyConsts, ...carry], params, { reversible: false });
}

const limit = indices([], [5]);
const zero = indices([], [0]);
const one = indices([], [1]);
const whiles: Sample[] = [
  loop(
    (n, i) => [lt(i!, n!)],
    (w, step, i, c) => [add(i!, step!), sin(add(mul(c!, w!), w!))],
    [limit],
    [v, one],
    [zero, v],
  ),
  // How long it takes depends on the values.
  loop(
    (most, x) => [lt(reduceSum(x!, [0]), most!)],
    (w, x) => [add(x!, exp(w!))],
    [f64([], 6, 9)],
    [f64([2], 0, 1)],
    [f64([2], 0, 1)],
  ),
  loop(
    (n, i) => [lt(i!, n!)],
    (step, i, c) => [add(i!, step!), mul(c!, c!)],
    [zero],
    [one],
    [zero, f32([1])],
  ),
];

function branches(index: Input, bodies: readonly Body[], operands: readonly Input[]): Sample {
  return sample(cond_p, [index, ...operands], { branches: bodies.map((b) => program(b, operands)) });
}

const three: Body[] = [
  (x, y) => [mul(x!, y!), x!],
  (x, y) => [sin(x!), neg(y!)],
  (_x, y) => [exp(y!), cos(mul(y!, y!))],
];

const conds: Sample[] = [
  ...[0, 1, 2].map((i) => branches(indices([], [i]), three, [v, f64([3], 0, 2)])),
  branches(indices([], [1]), three, [f32([1]), f32([1])]),
];

const product: Body = (x, y) => [sin(mul(x!, sin(y!))), exp(y!)];
const inputs = [v, f64([3], 0, 2)];

export const controlSamples: readonly Sample[] = [
  ...scans,
  ...whiles,
  ...conds,
  sample(remat_p, inputs, { jaxpr: program(product, inputs), policy: () => false }),
  sample(remat_p, inputs, { jaxpr: program(product, inputs), policy: ({ name }: { name: string }) => name === "sin" }),
  sample(remat_p, [f32([1]), f32([1])], { jaxpr: program(product, [f32([1]), f32([1])]), policy: () => true }),
  sample(jit_p, inputs, jitParams(program(product, inputs), "product")),
  sample(jit_p, [f32([1]), f32([1])], jitParams(program(product, [f32([1]), f32([1])]), "product")),
];

export const controlRecords = [scan_p, while_p, cond_p, remat_p, jit_p];
