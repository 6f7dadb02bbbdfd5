/** Blocks of fixed size at positions known at run time; positions are clamped so that the block fits. */
import { isInteger } from "../aval/dtype";
import type { Aval } from "../aval/shaped-array";
import { DTypeError, ShapeError } from "../base/errors";
import { range, needList } from "../base/list";
import { bind1 } from "../core/interpreter";
import type { BatchDim, Primitive } from "../core/primitive";
import { type Tracer, literal } from "../core/tracer";
import { type Expr } from "../kernel/expr";
import { exprCast, exprConcat, exprGather, exprReshape, exprScatter } from "../kernel/expr-build";
import { broadcastInDim, zerosLike } from "./broadcast";
import { concatenate } from "./concatenate";
import { convertElementType } from "./convert";
import { gather } from "./gather";
import { reshape } from "./reshape";
import { scatter } from "./scatter";
import { moveaxis } from "./transpose";

interface DynamicSliceParams {
  readonly sliceSizes: readonly number[];
}

function checkStarts(name: string, x: Aval, starts: readonly Aval[], sizes: readonly number[]): void {
  if (starts.length !== x.ndim)
    throw new ShapeError(`${name}: ${starts.length} start indices for the ${x.ndim} axes of ${x}`);
  const bad = starts.find((s) => s.ndim !== 0);
  if (bad !== undefined) throw new ShapeError(`${name}: start indices must be scalars, got ${bad}`);
  const wrong = starts.find((s) => !isInteger(s.dtype));
  if (wrong !== undefined) throw new DTypeError(`${name}: start indices must be integers, got ${wrong}`);
  if (sizes.length !== x.ndim || sizes.some((n, i) => n < 0 || n > x.shape[i]!)) {
    throw new ShapeError(`${name}: a block of [${sizes.join(",")}] does not fit in ${x}`);
  }
}

const indexVector = (starts: readonly Expr[]): Expr =>
  exprConcat(
    starts.map((s) => exprReshape(exprCast(s, "int32"), [1])),
    0,
  );

/** Start indices of a batch as one array [size, n]. */
function batchedStarts(starts: readonly Tracer[], dims: readonly BatchDim[], size: number): Tracer {
  const columns = starts.map((s, i) => {
    const wide = (dims[i] ?? null) === null ? broadcastInDim(s, [size], []) : s;
    return reshape(convertElementType(wide, "int32"), [size, 1]);
  });
  return concatenate(columns, 1);
}

export const dynamic_slice_p: Primitive<DynamicSliceParams> = {
  name: "dynamic_slice",
  type([x, ...starts]: readonly Aval[], { sliceSizes }) {
    checkStarts("dynamic_slice", x!, starts, sliceSizes);
    return [x!.withShape(sliceSizes)];
  },
  derivative: {
    kind: "partly-linear",
    linear: (xs: readonly Aval[]) => xs.map((_, i) => i === 0),
    transpose: ([ct], [, ...starts], [x]) => [
      dynamicUpdateSlice(zerosLike(x!), ct!, starts as Tracer[]),
      ...starts.map(() => null),
    ],
  },
  batch([x, ...starts]: readonly Tracer[], [xd, ...sd]: readonly BatchDim[], size, { sliceSizes }) {
    if (sd.every((d) => d === null)) {
      const out = dynamicSlice(moveaxis(x!, xd!, 0), [literal(0, "int32"), ...starts], [size, ...sliceSizes]);
      return [[out], [0]];
    }
    const n = starts.length;
    const batched = (xd ?? null) !== null;
    const up = batched ? 1 : 0;
    const dims = {
      offsetDims: range(1, n + 1),
      collapsedSliceDims: [],
      startIndexMap: range(up, n + up),
      operandBatchingDims: batched ? [0] : [],
      startIndicesBatchingDims: batched ? [0] : [],
    };
    const operand = batched ? moveaxis(x!, xd!, 0) : x!;
    const sizes = batched ? [1, ...sliceSizes] : sliceSizes;
    return [[gather(operand, batchedStarts(starts, sd, size), dims, sizes, "clip")], [0]];
  },
  lower: ([x, ...starts], _avals, { sliceSizes }) => {
    if (starts.length === 0) return [x!];
    const n = starts.length;
    return [
      exprGather({
        operand: x!,
        indices: indexVector(starts),
        shape: sliceSizes,
        offsetDims: range(n),
        collapsedSliceDims: [],
        operandBatchingDims: [],
        indicesBatchingDims: [],
        startIndexMap: range(n),
        sliceSizes,
        mode: "clip",
        fillValue: 0,
      }),
    ];
  },
};

export const dynamic_update_slice_p: Primitive = {
  name: "dynamic_update_slice",
  type([x, update, ...starts]: readonly Aval[]) {
    if (x!.dtype !== update!.dtype)
      throw new DTypeError(`dynamic_update_slice: dtypes must be equal, got ${x!} and update ${update!}`);
    checkStarts("dynamic_update_slice", x!, starts, update!.shape);
    return [x!];
  },
  derivative: {
    kind: "partly-linear",
    linear: (xs: readonly Aval[]) => xs.map((_, i) => i < 2),
    transpose([ct], [x, update, ...starts], avals) {
      const at = starts as Tracer[];
      const fromX = x === null ? dynamicUpdateSlice(ct!, zerosLike(avals[1]!), at) : null;
      const fromUpdate = update === null ? dynamicSlice(ct!, at, avals[1]!.shape) : null;
      return [fromX, fromUpdate, ...starts.map(() => null)];
    },
  },
  batch([x, update, ...starts]: readonly Tracer[], [xd, ud, ...sd]: readonly BatchDim[], size) {
    const front = (y: Tracer, d: BatchDim | undefined): Tracer =>
      (d ?? null) === null ? broadcastInDim(y, [size, ...y.shape], range(1, y.ndim + 1)) : moveaxis(y, d!, 0);
    const [operand, block] = [front(x!, xd), front(update!, ud)];
    if (sd.every((d) => d === null))
      return [[dynamicUpdateSlice(operand, block, [literal(0, "int32"), ...starts])], [0]];
    const n = starts.length;
    const dims = {
      updateWindowDims: range(1, n + 1),
      insertedWindowDims: [],
      scatterDimsToOperandDims: range(1, n + 1),
      operandBatchingDims: [0],
      scatterIndicesBatchingDims: [0],
    };
    return [[scatter(operand, batchedStarts(starts, sd, size), block, dims, "clip")], [0]];
  },
  lower: ([x, update, ...starts]) => {
    if (starts.length === 0) return [update!];
    return [
      exprScatter({
        combine: "set",
        operand: x!,
        indices: indexVector(starts),
        updates: update!,
        updateWindowDims: range(starts.length),
        insertedWindowDims: [],
        operandBatchingDims: [],
        indicesBatchingDims: [],
        scatterDimsToOperandDims: range(starts.length),
        mode: "clip",
      }),
    ];
  },
};

/** The block of `sliceSizes` at `starts` (integer scalars, one an axis). */
export function dynamicSlice(x: Tracer, starts: readonly Tracer[], sliceSizes: readonly number[]): Tracer {
  return bind1(dynamic_slice_p, [x, ...starts], { sliceSizes: [...needList("dynamicSlice", sliceSizes)] });
}

/** x with the block at `starts` replaced by `update`. */
export function dynamicUpdateSlice(x: Tracer, update: Tracer, starts: readonly Tracer[]): Tracer {
  return bind1(dynamic_update_slice_p, [x, update, ...starts], {});
}
