/** A jitted function for one signature: looked at as a Jaxpr, and compiled before it is called. */
import { DTypeError, ShapeError, TreeMismatchError } from "../base/errors";
import { bind } from "../core/interpreter";
import { Literal, type Tracer } from "../core/tracer";
import type { Jaxpr } from "../jaxpr/jaxpr";
import type { DeviceName } from "../kernel/device";
import { convertElementType } from "../ops/convert";
import { unflatten } from "../tree/flatten";
import type { JsTreeDef } from "../tree/treedef";
import { flattenArgs, pathOf } from "./arguments";
import { jit_p } from "./jit-primitive";
import type { Entry } from "./jit-entry";
import { programs } from "./programs";

/** What `f.lower(...)` gives. It belongs to f, whose `dispose()` frees it. */
export interface Lowered {
  /** The program; captured arrays are its leading inputs. */
  readonly jaxpr: Jaxpr;
  /** Structures of the arguments that are not static, and of the results. */
  readonly inTree: JsTreeDef;
  readonly outTree: JsTreeDef;
  /** The Jaxpr as text. */
  asText(): string;
  /** Compiles for the device of the arguments or captured arrays, else for the default one. */
  compile(): Compiled;
}

/**
 * A function of the arguments that are not static, compiled for one signature. JS numbers take the dtype compiled for.
 *
 * Errors: TreeMismatchError, ShapeError, DTypeError for arguments of another signature.
 */
export interface Compiled {
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- results are as deep as the user's function
  (...args: any[]): any;
  readonly inTree: JsTreeDef;
  readonly outTree: JsTreeDef;
  /** Generated code of the kernels. */
  asText(): string;
}

export function lowered(entry: Entry, device: DeviceName | null, donate: (args: readonly unknown[]) => void): Lowered {
  const { inTree, outTree, params } = entry;
  return {
    jaxpr: params.jaxpr,
    inTree,
    outTree,
    asText: () => params.jaxpr.toString(),
    compile: () => compiled(entry, device, donate),
  };
}

function compiled(entry: Entry, device: DeviceName | null, donate: (args: readonly unknown[]) => void): Compiled {
  const { inTree, outTree, params } = entry;
  const program = programs().compile(jit_p, params, params.jaxpr.inAvals, device);
  const call = (...args: unknown[]): unknown => {
    const [xs, tree] = flattenArgs("compiled", args);
    if (!tree.equals(inTree)) {
      throw new TreeMismatchError(`compiled: the function was compiled for arguments ${inTree}, got ${tree}`);
    }
    const outs = bind(jit_p, [...entry.consts, ...xs.map((x, i) => fitted(x, i, entry, args))], params);
    donate(args);
    return unflatten(outTree, outs);
  };
  return Object.assign(call, { inTree, outTree, asText: () => program.text() });
}

function fitted(x: Tracer, i: number, { avals }: Entry, args: readonly unknown[]): Tracer {
  const wanted = avals[i]!;
  const fits = x.ndim === wanted.ndim && x.shape.every((n, k) => n === wanted.shape[k]);
  if (fits && x.dtype === wanted.dtype) return x;
  if (fits && x instanceof Literal && x.weakType) return convertElementType(x, wanted.dtype);
  const Kind = fits ? DTypeError : ShapeError;
  throw new Kind(`compiled: argument ${pathOf(args, i)} is ${x.aval}; expected ${wanted}, as it was compiled for`);
}
