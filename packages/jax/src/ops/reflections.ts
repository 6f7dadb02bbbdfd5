/** Matrices brought to simpler form by reflections, which are kept: results of LAPACK's geqrf, gehrd and sytrd. */
import { type Aval, ShapedArray } from "../aval/shaped-array";
import { ShapeError } from "../base/errors";
import { bind } from "../core/interpreter";
import type { Derivative, Primitive } from "../core/primitive";
import type { Tracer } from "../core/tracer";
import { type RoutineParams, matrixSizes, routineRecord, squareSizes } from "./routine";

const refused: Derivative<RoutineParams, 1> = {
  kind: "refused",
  because: "reflections are kept for products with them; differentiate qr, eigh or solve",
};

export const geqrf_p: Primitive<RoutineParams, 1> = /* @__PURE__ */ routineRecord<RoutineParams, 1>({
  name: "geqrf",
  routine: "geqrf",
  type([x]) {
    const [lead, m, n] = matrixSizes("geqrf", x);
    return [x, x.withShape([...lead, Math.min(m, n)]), ShapedArray.of([...lead, n], "int32")];
  },
  derivative: refused,
});

/** `[packed, taus, order]`: r on and above the diagonal of packed and reflections below, for the columns `x[:, order]`. */
export function geqrf(x: Tracer, pivoting = false): Tracer[] {
  return bind(geqrf_p, [x], { pivoting });
}

const lessOne = (lead: readonly number[], n: number): number[] => [...lead, Math.max(0, n - 1)];

export const hessenberg_p: Primitive<RoutineParams, 1> = /* @__PURE__ */ routineRecord<RoutineParams, 1>({
  name: "hessenberg",
  routine: "hessenberg",
  type([x]) {
    const [lead, n] = nonEmpty("hessenberg", x);
    return [x, x.withShape(lessOne(lead, n))];
  },
  derivative: refused,
});

/** `[packed, taus]`: the Hessenberg form, and below its subdiagonal the reflections that made it. */
export function hessenberg(x: Tracer): Tracer[] {
  return bind(hessenberg_p, [x], {});
}

export const tridiagonal_p: Primitive<RoutineParams, 1> = /* @__PURE__ */ routineRecord<RoutineParams, 1>({
  name: "tridiagonal",
  routine: "tridiagonal",
  type([x]) {
    const [lead, n] = nonEmpty("tridiagonal", x);
    return [x, x.withShape([...lead, n]), x.withShape(lessOne(lead, n)), x.withShape(lessOne(lead, n))];
  },
  derivative: refused,
});

/** `[packed, diagonal, off-diagonal, taus]` of symmetric matrices, of which the lower or the upper triangle is read. */
export function tridiagonal(x: Tracer, lower = true): Tracer[] {
  return bind(tridiagonal_p, [x], { lower });
}

function nonEmpty(name: string, x: Aval): [number[], number] {
  const [lead, n] = squareSizes(name, x);
  if (n === 0) throw new ShapeError(`${name}: the matrices must not be empty, got ${x}`);
  return [lead, n];
}
