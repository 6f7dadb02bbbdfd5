/** Loops over axes, with pointers that move along. */
import type { Axis } from "../../kernel/program";
import type { Scalar } from "../../kernel/scalar";
import type { Func, Local } from "./assembler";
import { loadsOf } from "./loop-analysis";
import type { LoopEmitter } from "./loop-emitter";
import { hoist } from "./loop-hoist";
import type { Cursor } from "./loop-point";
import { sizeLog2 } from "./memory";

/** An address that code under a loop asks for. */
export interface Access {
  readonly buffer: number;
  readonly index: Scalar;
}

export function accessesOf(values: readonly Scalar[], stores: readonly Access[]): Access[] {
  return [...loadsOf([...values, ...stores.map((s) => s.index)]), ...stores];
}

/** Size of an axis: a number, or the parameter slot of a size-generic kernel. */
export function pushSize(e: LoopEmitter, axis: Axis): void {
  const slot = sizeParamOf(axis);
  if (slot === null) e.f.i32(axis.size);
  else e.f.get(e.params.get(slot)!);
}

/** Parameter slot of the size of an axis; null if it is a constant. */
export const sizeParamOf = (axis: Axis): number | null => axis.sizeParam ?? null;

export const isStatic = (axis: Axis): boolean => sizeParamOf(axis) === null;

/** Pointers, at the current value of the axis, for every access that is linear in it. */
export class Cursors {
  readonly map = new Map<Scalar, Map<number, Cursor>>();
  private readonly moves: { readonly local: Local; readonly step: number | Local }[] = [];
  private readonly f: Func;

  constructor(e: LoopEmitter, axis: Axis, accesses: readonly Access[]) {
    this.f = e.f;
    const strides = new Map<string, Local>();
    const firsts = firstsOf(accesses);
    for (const { buffer, index: own } of accesses) {
      if (this.map.get(own)?.get(buffer) !== undefined) continue;
      const { index, offset } = firsts.get(own)?.get(buffer) ?? { index: own, offset: 0 };
      const step = e.analysis.step(index, axis.id);
      if (step === null || step === 0) continue;
      if (e.lanes !== null && e.varies(index) && e.analysis.step(index, e.lanes.axis) === null) continue;
      const log2 = sizeLog2(e.dtypeOf(buffer));
      const offsetBytes = offset * 2 ** log2;
      const shared = this.map.get(index)?.get(buffer);
      if (shared !== undefined) {
        this.add(own, buffer, { local: shared.local, offsetBytes });
        continue;
      }
      const local = e.temp("i32");
      e.scoped(() => e.pushComputedAddress(buffer, index));
      e.f.set(local);
      this.add(index, buffer, { local, offsetBytes: 0 });
      this.add(own, buffer, { local, offsetBytes });
      let bytes: number | Local;
      if (typeof step === "number") bytes = step * 2 ** log2;
      else {
        const key = `${log2}:${step.tag === "param" ? step.slot : strides.size}`;
        let stride = strides.get(key);
        if (stride === undefined) {
          stride = e.temp("i32");
          e.push(step);
          e.f.i32(log2).op("i32.shl").set(stride);
          strides.set(key, stride);
        }
        bytes = stride;
      }
      this.moves.push({ local, step: bytes });
    }
  }

  private add(index: Scalar, buffer: number, cursor: Cursor): void {
    let byIndex = this.map.get(index);
    if (byIndex === undefined) this.map.set(index, (byIndex = new Map<number, Cursor>()));
    byIndex.set(buffer, cursor);
  }

  /** Moves all pointers on by `count` elements of the axis. */
  advance(count: number): void {
    for (const { local, step } of this.moves) {
      if (typeof step === "number") this.f.inc(local, step * count);
      else if (count === 1) this.f.inc(local, step);
      else this.f.get(local).get(step).i32(count).op("i32.mul").op("i32.add").set(local);
    }
  }
}

/** The access of smallest address among those of one buffer that are a constant apart, and how far it is. */
type Firsts = ReadonlyMap<Scalar, ReadonlyMap<number, { readonly index: Scalar; readonly offset: number }>>;

/** Guarded loads stay out: their addresses may lie outside of memory, where constants do not wrap around. */
function firstsOf(accesses: readonly Access[]): Firsts {
  const guarded = new Set(accesses.flatMap((a) => ("guard" in a && a.guard !== null ? [a.index] : [])));
  const open = accesses.filter((a) => !guarded.has(a.index));
  const least = new Map<number, Map<Scalar, { index: Scalar; constant: number }>>();
  for (const { buffer, index } of open) {
    const [rest, constant] = withoutConstant(index);
    let ofBuffer = least.get(buffer);
    if (ofBuffer === undefined) least.set(buffer, (ofBuffer = new Map<Scalar, { index: Scalar; constant: number }>()));
    const known = ofBuffer.get(rest);
    if (known === undefined || constant < known.constant) ofBuffer.set(rest, { index, constant });
  }
  const out = new Map<Scalar, Map<number, { index: Scalar; offset: number }>>();
  for (const { buffer, index } of open) {
    const [rest, constant] = withoutConstant(index);
    const first = least.get(buffer)!.get(rest)!;
    let ofIndex = out.get(index);
    if (ofIndex === undefined) out.set(index, (ofIndex = new Map<number, { index: Scalar; offset: number }>()));
    ofIndex.set(buffer, { index: first.index, offset: constant - first.constant });
  }
  return out;
}

export function withoutConstant(index: Scalar): readonly [Scalar, number] {
  if (index.tag !== "op" || index.op !== "add") return [index, 0];
  const [rest, constant] = index.args as [Scalar, Scalar];
  return constant.tag === "const" ? [rest, constant.value] : [index, 0];
}

/** while (i + step <= end) { body; i += step }, for an `i` that has its first value. */
export function loopWhileFits(e: LoopEmitter, i: Local, end: Local, step: number, body: () => void): void {
  const { f } = e;
  const limit = f.local("i32");
  f.get(end).i32(step).op("i32.sub").set(limit);
  f.block((done) => {
    f.get(i).get(limit).op("i32.gt_s").brIf(done);
    f.loop((again) => {
      body();
      f.get(i).i32(step).op("i32.add").tee(i).get(limit).op("i32.le_s").brIf(again);
    });
  });
  f.release(limit);
}

/** What all runs of an axis that is cut every `block` steps are multiples of: a power of two, of which `block` is one. */
export function runMultiple(axis: Axis, block: number): number {
  if (!isStatic(axis)) return 1;
  const most = axis.size & -axis.size;
  return most === 0 ? block : Math.min(most, block);
}

/**
 * Loops over all `axes`, the last innermost with moving pointers. `roots` are what the body evaluates. `around` is put
 * around the innermost loop, with the range of it: a place to split it.
 */
export function nestLoops(
  e: LoopEmitter,
  axes: readonly Axis[],
  roots: readonly Scalar[],
  stores: readonly Access[],
  copies: number,
  body: () => void,
  split: { readonly block: number; readonly after: () => void } | null = null,
): void {
  const { f, analysis } = e;
  const vector = e.lanes !== null;
  const visit = (depth: number): void => {
    const axis = axes[depth]!;
    const i = e.temp("i32");
    const end = e.temp("i32");
    e.axes.set(axis.id, i);
    f.i32(0).set(i);
    pushSize(e, axis);
    f.set(end);
    const innermost = depth === axes.length - 1;
    e.scoped(() => {
      const loopMask = analysis.maskOf(axes.slice(depth));
      const cursors = innermost ? new Cursors(e, axis, accessesOf(roots, stores)) : null;
      e.withCursors(cursors?.map ?? new Map<Scalar, Map<number, Cursor>>(), () => {
        hoist(e, roots, loopMask, vector, copies);
        const inner = (): void =>
          e.scoped(() => {
            if (innermost) {
              body();
              cursors!.advance(1);
            } else visit(depth + 1);
          });
        if (innermost && split !== null) splitLoop(e, i, end, split, inner);
        else loopWhileFits(e, i, end, 1, inner);
      });
    });
    e.axes.delete(axis.id);
  };
  visit(0);
}

/** The loop in blocks, with something done after each. */
function splitLoop(
  e: LoopEmitter,
  i: Local,
  end: Local,
  { block, after }: { readonly block: number; readonly after: () => void },
  body: () => void,
): void {
  const { f } = e;
  const stop = e.temp("i32");
  f.block((done) => {
    f.get(i).get(end).op("i32.ge_s").brIf(done);
    f.loop((again) => {
      f.get(i).i32(block).op("i32.add").set(stop);
      f.get(stop).get(end).get(stop).get(end).op("i32.lt_s").op("select").set(stop);
      loopWhileFits(e, i, stop, 1, body);
      after();
      f.get(i).get(end).op("i32.lt_s").brIf(again);
    });
  });
}
