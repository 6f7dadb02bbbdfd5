/** Items of work: what a kernel is cut into, for calls that are not long and for threads to share. */
import type { Axis, LoopKernel } from "../../kernel/program";
import type { Func, Local } from "./assembler";
import type { LoopEmitter } from "./loop-emitter";
import { type KernelContext, emitterFor, kernelParams } from "./loop-kernel";
import { isStatic, pushSize } from "./loop-nest";

/** Columns of one item of work: rows longer than this are cut. */
export const COLUMN_BLOCK = 4096;

/** How a kernel's points are cut into items of work: one digit of the item's number, or what of an axis an item has. */
export interface Cut {
  readonly axis: Axis;
  /** Points of the axis in one item. */
  readonly block: number;
}

/** A digit of the item's number. */
export interface Counter {
  readonly at: Local;
  readonly size: Local;
}

/** Pushes how many digits a cut has: points of its axis, or blocks of them. */
export function pushCount(e: LoopEmitter, { axis, block }: Cut): void {
  const { f } = e;
  pushSize(e, axis);
  if (block > 1)
    f.i32(block - 1)
      .op("i32.add")
      .i32(block)
      .op("i32.div_u");
}

/** The counter of a cut. The axis' own local is the counter if items have one point of it. */
export function counterOf(e: LoopEmitter, { axis, block }: Cut): Counter {
  const { f } = e;
  const counter = { at: e.temp("i32"), size: e.temp("i32") };
  pushCount(e, { axis, block });
  f.set(counter.size);
  if (block === 1) e.axes.set(axis.id, counter.at);
  return counter;
}

/** Whether an axis is longer than a block, as far as is known. */
export const isLong = (axis: Axis, block: number): boolean => !isStatic(axis) || axis.size > block;

/** Sets [from, to) to what of a blocked axis the current item has. */
export function blockRange(
  e: LoopEmitter,
  { axis, block }: Cut,
  counter: Counter | null,
  from: Local,
  to: Local,
): void {
  const { f } = e;
  if (counter === null) {
    f.i32(0).set(from);
    pushSize(e, axis);
    f.set(to);
    return;
  }
  f.get(counter.at).i32(block).op("i32.mul").tee(from).i32(block).op("i32.add").set(to);
  f.get(to);
  pushSize(e, axis);
  f.get(to);
  pushSize(e, axis);
  f.op("i32.lt_s").op("select").set(to);
}

/** Items: the points of the kernel's axes. */
export const pointCuts = ({ axes }: LoopKernel): Cut[] => axes.map((axis) => ({ axis, block: 1 }));

/** Items of a kernel that goes along rows: a row, or a block of a long row. */
export function rowBlockCuts({ axes }: LoopKernel): Cut[] {
  return axes.map((axis, i) => ({ axis, block: i === axes.length - 1 ? COLUMN_BLOCK : 1 }));
}

export interface RowBlocks {
  readonly e: LoopEmitter;
  /** The local of the last axis, at the first column of the item, and the end of its columns. */
  readonly col: Local;
  readonly colEnd: Local;
  /** Emits the loop over the items. */
  readonly each: (body: () => void) => void;
}

/** Function (pointers, sizes, start, end) over the items of `rowBlockCuts`, whose body is still to be emitted. */
export function rowBlocks(k: KernelContext): RowBlocks {
  const last = k.kernel.axes.at(-1)!;
  const { e, start, end } = itemFunction(k);
  const cuts = rowBlockCuts(k.kernel);
  const counters = cuts.map((cut) => (cut.block === 1 || isLong(last, cut.block) ? counterOf(e, cut) : null));
  const [col, colEnd] = [e.temp("i32"), e.temp("i32")];
  e.axes.set(last.id, col);
  const counted = counters.filter((c) => c !== null);
  const each = (body: () => void): void =>
    itemLoop(e, counted, start, end, () => {
      blockRange(e, cuts.at(-1)!, counters.at(-1)!, col, colEnd);
      body();
    });
  return { e, col, colEnd, each };
}

/** A kernel's function (pointers, sizes, start, end), whose body is still to be emitted. */
export function itemFunction(k: KernelContext): { e: LoopEmitter; start: Local; end: Local } {
  const f: Func = k.module.func(k.name, { ...kernelParams(k), start: "i32", end: "i32" }, []);
  const { start, end } = f.params as { start: Local; end: Local };
  return { e: emitterFor(k, f), start, end };
}

/** for (item = start; item < end; item++), with the counters at its digits, the last one fastest. */
export function itemLoop(
  e: LoopEmitter,
  counters: readonly Counter[],
  start: Local,
  end: Local,
  body: () => void,
): void {
  const { f } = e;
  f.block((done) => {
    f.get(start).get(end).op("i32.ge_s").brIf(done);
    decode(e, counters, start);
    f.loop((again) => {
      e.scoped(body);
      if (counters.length > 0) carry(f, counters, counters.length - 1);
      f.get(start).i32(1).op("i32.add").tee(start).get(end).op("i32.lt_s").brIf(again);
    });
  });
}

function decode(e: LoopEmitter, counters: readonly Counter[], start: Local): void {
  const { f } = e;
  if (counters.length === 0) return;
  const rest = f.local("i32");
  f.get(start).set(rest);
  for (let i = counters.length - 1; i >= 0; i--) {
    const { at, size } = counters[i]!;
    if (i === 0) f.get(rest).set(at);
    else f.get(rest).get(size).op("i32.rem_u").set(at).get(rest).get(size).op("i32.div_u").set(rest);
  }
  f.release(rest);
}

/** To the next item: the last counter first. */
function carry(f: Func, counters: readonly Counter[], i: number): void {
  const { at, size } = counters[i]!;
  if (i === 0) return void f.inc(at, 1);
  f.get(at).i32(1).op("i32.add").tee(at).get(size).op("i32.eq");
  f.if(() => {
    f.i32(0).set(at);
    carry(f, counters, i - 1);
  });
}
