/** Code that packs panels of an operand for a blocked product, in scratch memory. */
import type { Local, Module } from "./assembler";
import type { ContractFunc } from "./contract-func";
import { emitConstantTable, emitOffsetTable, pushScaled, pushValue, type Value } from "./contract-index";
import { roundUp, type PanelPlan } from "./contract-plan";
import { packFunc } from "./pack";
import { packWideFunc } from "./pack-wide";

/** An operand while code is emitted. */
export interface OperandCode {
  readonly panels: PanelPlan;
  /** Address of the current batch. */
  readonly base: Local;
  /** Address of the panels in scratch, when packed. */
  readonly packed: Local | null;
}

/** Outer offsets and k offsets for the packer; see `emitPackPanels` for their use. */
export function emitTables(f: ContractFunc, { operand, width, lanesAt, kTableAt }: PanelPlan, sizeBytes: number): void {
  const { scratch } = f.params;
  const at = f.local("i32", "at");
  if (operand.outerStride === null) {
    f.get(scratch).i32(lanesAt).op("i32.add").set(at);
    emitOffsetTable(f, at, operand.outer, sizeBytes, roundUp(operand.size, width) - operand.size);
  } else {
    const step = operand.outerStride * sizeBytes;
    const lanes = Array.from({ length: width }, (_, i) => i);
    emitConstantTable(
      f,
      scratch,
      lanesAt,
      lanes.map((i) => i * step),
    );
    const rest = operand.size % width;
    if (rest > 0)
      emitConstantTable(
        f,
        scratch,
        lanesAt + 4 * width,
        lanes.map((i) => Math.min(i, rest - 1) * step),
      );
  }
  if (kTableAt >= 0) {
    f.get(scratch).i32(kTableAt).op("i32.add").set(at);
    emitOffsetTable(f, at, operand.k, sizeBytes, 0);
  }
  f.release(at);
}

/** Panels that are packed together where outer indices are contiguous. */
const WIDE_PANELS = 4;

/** Packs the panels of outer indices [start, end) at depths [kStart, kStart + depth). Nothing for an operand in place. */
export function emitPackPanels(
  m: Module,
  f: ContractFunc,
  { panels, base, packed }: OperandCode,
  start: Value,
  end: Value,
  kStart: Value,
  depth: Value,
): void {
  if (packed === null) return;
  const { operand, width, packer, lanesAt, kTableAt } = panels;
  const { sizeBytes } = packer;
  const { outerStride, kStride } = operand;
  const { scratch } = f.params;
  const i = f.local("i32", "outer");
  const dst = f.local("i32", "dst");
  const rest = operand.size % width;
  const pushSource = () => {
    f.get(base);
    if (kStride !== null) pushScaled(f, kStart, kStride * sizeBytes).op("i32.add");
    if (outerStride !== null) pushScaled(f, i, outerStride * sizeBytes).op("i32.add");
  };
  const pushLanes = () => {
    f.get(scratch).i32(lanesAt).op("i32.add");
    if (outerStride === null) pushScaled(f, i, 4).op("i32.add");
    else if (rest > 0)
      f.get(i)
        .i32(operand.size - rest)
        .op("i32.ge_s")
        .i32(4 * width)
        .op("i32.mul")
        .op("i32.add");
  };
  const pushK = () => {
    if (kStride !== null) return f.i32(kStride * sizeBytes);
    f.get(scratch).i32(kTableAt).op("i32.add");
    return pushScaled(f, kStart, 4).op("i32.add");
  };
  const advance = (count: number) => {
    f.get(dst);
    pushScaled(f, depth, count * width * sizeBytes)
      .op("i32.add")
      .set(dst);
  };
  f.get(packed).set(dst);
  pushValue(f, start).set(i);
  const wide = WIDE_PANELS * width;
  if (outerStride === 1 && kStride !== null && (width * sizeBytes) % 16 === 0 && operand.size >= wide) {
    const packWide = packWideFunc(m, { sizeBytes, width, panels: WIDE_PANELS });
    f.block((done) => {
      f.loop((again) => {
        f.get(i).i32(wide).op("i32.add");
        pushValue(f, end).op("i32.gt_s").brIf(done);
        pushSource();
        pushK();
        pushValue(f, depth).get(dst);
        pushScaled(f, depth, width * sizeBytes).call(packWide);
        advance(WIDE_PANELS);
        f.inc(i, wide).br(again);
      });
    });
  }
  f.range(i, i, end, width, () => {
    pushSource();
    pushLanes();
    pushK();
    pushValue(f, depth).get(dst).call(packFunc(m, packer));
    advance(1);
  });
  f.release(i, dst);
}
