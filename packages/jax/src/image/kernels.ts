/** The kernels that weigh input pixels by their distance, of numbers and of arrays. */
import type { Tracer } from "../core/tracer";
import { constantLike } from "../numpy/lift";
import * as ops from "../ops/index";
import type { Method } from "./methods";

/** What kernels are made of. */
interface Arithmetic<T> {
  add(x: T, y: number): T;
  mul(x: T, y: T | number): T;
  div(x: T, y: T): T;
  sin(x: T): T;
  /** At least so much; where it is so much, half of its derivative. */
  atLeast(bound: number, x: T): T;
  /** `then` where x < bound. */
  below(x: T, bound: number, then: T | number, otherwise: T | number): T;
}

/** Weight of a pixel at a distance x >= 0 from the sample. */
type Kernel = <T>(m: Arithmetic<T>, x: T) => T;

const triangle: Kernel = (m, x) => m.atLeast(0, m.add(m.mul(x, -1), 1));

/** Cubic convolution: R. Keys, "Cubic convolution interpolation for digital image processing" (1981). */
const cubic =
  (a: number): Kernel =>
  (m, x) => {
    const horner = (first: number, second: number, ...others: number[]): typeof x =>
      others.reduce((sum, c) => m.add(m.mul(sum, x), c), m.add(m.mul(x, first), second));
    const outer = m.below(x, 2, horner(a, -5 * a, 8 * a, -4 * a), 0);
    return m.below(x, 1, horner(a + 2, -(a + 3), 0, 1), outer);
  };

/** sinc(x) sinc(x / r) for x < r. */
const lanczos =
  (radius: number): Kernel =>
  (m, x) => {
    const angle = m.mul(m.below(x, 1e-3, 1, x), Math.PI);
    const product = m.mul(m.sin(angle), m.sin(m.mul(angle, 1 / radius)));
    const inside = m.mul(m.div(product, m.mul(angle, angle)), radius);
    return m.below(x, 1e-3, 1, m.below(x, radius, inside, 0));
  };

/** Kernels by distance, and how far they reach; area and nearest work otherwise. */
export const KERNELS: Readonly<Record<Exclude<Method, "nearest" | "area">, readonly [radius: number, Kernel]>> = {
  linear: [1, triangle],
  cubic: [2, /* @__PURE__ */ cubic(-0.5)],
  "cubic-pytorch": [2, /* @__PURE__ */ cubic(-0.5)],
  lanczos3: [3, /* @__PURE__ */ lanczos(3)],
  lanczos5: [5, /* @__PURE__ */ lanczos(5)],
};

/** PyTorch's kernel without antialiasing. */
export const PYTORCH_CUBIC: Kernel = /* @__PURE__ */ cubic(-0.75);

export const NUMBERS: Arithmetic<number> = {
  add: (x, y) => x + y,
  mul: (x, y) => x * y,
  div: (x, y) => x / y,
  sin: (x) => Math.sin(x),
  atLeast: (bound, x) => Math.max(bound, x),
  below: (x, bound, then, otherwise) => (x < bound ? then : otherwise),
};

/** Of arrays of the shape and dtype of one. */
export function arithmeticLike(like: Tracer): Arithmetic<Tracer> {
  const array = (x: Tracer | number): Tracer => (typeof x === "number" ? constantLike(like, x) : x);
  return {
    add: (x, y) => ops.add(x, constantLike(like, y)),
    mul: (x, y) => ops.mul(x, array(y)),
    div: (x, y) => ops.div(x, y),
    sin: (x) => ops.sin(x),
    atLeast: (bound, x) => ops.max(array(bound), x),
    below: (x, bound, then, otherwise) => ops.where(ops.lt(x, array(bound)), array(then), array(otherwise)),
  };
}
