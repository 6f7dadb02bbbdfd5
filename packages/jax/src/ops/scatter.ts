/** Scatter with XLA's dimension numbers. Updates are applied in order, so the last of equal indices wins. */
import { needObject } from "../base/needed";
import { isInteger } from "../aval/dtype";
import type { Aval } from "../aval/shaped-array";
import { DTypeError, ShapeError } from "../base/errors";
import { prod, range, without } from "../base/list";
import { bind1 } from "../core/interpreter";
import type { Derivative, Primitive } from "../core/primitive";
import type { Tracer } from "../core/tracer";
import type { ScatterExpr } from "../kernel/expr";
import { exprScatter } from "../kernel/expr-build";
import { div, max, mul } from "./arith";
import { broadcastInDim, full, iota, onesLike, zerosLike } from "./broadcast";
import { eq } from "./compare";
import { convertElementType, copy } from "./convert";
import { type GatherMode, gather } from "./gather";
import { reshape } from "./reshape";
import { where } from "./select";
import { moveaxis } from "./transpose";

/** See https://openxla.org/xla/operation_semantics#scatter. */
export interface ScatterDimensionNumbers {
  readonly updateWindowDims: readonly number[];
  readonly insertedWindowDims: readonly number[];
  readonly scatterDimsToOperandDims: readonly number[];
  readonly operandBatchingDims?: readonly number[];
  readonly scatterIndicesBatchingDims?: readonly number[];
}

interface ScatterParams {
  readonly dimensionNumbers: Required<ScatterDimensionNumbers>;
  readonly mode: GatherMode;
}

/** Window sizes in all axes of the operand. */
function windowSizes(operand: Aval, updates: Aval, d: Required<ScatterDimensionNumbers>): number[] {
  let w = 0;
  return operand.shape.map((_, i) =>
    d.insertedWindowDims.includes(i) || d.operandBatchingDims.includes(i)
      ? 1
      : updates.shape[d.updateWindowDims[w++]!]!,
  );
}

/** The elements that the updates went to. */
function gatherBack(x: Tracer, indices: Tracer, updates: Aval, { dimensionNumbers: d, mode }: ScatterParams): Tracer {
  const dims = {
    offsetDims: d.updateWindowDims,
    collapsedSliceDims: d.insertedWindowDims,
    startIndexMap: d.scatterDimsToOperandDims,
    operandBatchingDims: d.operandBatchingDims,
    startIndicesBatchingDims: d.scatterIndicesBatchingDims,
  };
  return gather(x, indices, dims, windowSizes(x.aval, updates, d), mode);
}

function scatterRecord(
  name: string,
  combine: ScatterExpr["combine"],
  derivative: Derivative<ScatterParams, 3>,
): Primitive<ScatterParams, 3> {
  const record: Primitive<ScatterParams, 3> = {
    name,
    derivative,
    type([operand, indices, updates], { dimensionNumbers: d }) {
      if (!isInteger(indices.dtype)) throw new DTypeError(`${name}: indices must be integers, got ${indices}`);
      if (operand.dtype !== updates.dtype)
        throw new DTypeError(`${name}: dtypes must be equal, got ${operand} and updates ${updates}`);
      const batch = without(updates.shape, d.updateWindowDims);
      const wanted = indices.shape.slice(0, -1);
      if (batch.length !== wanted.length || batch.some((n, i) => n !== wanted[i])) {
        throw new ShapeError(
          `${name}: updates ${updates} do not fit indices ${indices}; expected batch axes [${wanted.join(",")}]`,
        );
      }
      if (indices.shape[indices.ndim - 1] !== d.scatterDimsToOperandDims.length) {
        throw new ShapeError(
          `${name}: the last axis of indices ${indices} must have ${d.scatterDimsToOperandDims.length} components`,
        );
      }
      if (windowSizes(operand, updates, d).some((n, i) => n > operand.shape[i]!)) {
        throw new ShapeError(`${name}: windows of updates ${updates} are larger than ${operand}`);
      }
      return [operand];
    },
    batch([operand, indices, updates], [od, id, ud], size, { dimensionNumbers: d, mode }) {
      const up = (axes: readonly number[]): number[] => axes.map((a) => a + 1);
      const front = (x: Tracer, dim: number | null): Tracer =>
        dim === null ? broadcastInDim(x, [size, ...x.shape], range(1, x.ndim + 1)) : moveaxis(x, dim, 0);
      const x = front(operand, od);
      const u = front(updates, ud);
      if (id === null) {
        // The batch axis is one more axis of the window.
        const dims = {
          updateWindowDims: [0, ...up(d.updateWindowDims)],
          insertedWindowDims: up(d.insertedWindowDims),
          scatterDimsToOperandDims: up(d.scatterDimsToOperandDims),
          operandBatchingDims: up(d.operandBatchingDims),
          scatterIndicesBatchingDims: d.scatterIndicesBatchingDims,
        };
        return [[bind1(record, [x, indices, u], { dimensionNumbers: dims, mode })], [0]];
      }
      const dims = {
        updateWindowDims: up(d.updateWindowDims),
        insertedWindowDims: up(d.insertedWindowDims),
        scatterDimsToOperandDims: up(d.scatterDimsToOperandDims),
        operandBatchingDims: [0, ...up(d.operandBatchingDims)],
        scatterIndicesBatchingDims: [0, ...up(d.scatterIndicesBatchingDims)],
      };
      return [[bind1(record, [x, moveaxis(indices, id, 0), u], { dimensionNumbers: dims, mode })], [0]];
    },
    lower: ([operand, indices, updates], _avals, { dimensionNumbers: d, mode }) => [
      exprScatter({
        combine,
        operand,
        indices,
        updates,
        updateWindowDims: d.updateWindowDims,
        insertedWindowDims: d.insertedWindowDims,
        operandBatchingDims: d.operandBatchingDims,
        indicesBatchingDims: d.scatterIndicesBatchingDims,
        scatterDimsToOperandDims: d.scatterDimsToOperandDims,
        mode,
      }),
    ],
  };
  return record;
}

const linearInOperandAndUpdates = (): boolean[] => [true, false, true];

export const scatter_add_p: Primitive<ScatterParams, 3> = /* @__PURE__ */ scatterRecord("scatter_add", "add", {
  kind: "partly-linear",
  linear: linearInOperandAndUpdates,
  transpose: ([ct], [, indices], [, , updates], params) => [ct!, null, gatherBack(ct!, indices!, updates, params)],
});

export const scatter_p: Primitive<ScatterParams, 3> = /* @__PURE__ */ scatterRecord("scatter", "set", {
  kind: "partly-linear",
  linear: linearInOperandAndUpdates,
  transpose([ct], [, indices], [operand, , updates], params) {
    const covered = bind1(scatter_p, [ct!, indices!, zerosLike(updates)], params);
    // Of updates to one place only the last took effect.
    const n = prod(updates.shape);
    const ids = reshape(iota("int32", [n], 0), updates.shape);
    const winners = bind1(scatter_p, [full(operand.shape, -1, "int32"), indices!, ids], params);
    const won = eq(gatherBack(winners, indices!, updates, params), ids);
    const back = gatherBack(ct!, indices!, updates, params);
    return [covered, null, where(won, back, zerosLike(back))];
  },
});

export const scatter_mul_p: Primitive<ScatterParams, 3> = /* @__PURE__ */ scatterRecord("scatter_mul", "mul", {
  kind: "refused",
  because:
    "the product depends on all updates to a place; if no place is named twice, x.at(index).multiply(y, { uniqueIndices: true }) has one",
});

/** As reduce_max: what won shares the derivative equally among itself, the old element included. */
function extreme(name: string, combine: "min" | "max"): Primitive<ScatterParams, 3> {
  const record: Primitive<ScatterParams, 3> = scatterRecord(name, combine, {
    kind: "jvp",
    jvp([operand, indices, updates], [dx, , du], params) {
      const out = bind1(record, [operand, indices, updates], params);
      const inRange = { ...params, mode: "clip" } as const; // scatter drops what is not
      const back = (x: Tracer): Tracer => gatherBack(x, indices, updates.aval, inRange);
      const add = (x: Tracer, u: Tracer): Tracer => bind1(scatter_add_p, [x, indices, u], params);
      const kept = convertElementType(eq(operand, out), out.dtype);
      const won = convertElementType(eq(updates, back(out)), out.dtype);
      const share = div(onesLike(out), max(add(kept, won), onesLike(out)));
      const x = dx === null ? zerosLike(out) : mul(dx, mul(kept, share));
      return [[out], [du === null ? x : add(x, mul(du, mul(won, back(share))))]];
    },
  });
  return record;
}
export const scatter_min_p = /* @__PURE__ */ extreme("scatter_min", "min");
export const scatter_max_p = /* @__PURE__ */ extreme("scatter_max", "max");

function scatterWith(record: Primitive<ScatterParams, 3>) {
  return (
    operand: Tracer,
    indices: Tracer,
    updates: Tracer,
    dimensionNumbers: ScatterDimensionNumbers,
    mode: GatherMode = "fill",
  ): Tracer => {
    const {
      operandBatchingDims = [],
      scatterIndicesBatchingDims = [],
      ...rest
    } = needObject(record.name, "dimensionNumbers", dimensionNumbers);
    if (operand.size === 0) return copy(operand);
    return bind1(record, [operand, indices, updates], {
      dimensionNumbers: { ...rest, operandBatchingDims, scatterIndicesBatchingDims },
      mode,
    });
  };
}

/** Operand with windows replaced by updates. Out-of-range windows are dropped unless the mode is "clip". */
export const scatter = /* @__PURE__ */ scatterWith(scatter_p);
/** Operand with updates added to windows. */
export const scatterAdd = /* @__PURE__ */ scatterWith(scatter_add_p);
/** Operand with windows multiplied by updates. */
export const scatterMul = /* @__PURE__ */ scatterWith(scatter_mul_p);
/** Operand with the lesser of window and update. */
export const scatterMin = /* @__PURE__ */ scatterWith(scatter_min_p);
/** Operand with the greater of window and update. */
export const scatterMax = /* @__PURE__ */ scatterWith(scatter_max_p);
