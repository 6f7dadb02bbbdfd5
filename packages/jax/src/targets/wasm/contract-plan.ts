/** What to do for a contraction, decided from its sizes and strides: operand modes, blocks, scratch memory. */
import { sizeBytesOf } from "../../aval/dtype";
import type { ContractKernel, ContractOperand } from "../../kernel/program";
import { collapse, collapseShared, product, uniformStride, type SharedAxis, type StridedAxis } from "./contract-index";
import type { WasmFeatures } from "./features";
import { F32, F64, I32, PAIRS, type Element } from "./gemm-element";
import type { GemmTile, OperandMode } from "./gemm-micro";
import { PACK_OVERRUN_BYTES, type Packer } from "./pack";
import type { PairSource } from "./pack-pairs";
import { type RegisterTiles, tableTiles } from "./register-tiles";
import { SHARE_FROM } from "./team-work";

/** Choices that `planContract` makes by itself unless told; for tuning. */
export interface ContractTuning {
  readonly tile?: GemmTile;
  readonly lhsMode?: OperandMode;
  readonly rhsMode?: OperandMode;
  /** False: the blocked product also where one operand has few rows. */
  readonly skinny?: boolean;
}

/** lhs as [m, k] or rhs as [n, k]. */
export interface OperandPlan {
  readonly source: ContractOperand;
  readonly size: number;
  readonly outer: readonly StridedAxis[];
  readonly k: readonly StridedAxis[];
  readonly outerStride: number | null;
  readonly kStride: number | null;
}

/**
 * Blocks of a computed operand are laid out with so many elements from one row to the next: of outer indices, or of a
 * block of k.
 */
export const COMPUTED_COLUMNS = 64;
const COMPUTED_DEPTH = 384;

export interface ContractPlan {
  readonly element: Element;
  readonly relaxed: boolean;
  readonly tiles: RegisterTiles;
  /** Axes of the batch; strides of lhs and rhs. */
  readonly batch: readonly SharedAxis[];
  readonly nBatch: number;
  readonly m: number;
  readonly n: number;
  readonly k: number;
  readonly lhs: OperandPlan;
  readonly rhs: OperandPlan;
}

/** How a blocked matrix product reads one operand. */
export interface PanelPlan {
  readonly operand: OperandPlan;
  readonly mode: OperandMode;
  /** Outer indices in a panel: tile.mr or tile.nr. */
  readonly width: number;
  readonly packer: Packer;
  /** Scratch offsets in bytes; -1 where there is none. */
  readonly lanesAt: number;
  readonly kTableAt: number;
  readonly panelsAt: number;
  /** Where a computed operand lies before it is packed, and how many outer indices of it at a time. */
  readonly blockAt: number;
  readonly blockSize: number;
}

/** What can be given to threads: so many rows, or columns, of a batch. */
export interface UnitPlan {
  readonly of: "rows" | "columns";
  readonly size: number;
  /** Units in a batch. */
  readonly count: number;
}

export interface GemmPlan extends ContractPlan {
  readonly tile: GemmTile;
  readonly mc: number;
  readonly nc: number;
  readonly kc: number;
  readonly units: UnitPlan;
  readonly lhsPanels: PanelPlan;
  readonly rhsPanels: PanelPlan;
  readonly scratchBytes: number;
}

const ELEMENTS: Readonly<Partial<Record<ContractKernel["dtype"], Element>>> = {
  float32: F32,
  float64: F64,
  int32: I32,
  uint32: I32,
};

/** Whether contractions of this dtype are compiled here; others are computed after conversion to one that is. */
export const isContractDType = (dtype: ContractKernel["dtype"]): boolean => ELEMENTS[dtype] !== undefined;

/** Blocks of columns begin and end at multiples of this, or where the result ends. */
export const BLOCK_MULTIPLE = 4;

/** Brings a contraction to the form out[batch, m, n] with as few axes as its strides allow. */
export function planContract(kernel: ContractKernel, features: WasmFeatures): ContractPlan {
  const element = kernel.lhs.dtype === undefined ? ELEMENTS[kernel.dtype] : PAIRS;
  if (element === undefined) throw new Error(`internal: contract of ${kernel.dtype}`);
  const batch = collapseShared(kernel.batch, [kernel.lhs.batchStrides, kernel.rhs.batchStrides]);
  const operand = (source: ContractOperand, sizes: readonly number[]): OperandPlan => {
    const size = product(sizes);
    if (source.computed !== undefined) {
      const [outerStride, kStride] = source.computed.along === "outer" ? [1, COMPUTED_COLUMNS] : [COMPUTED_DEPTH, 1];
      return { source, size, outer: [], k: [], outerStride, kStride };
    }
    const outer = collapse(sizes, source.outerStrides);
    const k = collapse(kernel.k, source.kStrides);
    return { source, size, outer, k, outerStride: uniformStride(outer), kStride: uniformStride(k) };
  };
  const lhs = operand(kernel.lhs, kernel.m);
  const rhs = operand(kernel.rhs, kernel.n);
  const isFloat = element.vectorMadd !== null;
  return {
    element,
    relaxed: features.relaxed,
    tiles: (isFloat ? features.tiles : undefined) ?? tableTiles(isFloat && features.relaxed),
    batch,
    nBatch: product(kernel.batch),
    m: lhs.size,
    n: rhs.size,
    k: product(kernel.k),
    lhs,
    rhs,
  };
}

/** Elements of a panel for a depth of k. */
export const stepsOf = ({ pairs }: Element, depth: number): number => (pairs ? Math.ceil(depth / 2) : depth);

/** Bytes of an element of an operand in memory. */
export const sourceBytes = ({ sizeBytes, pairsOf }: Packer): number =>
  pairsOf === undefined ? sizeBytes : sizeBytesOf(pairsOf);

const KC = COMPUTED_DEPTH;
const MC = 48;
const NC = 1024;

/** Blocks and operand modes of a matrix product. */
export function planGemm(plan: ContractPlan, tuning: ContractTuning): GemmPlan {
  const { element, m, n, k, lhs, rhs } = plan;
  const tile = tuning.tile ?? defaultTile(plan);
  const nBlocks = Math.max(1, Math.ceil(k / (element.pairs ? 2 * KC : KC)));
  const kc = nBlocks === 1 ? k : roundUp(Math.ceil(k / nBlocks), depthUnit(plan));
  const mc = Math.min(roundUp(m, tile.mr), roundUp(MC, tile.mr));
  const nc = Math.min(roundUp(n, tile.nr), roundUp(NC, tile.nr));
  const scratch = new Scratch();
  const panels = (operand: OperandPlan, mode: OperandMode, width: number, block: number): PanelPlan => {
    const packer = packerOf(operand, element, width);
    const packed = mode === "packed";
    const { computed } = operand.source;
    const blockSize = computed?.along === "outer" ? COMPUTED_COLUMNS - (COMPUTED_COLUMNS % width) : width;
    const blockElements = computed?.along === "outer" ? kc * COMPUTED_COLUMNS : blockSize * COMPUTED_DEPTH;
    const uniform = operand.outerStride !== null;
    const edges = operand.size % width === 0 ? 1 : 2;
    const lanes = uniform ? width * edges : roundUp(operand.size, width);
    return {
      operand,
      mode,
      width,
      packer,
      lanesAt: packed ? scratch.take(4 * lanes) : -1,
      kTableAt: packed && packer.kTable ? scratch.take(4 * k) : -1,
      panelsAt: packed ? scratch.take(block * stepsOf(element, kc) * element.sizeBytes + PACK_OVERRUN_BYTES) : -1,
      blockAt: computed === undefined ? -1 : scratch.take(blockElements * element.sizeBytes),
      blockSize,
    };
  };
  const lhsPanels = panels(lhs, tuning.lhsMode ?? lhsMode(plan, tile), tile.mr, mc);
  const rhsPanels = panels(rhs, tuning.rhsMode ?? rhsMode(plan), tile.nr, nc);
  const units = planUnits(plan, tile, mc, lhsPanels.mode, rhsPanels.mode);
  return { ...plan, tile, mc, nc, kc, units, lhsPanels, rhsPanels, scratchBytes: scratch.bytes };
}

/** Blocks of k are multiples of this, so that blocks and values of computed operands (`compile/computed-operand.ts`) are not cut. */
function depthUnit({ lhs, rhs }: ContractPlan): number {
  const hasPieces = [lhs, rhs].some(
    ({ source: { computed } }) => computed && computed.values.length > 1 && computed.turn > 1,
  );
  return hasPieces ? 128 : 8;
}

/** What it is to compute and pack an element, beside packing one. */
const COMPUTED_COST = 4;
/** Units of a large product: enough for even shares. */
const MOST_UNITS = 64;

/**
 * Threads pack for themselves what they share: all columns if they share out rows, all rows if they share out columns.
 * So the operand that is more to pack is cut.
 */
function planUnits(
  { nBatch, m, n, k, lhs, rhs }: ContractPlan,
  tile: GemmTile,
  mc: number,
  lhsMode: OperandMode,
  rhsMode: OperandMode,
): UnitPlan {
  const units = (of: "rows" | "columns", total: number, size: number): UnitPlan => ({
    of,
    size,
    count: Math.max(1, Math.ceil(total / size)),
  });
  if (nBatch > 1) return units("rows", m, Math.max(1, mc));
  if (m * n * k < SHARE_FROM) return { of: "rows", size: m, count: 1 };
  const fine = (total: number, step: number): number => step * Math.ceil(total / step / MOST_UNITS);
  const costs = (mode: OperandMode, { source }: OperandPlan): number =>
    mode === "inPlace" ? 0 : source.computed === undefined ? 1 : COMPUTED_COST;
  const shared = { rows: n * costs(rhsMode, rhs), columns: m * costs(lhsMode, lhs) };
  const byColumns = m < 4 * tile.mr || (n >= 4 * tile.nr && shared.columns < shared.rows);
  return byColumns ? units("columns", n, fine(n, tile.nr)) : units("rows", m, fine(m, tile.mr));
}

/** Hands out 64-byte aligned offsets. */
class Scratch {
  bytes = 0;
  take(bytes: number): number {
    const at = this.bytes;
    this.bytes += roundUp(bytes, 64);
    return at;
  }
}

export const roundUp = (x: number, to: number): number => Math.ceil(x / to) * to;

/** The share of columns that may be idle in wide tiles, and the depth that pays for them. */
const WIDE_WASTE = 1.12;
const WIDE_DEPTH = 64;

/** Rows are evened out when there are few: 8 are 4 + 4, not 6 + 2, whose few sums would wait for each other. */
function defaultTile({ element, tiles, m, n, k }: ContractPlan): GemmTile {
  const wide = 4 * element.lanes;
  const isWide = tiles.wide > 0 && k >= WIDE_DEPTH && roundUp(n, wide) <= WIDE_WASTE * n;
  const most = isWide ? tiles.wide : tiles.narrow;
  const mr = m <= 4 * most ? Math.ceil(m / Math.ceil(m / most)) : most;
  return { mr, nr: isWide ? wide : 2 * element.lanes };
}

function packerOf({ source, outer, k, outerStride, kStride }: OperandPlan, e: Element, width: number): Packer {
  const runs = (axes: readonly StridedAxis[], least: number) => {
    const inner = axes[axes.length - 1];
    return axes.length === 0 || (inner !== undefined && inner.stride === 1 && inner.size >= least);
  };
  const { sizeBytes } = e;
  const contiguous =
    source.computed?.along === "k"
      ? "k"
      : outerStride === 1 || runs(outer, width)
        ? "outer"
        : runs(k, 4)
          ? "k"
          : runs(outer, e.lanes)
            ? "outer"
            : "none";
  const pairs = source.dtype === undefined ? {} : { pairsOf: source.dtype as PairSource };
  return { sizeBytes, width, contiguous, kTable: kStride === null, ...pairs };
}

/** Rows a multiple of this apart compete for the same lines of the L1 cache; 12 of them fit. */
const CONFLICT_BYTES = 4096;

function conflicts({ kStride }: OperandPlan, k: number, sizeBytes: number): boolean {
  return kStride !== null && kStride !== 0 && (kStride * sizeBytes) % CONFLICT_BYTES === 0 && k > 12;
}

/** Columns that are worth packing the rows: the micro kernel moves one pointer then, where it moves one for each row. */
const COLUMNS_FOR_PACKED_ROWS = 40;

/**
 * Rows are read in place where there are few columns and strides allow it, as the micro kernel wants one element of each
 * at a time. Wide tiles take so little time for a row that moving several pointers shows in any case.
 */
function lhsMode({ lhs, n, k, element }: ContractPlan, { nr }: GemmTile): OperandMode {
  if (lhs.source.computed !== undefined || element.pairs) return "packed";
  if (lhs.outerStride === null || lhs.kStride === null) return "packed";
  if (nr > 2 * element.lanes || n >= COLUMNS_FOR_PACKED_ROWS) return "packed";
  return conflicts(lhs, k, element.sizeBytes) && n >= 32 ? "packed" : "inPlace";
}

/**
 * Columns that are neighbours can be read in place, as vectors. That pays while rhs stays in the L2 cache, or is read
 * few times.
 */
function rhsMode({ rhs, m, n, k, element }: ContractPlan): OperandMode {
  if (rhs.source.computed !== undefined || element.pairs) return "packed";
  if (rhs.outerStride !== 1 || rhs.kStride === null || conflicts(rhs, k, element.sizeBytes)) return "packed";
  return k * n * element.sizeBytes <= 256 * 1024 || m <= 96 ? "inPlace" : "packed";
}
