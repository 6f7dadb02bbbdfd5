/**
 * A small program, traced, compiled, run and thrown away, so that the engine has compiled our compiler before the first
 * one that matters: code that was just loaded takes several times as long as the same code a second time.
 */
import type { Tracer } from "../core/tracer";
import * as ops from "../ops/index";
import { jit } from "../transforms/jit";
import { zeros } from "./creation";
import { matmul } from "./linear";
import { split } from "./joining";
import { max, mean, sum } from "./reductions";

const [ROWS, HEADS, SIZE] = [64, 2, 16];
const WIDTH = HEADS * SIZE;

/** What models are made of: normalized rows, products with what belongs to them, several axes, softmax, a residual. */
function sample(x: Tracer, w: Tracer, b: Tracer): Tracer {
  const center = x.sub(mean(x, -1, { keepdims: true }));
  const normed = center.mul(ops.rsqrt(mean(ops.square(center), -1, { keepdims: true }).add(1e-5)));
  const heads = split(matmul(normed, w).add(b), 2, 1).map((h) => h.reshape([ROWS, HEADS, SIZE]).transpose([1, 0, 2]));
  const [p, q] = heads as [Tracer, Tracer];
  const scores = matmul(p, q.transpose([0, 2, 1])).mul(0.25);
  const powers = ops.exp(scores.sub(max(scores, -1, { keepdims: true })));
  const mixed = matmul(powers.div(sum(powers, -1, { keepdims: true })), ops.tanh(q));
  return mixed.transpose([1, 0, 2]).reshape([ROWS, WIDTH]).mul(2).add(x);
}

/** On the wasm device, in parts of some 20 ms between which the event loop may turn. */
export function* sampleProgram(): Generator<void, void> {
  const device = "wasm";
  const args = [[ROWS, WIDTH], [WIDTH, 2 * WIDTH], [2 * WIDTH]].map((shape) => zeros(shape, { device }));
  const f = jit(sample);
  try {
    yield;
    const traced = f.lower(...args);
    yield;
    const compiled = traced.compile();
    yield;
    (compiled(...args) as Tracer).dispose();
  } finally {
    f.dispose();
    for (const x of args) x.dispose();
  }
}
