/** Expressions that are only another strided view of something in memory. */
import { contiguousStrides, prod } from "../base/list";
import type { Expr } from "../kernel/expr";

/** Element [i, j, ...] is at offset + the dot product of the index and the strides in what `base` occupies. */
export interface Affine {
  readonly base: Expr;
  readonly offset: number;
  readonly strides: readonly number[];
}

/**
 * The expression as strides over an input or a node that is in memory; null if it is no such view. `stridesOf` gives
 * the strides of a node in memory, null for one that is not.
 */
export function affineOf(x: Expr, stridesOf: (x: Expr) => readonly number[] | null): Affine | null {
  const own = stridesOf(x);
  if (own !== null) return { base: x, offset: 0, strides: own };
  if (x.kind !== "view") return null;
  const inner = affineOf(x.x, stridesOf);
  if (inner === null) return null;
  const { base, offset, strides } = inner;
  const from = x.x.shape;
  switch (x.view.op) {
    case "permute":
      return { base, offset, strides: x.view.perm.map((p) => strides[p]!) };
    case "broadcast": {
      const out = new Array<number>(x.shape.length).fill(0);
      x.view.dims.forEach((d, i) => (out[d] = from[i] === 1 ? 0 : strides[i]!));
      return { base, offset, strides: out };
    }
    case "slice": {
      const { starts, strides: steps } = x.view;
      if (prod(x.shape) === 0) return { base, offset, strides };
      return {
        base,
        offset: starts.reduce((sum, s, i) => sum + s * strides[i]!, offset),
        strides: steps.map((s, i) => s * strides[i]!),
      };
    }
    case "window": {
      const { nLead, strides: steps, dilation } = x.view;
      const spatial = strides.slice(nLead);
      return {
        base,
        offset,
        strides: [
          ...strides.slice(0, nLead),
          ...spatial.map((s, i) => s * steps[i]!),
          ...spatial.map((s, i) => s * dilation[i]!),
        ],
      };
    }
    case "reshape": {
      const out = reshapeStrides(from, strides, x.shape);
      return out === null ? null : { base, offset, strides: out };
    }
    default:
      x.view satisfies never;
      return null;
  }
}

/** Strides after a reshape without a copy; null if there are none. */
export function reshapeStrides(
  from: readonly number[],
  strides: readonly number[],
  to: readonly number[],
): number[] | null {
  if (prod(to) === 0 || prod(to) === 1) return contiguousStrides(to);
  // Axes of size 1 do not matter; neighbours are taken together until both sides have the same size.
  const old = from.map((n, i) => [n, strides[i]!] as const).filter(([n]) => n !== 1);
  const out = new Array<number>(to.length).fill(0);
  let oi = 0;
  let ni = 0;
  while (ni < to.length) {
    if (to[ni] === 1) {
      ni++;
      continue;
    }
    const oStart = oi;
    const nStart = ni;
    let oSize = old[oi++]![0];
    let nSize = to[ni++]!;
    while (oSize !== nSize) {
      if (oSize < nSize) oSize *= old[oi++]![0];
      else nSize *= to[ni++]!;
    }
    for (let i = oStart; i + 1 < oi; i++) {
      if (old[i]![1] !== old[i + 1]![0] * old[i + 1]![1]) return null;
    }
    let step = old[oi - 1]![1];
    for (let i = ni - 1; i >= nStart; i--) {
      out[i] = step;
      step *= to[i]!;
    }
  }
  return out;
}

/** `out` as a strided view of one input, or null. */
export function affineView(
  out: Expr,
  inputStrides: readonly (readonly number[])[],
): { input: number; offset: number; strides: readonly number[] } | null {
  const affine = affineOf(out, (x) => (x.kind === "input" ? inputStrides[x.index]! : null));
  if (affine === null || affine.base.kind !== "input") return null;
  return { input: affine.base.index, offset: affine.offset, strides: affine.strides };
}
