/** Code that packs panels of an operand for a blocked product, in scratch memory. */
import type { Local, Module } from "./assembler";
import type { BlockFunc, ContractFunc } from "./contract-func";
import { emitConstantTable, emitOffsetTable, pushMin, pushScaled, pushValue, type Value } from "./contract-index";
import { roundUp, sourceBytes, type PanelPlan } from "./contract-plan";
import { packFunc } from "./pack";
import { packPairsFunc } from "./pack-pairs";
import { packWideFunc } from "./pack-wide";

/** An operand while code is emitted. */
export interface OperandCode {
  readonly panels: PanelPlan;
  /** Address of the current batch. */
  readonly base: Local;
  /** Address of the panels in scratch, when packed. */
  readonly packed: Local | null;
  /** Computes blocks of the operand; `batch` is a local of the caller. */
  readonly compute: { readonly func: BlockFunc; readonly batch: Local } | null;
}

/** Outer offsets and k offsets for the packer; see `emitPackPanels` for their use. */
export function emitTables(f: ContractFunc, { operand, width, packer, lanesAt, kTableAt }: PanelPlan): void {
  const { scratch } = f.params;
  const sizeBytes = sourceBytes(packer);
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

/**
 * Packs the panels of outer indices [start, end) at depths [kStart, kStart + depth), which are `steps` in a panel. Nothing
 * for an operand in place.
 */
export function emitPackPanels(
  m: Module,
  f: ContractFunc,
  { panels, base, packed, compute }: OperandCode,
  start: Value,
  end: Value,
  kStart: Value,
  depth: Value,
  steps: Value,
): void {
  if (packed === null) return;
  const { operand, width, packer, lanesAt, kTableAt } = panels;
  const sizeBytes = sourceBytes(packer);
  const { pairsOf } = packer;
  const func = pairsOf === undefined ? packFunc(m, packer) : packPairsFunc(m, { ...packer, pairsOf });
  const { outerStride, kStride } = operand;
  const { scratch, context } = f.params;
  const i = f.local("i32", "outer");
  const dst = f.local("i32", "dst");
  const rest = operand.size % width;
  const from = compute === null ? null : f.local("i32", "from");
  const pushSource = () => {
    if (from !== null) {
      f.get(scratch).i32(panels.blockAt).op("i32.add").get(i).get(from).op("i32.sub");
      f.i32((outerStride as number) * sizeBytes)
        .op("i32.mul")
        .op("i32.add");
      return;
    }
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
    pushScaled(f, steps, count * width * packer.sizeBytes)
      .op("i32.add")
      .set(dst);
  };
  f.get(packed).set(dst);
  pushValue(f, start).set(i);
  const wide = WIDE_PANELS * width;
  const packRest = (to: Value) =>
    f.range(i, i, to, width, () => {
      pushSource();
      pushLanes();
      pushK();
      pushValue(f, depth).get(dst).call(func);
      advance(1);
    });
  if (from !== null) {
    const to = f.local("i32", "to");
    f.range(from, start, end, panels.blockSize, () => {
      f.get(from).i32(panels.blockSize).op("i32.add").set(to);
      pushMin(f, to, end).set(to);
      f.get(context).get(compute!.batch).get(from).get(to);
      pushValue(f, kStart);
      pushValue(f, kStart);
      pushValue(f, depth).op("i32.add");
      f.get(scratch).i32(panels.blockAt).op("i32.add").call(compute!.func);
      f.get(from).set(i);
      packRest(to);
    });
    f.release(from, to, i, dst);
    return;
  }
  if (
    pairsOf === undefined &&
    outerStride === 1 &&
    kStride !== null &&
    (width * sizeBytes) % 16 === 0 &&
    operand.size >= wide
  ) {
    const packWide = packWideFunc(m, { sizeBytes: packer.sizeBytes, width, panels: WIDE_PANELS });
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
  packRest(end);
  f.release(i, dst);
}
