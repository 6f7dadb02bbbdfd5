/**
 * Kernels count in int32. Arrays of more elements than that may exist, as views of smaller ones, but nothing that goes
 * over them one by one is compiled: its indices would wrap.
 */
import type { BufferSpec } from "../kernel/program";
import type { Expr } from "../kernel/expr";
import { ShapeError } from "../base/errors";
import { prod } from "../base/list";

/** Loops step up to a block beyond their end. */
const MOST = 2 ** 31 - 2 ** 24;

/** Throws ShapeError if an expression of a program counts further than kernels do. */
export function checkCounts(name: string, order: readonly Expr[]): void {
  for (const x of order) {
    const { shape } = x;
    if (shape.some((n) => n > MOST)) tooMany(name, shape);
    switch (x.kind) {
      case "view":
        // Goes by the place in the whole array.
        if (x.view.op === "reshape" && prod(shape) > MOST) tooMany(name, shape);
        break;
      case "reduce":
        if (prod(x.axes.map((axis) => x.x.shape[axis]!)) > MOST) tooMany(name, x.x.shape);
        break;
      case "contract":
        if (prod(x.lhsContract.map((axis) => x.lhs.shape[axis]!)) > MOST) tooMany(name, x.lhs.shape);
        break;
      case "project":
        if (x.of.kind === "scan" && x.of.length > MOST) tooMany(name, [x.of.length]);
    }
  }
}

/** As `checkCounts`, for what is put in memory. */
export function checkBuffers(name: string, buffers: readonly BufferSpec[]): void {
  for (const { length } of buffers) if (length > MOST) tooMany(name, [length]);
}

function tooMany(name: string, shape: readonly number[]): never {
  throw new ShapeError(
    `${name}: cannot go over the ${prod(shape)} elements of [${shape.join(",")}], at most ${MOST} can be counted; ` +
      `compute parts of them, and combine the results`,
  );
}
