/** Library functions of several operations that are one program each where they are called on arrays. */
import { type Aval, ShapedArray } from "../aval/shaped-array";
import { copyValue, sameValue } from "../base/structural";
import { bind, currentTrace } from "../core/interpreter";
import { Literal, Tracer } from "../core/tracer";
import { flattenInto } from "../tree/flatten";
import { type Entry, forget, traceEntry } from "./jit-entry";
import { jit_p } from "./jit-primitive";
import { cacheGeneration } from "./programs";

type Library = (...args: never[]) => Tracer | readonly Tracer[];

/** A program, and the arguments that it is for: the avals of arrays, and settings. None if it would hold arrays of its own. */
interface Known {
  readonly args: readonly unknown[];
  readonly entry: Entry | null;
}

const MAX_KNOWN = 256;

/**
 * As f, whose arguments are arrays, and settings that are plain values, and which gives an array or a list of them.
 * Called on arrays outside of transformations it is one program for each setting, which is compiled for all sizes; with
 * other arguments, and in transformations, its operations are done one by one, or recorded. A number that is often another
 * one is no setting: a program is made for each. It can be a literal.
 */
export function eagerProgram<F extends Library>(f: F): F {
  const known: Known[] = [];
  let generation = 0;
  const find = (args: readonly unknown[]): Known | null => {
    if (generation !== cacheGeneration()) {
      generation = cacheGeneration();
      known.splice(0).forEach(drop);
    }
    for (let i = known.length - 1; i >= 0; i--) {
      const one = known[i]!;
      if (!fits(args, one.args)) continue;
      if (i < known.length - 1) known.push(...known.splice(i, 1));
      return one;
    }
    return null;
  };
  const make = (args: readonly unknown[]): Known => {
    const statics = args.flatMap((x, i) => (x instanceof Tracer ? [] : [i]));
    const signature = { statics, staticValues: statics.map((i) => args[i]), nArgs: args.length };
    const arrays = arraysOf(args);
    const inTree = flattenInto(arrays, []);
    const traced = traceEntry(f, inTree, arrays.map(avalOf), signature, true);
    const hasArrays = traced.consts.length > 0;
    if (hasArrays) forget(traced);
    if (known.length === MAX_KNOWN) drop(known.shift()!);
    const one = {
      args: args.map((x) => (x instanceof Tracer ? x.aval : copyValue(x))),
      entry: hasArrays ? null : traced,
    };
    known.push(one);
    return one;
  };
  const call = (...args: unknown[]): Tracer | readonly Tracer[] => {
    if (currentTrace().parent !== null) return f(...(args as never[]));
    const entry = (find(args) ?? (isProgram(args) ? make(args) : null))?.entry ?? null;
    if (entry === null) return f(...(args as never[]));
    const outs = bind(jit_p, arraysOf(args), entry.params);
    return entry.outTree.nodeType === "Leaf" ? outs[0]! : outs;
  };
  return Object.defineProperty(call, "name", { value: f.name }) as unknown as F;
}

const drop = ({ entry }: Known): void => void (entry && forget(entry));

const avalOf = (x: Tracer): Aval => x.aval;

function arraysOf(args: readonly unknown[]): Tracer[] {
  const out: Tracer[] = [];
  for (let i = 0; i < args.length; i++) if (args[i] instanceof Tracer) out.push(args[i] as Tracer);
  return out;
}

function fits(args: readonly unknown[], wanted: readonly unknown[]): boolean {
  if (args.length !== wanted.length) return false;
  for (let i = 0; i < args.length; i++) {
    const x = args[i];
    const want = wanted[i];
    if (want instanceof ShapedArray ? !(x instanceof Tracer) || x.aval !== want : !sameValue(want, x)) return false;
  }
  return true;
}

/** There is an array, and what is none is plain. */
function isProgram(args: readonly unknown[]): boolean {
  return args.some((x) => x instanceof Tracer && !(x instanceof Literal)) && args.every((x) => isPlain(x));
}

/** A setting that is the same whenever it looks the same, or an array. */
function isPlain(x: unknown): boolean {
  if (typeof x !== "object" || x === null) return typeof x !== "function";
  if (x instanceof Tracer) return true;
  if (Array.isArray(x)) return x.every(isSetting);
  return Object.getPrototypeOf(x) === Object.prototype && Object.values(x).every(isSetting);
}

const isSetting = (x: unknown): boolean => !(x instanceof Tracer) && isPlain(x);
