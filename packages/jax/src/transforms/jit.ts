/** Compilation: a function traced once for each signature, run as one program. */
import type { Aval } from "../aval/shaped-array";
import { JaxError } from "../base/errors";
import { checkOptionNames } from "../base/option-names";
import { sameValue } from "../base/structural";
import { boundAxes } from "../core/axes";
import { bind, currentTrace } from "../core/interpreter";
import { Tracer } from "../core/tracer";
import { flattenAs, flattenInto, unflatten } from "../tree/flatten";
import { dispose as disposeTree } from "../tree/index";
import { type AnyFunction, flattenArgs, leafToTracer, pathOf, needFunction } from "./arguments";
import { type Entry, type Signature, forget, isConcrete, matchAvals, traceEntry } from "./jit-entry";
import { jit_p } from "./jit-primitive";
import { type OwnedFunction, ownedFunction } from "./linearize";
import { type Lowered, lowered } from "./lowered";
import { ShapeDtypeStruct } from "./make-jaxpr";
import { plainMode } from "./plain-mode";
import { cacheGeneration, programs } from "./programs";

export { type JitParams, jitParams, jit_p } from "./jit-primitive";

export interface JitOptions {
  /** Arguments that are constants of the program: any JS values, compared with `Object.is`, or by content if plain. */
  readonly staticArgnums?: number | readonly number[];
  /** Arguments whose arrays are disposed when a call is done. Inside a transformation nothing is. */
  readonly donateArgnums?: number | readonly number[];
}

/** A compiled function. */
export type JitFunction<F extends AnyFunction> = OwnedFunction<F> & {
  /**
   * As the call itself, but this thread is free while the program runs, so that a page goes on drawing and listening: on
   * wasm a worker runs it where memory is shared, else this thread does, and the event loop turns between kernels.
   *
   * f is traced and compiled before this returns, and memory is taken for the results. Calls are run in their order;
   * arguments may be disposed once it has returned, and those that are donated are. Errors reject the promise.
   */
  async(...args: Parameters<F>): Promise<ReturnType<F>>;
  /** Traces for arguments like these (arrays, numbers, or ShapeDtypeStruct) without running. */
  lower(...args: unknown[]): Lowered;
  /** Forgets what was traced and compiled; the function can be called again. */
  clearCache(): void;
};

const MAX_ENTRIES = 256;

interface Found {
  readonly entry: Entry;
  readonly tracers: Tracer[];
  /** The program captured tracers of a transformation in progress: it is good for this call only. */
  readonly once: boolean;
}

/**
 * Compiles f: the first call with new shapes and dtypes traces it, later calls run one program.
 *
 * `f` must be pure; JS numbers and booleans among the arguments are traced as scalars. `dispose()` frees compiled
 * programs and captured arrays.
 * Errors: ConcretizationError if f asks for the value of a traced array.
 * @example
 * const f = jit((x) => np.sin(x));
 * f(np.array([0])).js(); // => [0]
 * (await f.async(np.array([0]))).js(); // => [0]
 * f.lower(new ShapeDtypeStruct([3], "float32")).asText(); // => "{ lambda ; a:f32[3]. let b:f32[3] = sin a in (b,) }"
 * f.dispose();
 */
export function jit<F extends AnyFunction>(f: F, options: JitOptions = {}): JitFunction<F> {
  needFunction("jit", f);
  checkOptionNames(options, ["staticArgnums", "donateArgnums"], "jit");
  const staticNumbers = listOf(options.staticArgnums);
  const donated = listOf(options.donateArgnums);
  if (donated.some((i) => staticNumbers.includes(i))) {
    throw new JaxError(`jit: an argument cannot be static and donated, got [${staticNumbers}] and [${donated}]`);
  }
  const hasNegative = staticNumbers.some((i) => i < 0);
  let entries: Entry[] = [];
  let generation = cacheGeneration();
  const leaves: unknown[] = [];

  const clearCache = (): void => {
    entries.forEach(forget);
    entries = [];
    generation = cacheGeneration();
  };

  const find = (dynamic: readonly unknown[], staticValues: readonly unknown[]): Found | null => {
    if (generation !== cacheGeneration()) clearCache();
    const axes = boundAxes();
    for (let e = entries.length - 1; e >= 0; e--) {
      const entry = entries[e]!;
      if (entry.axes !== axes) continue;
      leaves.length = 0;
      if (!flattenAs(dynamic, entry.inTree, leaves)) continue;
      if (!staticValues.every((s, i) => sameValue(s, entry.statics[i]))) continue;
      const tracers = matchAvals(leaves, entry.avals);
      if (tracers === null) continue;
      if (e !== entries.length - 1) {
        entries.splice(e, 1);
        entries.push(entry);
      }
      return { entry, tracers, once: false };
    }
    return null;
  };

  const keep = (entry: Entry): void => {
    if (entries.length >= MAX_ENTRIES) forget(entries.shift()!);
    entries.push(entry);
  };

  const signatureOf = (args: readonly unknown[]): Signature => {
    const statics = hasNegative ? staticNumbers.map((i) => (i < 0 ? i + args.length : i)) : staticNumbers;
    return { statics, staticValues: statics.length === 0 ? statics : statics.map((i) => args[i]), nArgs: args.length };
  };

  const prepare = (args: readonly unknown[]): Found => {
    const signature = signatureOf(args);
    const { statics, staticValues } = signature;
    const dynamic = statics.length === 0 ? args : args.filter((_, i) => !statics.includes(i));
    const found = find(dynamic, staticValues);
    if (found !== null) return found;
    const [tracers, inTree] = flattenArgs("jit", dynamic);
    const entry = traceEntry(
      f,
      inTree,
      tracers.map((x) => x.aval),
      signature,
    );
    const once = !entry.consts.every(isConcrete);
    if (!once) keep(entry);
    return { entry, tracers, once };
  };

  const call = (...args: unknown[]): unknown => {
    const plain = plainMode();
    if (plain !== null) return plain.call(f, args, signatureOf(args).statics);
    const { entry, tracers, once } = prepare(args);
    const operands = entry.consts.length === 0 ? tracers : [...entry.consts, ...tracers];
    const outs = bind(jit_p, operands, entry.params);
    if (once) for (const c of entry.consts) c[Symbol.dispose]();
    donate(donated, args);
    return unflatten(entry.outTree, outs);
  };

  const callAsync = async (...args: unknown[]): Promise<unknown> => {
    if (currentTrace().parent !== null) {
      throw new JaxError("jit: async was called inside a transformation, which cannot wait; call the function itself");
    }
    if (plainMode() !== null) return call(...args);
    const { entry, tracers } = prepare(args);
    const running = programs().runAsync(jit_p, [...entry.consts, ...tracers], entry.params);
    donate(donated, args);
    return unflatten(entry.outTree, await running);
  };

  const lower = (...args: unknown[]): Lowered => {
    const signature = signatureOf(args);
    const dynamic = args.filter((_, i) => !signature.statics.includes(i));
    const flat: unknown[] = [];
    const inTree = flattenInto(dynamic, flat);
    const avals = flat.map((leaf, i) => avalOf(leaf, () => `argument ${pathOf(dynamic, i)}`));
    if (generation !== cacheGeneration()) clearCache();
    const same = (e: Entry): boolean =>
      e.axes === boundAxes() &&
      e.inTree.equals(inTree) &&
      e.avals.every((a, i) => a === avals[i]) &&
      signature.staticValues.every((v, i) => sameValue(v, e.statics[i]));
    let entry = entries.find(same);
    if (entry === undefined) {
      entry = traceEntry(f, inTree, avals, signature);
      if (!entry.consts.every(isConcrete)) {
        forget(entry);
        throw new JaxError("lower: the function captured a value that is being traced; pass it as an argument");
      }
      keep(entry);
    }
    const array = [...flat, ...entry.consts].find((x): x is Tracer => x instanceof Tracer && isConcrete(x));
    const positions = args.map((_, i) => i).filter((i) => !signature.statics.includes(i));
    const given = donated.map((i) => positions.indexOf(i < 0 ? i + args.length : i));
    return lowered(entry, array === undefined ? null : array.device, (xs) => donate(given, xs));
  };

  const named = Object.defineProperty(call, "name", { value: f.name }) as unknown as F;
  const whole = ownedFunction(named, clearCache);
  return Object.assign(whole, { async: callAsync, lower, clearCache }) as unknown as JitFunction<F>;
}

const listOf = (numbers: number | readonly number[] | undefined): readonly number[] =>
  typeof numbers === "number" ? [numbers] : (numbers ?? []);

/** At the bottom alone: what traces record may be used again. */
function donate(numbers: readonly number[], args: readonly unknown[]): void {
  if (numbers.length === 0 || currentTrace().parent !== null) return;
  disposeTree(numbers.map((i) => args[i < 0 ? i + args.length : i]));
}

function avalOf(leaf: unknown, where: () => string): Aval {
  return leaf instanceof ShapeDtypeStruct ? leaf.aval : leafToTracer("lower", leaf, where).aval;
}
