/** Reverse-mode differentiation as a function: the value, and the map from cotangents to cotangents. */
import { checkOptions } from "../base/option-names";
import { isFloat } from "../aval/dtype";
import { DTypeError, ShapeError, TreeMismatchError } from "../base/errors";
import { type Scope, closeScope, currentScope, withScope } from "../core/interpreter";
import type { Tangent } from "../core/primitive";
import { Literal, type Tracer } from "../core/tracer";
import { convertElementType } from "../ops/convert";
import { zerosLike } from "../ops/broadcast";
import { unflatten } from "../tree/flatten";
import { explainMismatch } from "../tree/index";
import { type AnyFunction, flattenArgs, release } from "./arguments";
import type { AuxOptions } from "./jvp";
import { linearizeFlat, ownedFunction } from "./linearize";

/** Cotangents that fit the results; scalars given as JS numbers take the result's dtype. */
function checkCotangents(cts: readonly Tracer[], outs: readonly Tracer[]): Tangent[] {
  return cts.map((ct, i) => {
    const out = outs[i]!;
    if (!isFloat(out.dtype)) return null;
    if (ct.shape.length !== out.shape.length || ct.shape.some((n, k) => n !== out.shape[k])) {
      throw new ShapeError(`vjp: a cotangent must have the shape of the result, got ${ct.aval} for ${out.aval}`);
    }
    if (ct.dtype === out.dtype) return ct;
    if (ct instanceof Literal || ct.weakType) return convertElementType(ct, out.dtype);
    throw new DTypeError(`vjp: a cotangent must have the dtype of the result, got ${ct.aval} for ${out.aval}`);
  });
}

/**
 * Value of f at `primals`, and the function from cotangents of the result to a list of cotangents, one for each primal.
 *
 * Returns `[out, vjpFn]`, with `aux` third if `hasAux`. `vjpFn` may be called many times; `vjpFn.dispose()` frees what it
 * keeps.
 * Errors: TreeMismatchError, ShapeError, DTypeError if a cotangent does not fit.
 * @example
 * const [y, vjpFn] = vjp((x) => x.mul(x), [np.array(3)]);
 * vjpFn(np.array(1))[0].item(); // => 6
 * vjpFn.dispose();
 */
// eslint-disable-next-line @typescript-eslint/no-explicit-any -- results are as deep as the user's function
export function vjp(f: AnyFunction, primals: readonly unknown[], options: AuxOptions = {}): any {
  checkOptions("vjp", options, { hasAux: true });
  const [xs, inTree] = flattenArgs("vjp", primals);
  const { outs, outTree, aux, map, differentiated } = linearizeFlat("vjp", f, inTree, xs, options.hasAux ?? false);
  const avals = outs.map((y) => y.aval);
  const vjpFn = (ct: unknown): unknown => {
    const [[...cts], tree] = flattenArgs("vjp", [ct]);
    const [ctTree] = tree.childTreedefs;
    if (!ctTree!.equals(outTree))
      throw new TreeMismatchError(explainMismatch("vjp (cotangents)", unflatten(outTree, avals), ct));
    const made: Scope = new Set();
    try {
      const back = withScope(made, () => {
        const fits = checkCotangents(
          cts,
          avals.map((aval) => ({ aval, shape: aval.shape, dtype: aval.dtype }) as unknown as Tracer),
        );
        return map.backward(fits);
      });
      const outer = currentScope();
      for (const b of back) if (made.delete(b)) outer?.add(b);
      let next = 0;
      const all = differentiated.map((d, i) => (d ? back[next++]! : release([zerosLike(xs[i]!)], new Set())[0]!));
      return unflatten(inTree, all);
    } finally {
      closeScope(made, new Set());
    }
  };
  const owned = ownedFunction(vjpFn, () => map.dispose());
  const out = unflatten(outTree, outs);
  return options.hasAux ? [out, owned, aux] : [out, owned];
}
