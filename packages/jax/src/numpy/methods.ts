/** The fluent methods of arrays, made of numpy's functions. */
import type { FluentMethods } from "../core/fluent";
import type { Tracer } from "../core/tracer";
import { type DType, sizeBytesOf } from "../aval/dtype";
import { conj, imag, real } from "./aliases";
import { ShapeError } from "../base/errors";
import { bitcastConvertType } from "../lax/convert";
import { add, divide, multiply, power, remainder, subtract } from "./arithmetic";
import { atIndex } from "./at";
import { astype, copy } from "./creation";
import { cumprod, cumsum } from "./cumulative";
import { negative, round } from "./elementwise";
import { getIndex, take } from "./indexing";
import { own } from "./lift";
import { dot, matmul } from "./linear";
import { equal, greater, greaterEqual, less, lessEqual, notEqual } from "./logic";
import { diagonal, trace } from "./matrix";
import { repeat } from "./rearrange";
import { all, any, argmax, argmin, max, mean, min, prod, ptp, sum } from "./reductions";
import { choose, clip, compress, nonzero } from "./selection";
import { matrixTranspose, ravel, reshape, squeeze, swapaxes, transpose } from "./shape";
import { argpartition, argsort, searchsorted, sort } from "./sorting";
import { std, var_ } from "./statistics";

type Method = (...args: never[]) => unknown;

/** A function of an array and more, as a method. */
function methodOf(f: (x: Tracer, ...rest: never[]) => unknown): Method {
  return function (this: Tracer, ...rest: never[]): unknown {
    return f(this, ...rest);
  };
}

/** Methods of one operand, on the hot path of eager code: no rest arguments. */
function binaryMethod(f: (x: Tracer, y: Tracer) => Tracer): Method {
  return function (this: Tracer, other: Tracer): Tracer {
    return f(this, other);
  };
}

function view(x: Tracer, dtype?: DType): Tracer {
  return dtype === undefined ? own(x, x) : bitcastConvertType(x, dtype);
}

type Sizes = readonly [number | readonly number[] | null, ...number[]];

/** `x.reshape(2, 3)` is `x.reshape([2, 3])`. */
const asList = (given: Sizes | readonly []): readonly number[] | null | undefined =>
  typeof given[0] === "number" ? (given as readonly number[]) : (given[0] as readonly number[] | null | undefined);

function* rows(x: Tracer): IterableIterator<Tracer> {
  if (x.ndim === 0) throw new ShapeError("iterator: a scalar has no axis to go along");
  for (let i = 0; i < x.shape[0]!; i++) yield getIndex(x, i);
}

const PROPERTIES = {
  T: (x: Tracer) => transpose(x),
  mT: matrixTranspose,
  real,
  imag,
  itemsize: (x: Tracer) => sizeBytesOf(x.dtype),
  nbytes: (x: Tracer) => x.size * sizeBytesOf(x.dtype),
} as const;

/** Puts the methods on the prototype of all arrays and tracers. Called once, when the library loads. */
export function installMethods(prototype: Tracer): void {
  const binary = {
    add,
    sub: subtract,
    mul: multiply,
    div: divide,
    mod: remainder,
    greater,
    less,
    equal,
    notEqual,
    greaterEqual,
    lessEqual,
  };
  const others = {
    neg: negative, pow: power, sum, prod, mean, min, max, all, any, var: var_, var_, std, ptp, argmax, argmin, cumsum, cumprod,
    transpose: (x: Tracer, ...perm: Sizes | []) => transpose(x, asList(perm) ?? null),
    reshape: (x: Tracer, ...sizes: Sizes) => reshape(x, asList(sizes)!),
    flatten: ravel, ravel, squeeze, swapaxes, repeat, astype, view, diagonal, trace, sort, argsort, argpartition, searchsorted,
    nonzero: (x: Tracer) => nonzero(x), dot, matmul, clip, round, take, choose, slice: getIndex, at: atIndex, copy, conj,
    compress: (x: Tracer, condition: Tracer, axis?: number | null) => compress(condition, x, axis),
    conjugate: conj, tolist: (x: Tracer) => x.js() as unknown,
  }; // prettier-ignore
  ({ ...binary, ...others }) satisfies Record<Exclude<keyof FluentMethods, keyof typeof PROPERTIES | symbol>, unknown>;
  const define = (name: string | symbol, value: unknown): void => {
    Object.defineProperty(prototype, name, { value, writable: true, configurable: true, enumerable: false });
  };
  for (const [name, f] of Object.entries(binary)) define(name, binaryMethod(f));
  for (const [name, f] of Object.entries(others)) define(name, methodOf(f as never));
  define(Symbol.iterator, methodOf(rows));
  for (const [name, f] of Object.entries(PROPERTIES)) {
    Object.defineProperty(prototype, name, {
      get(this: Tracer) {
        return f(this);
      },
      configurable: true,
    });
  }
}
