/** The fluent methods of arrays, made of numpy's functions. */
import type { FluentMethods } from "../core/fluent";
import type { Tracer } from "../core/tracer";
import type { DType } from "../aval/dtype";
import { ShapeError } from "../base/errors";
import { bitcastConvertType } from "../lax/convert";
import { add, divide, multiply, power, remainder, subtract } from "./arithmetic";
import { atIndex } from "./at";
import { astype } from "./creation";
import { cumprod, cumsum } from "./cumulative";
import { negative, round } from "./elementwise";
import { getIndex, take } from "./indexing";
import { own } from "./lift";
import { dot } from "./linear";
import { equal, greater, greaterEqual, less, lessEqual, notEqual } from "./logic";
import { diagonal } from "./matrix";
import { all, any, argmax, argmin, max, mean, min, prod, sum } from "./reductions";
import { clip } from "./selection";
import { ravel, reshape, squeeze, transpose } from "./shape";
import { argsort, sort } from "./sorting";
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

function* rows(x: Tracer): IterableIterator<Tracer> {
  if (x.ndim === 0) throw new ShapeError("iterator: a scalar has no axis to go along");
  for (let i = 0; i < x.shape[0]!; i++) yield getIndex(x, i);
}

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
    neg: negative, pow: power, sum, prod, mean, min, max, all, any, var_, std, argmax, argmin, cumsum, cumprod, transpose, reshape,
    flatten: ravel, ravel, squeeze, astype, view, diagonal, sort, argsort, dot, clip, round, take, slice: getIndex, at: atIndex,
  }; // prettier-ignore
  ({ ...binary, ...others }) satisfies Record<Exclude<keyof FluentMethods, "T" | symbol>, unknown>;
  const define = (name: string | symbol, value: unknown): void => {
    Object.defineProperty(prototype, name, { value, writable: true, configurable: true, enumerable: false });
  };
  for (const [name, f] of Object.entries(binary)) define(name, binaryMethod(f));
  for (const [name, f] of Object.entries(others)) define(name, methodOf(f as never));
  define(Symbol.iterator, methodOf(rows));
  Object.defineProperty(prototype, "T", {
    get(this: Tracer) {
      return transpose(this);
    },
    configurable: true,
  });
}
