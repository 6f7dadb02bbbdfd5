/**
 * Neighbouring rows of a kernel with several stages, a stage of all of them before the next: what a row's sum is waited
 * for, another row's begins. The last stage goes along all rows of a group at once, so that what they have in common (the
 * gain and bias of a normalization) is read once for them.
 */
import { ScalarBuilder } from "../../kernel/build";
import type { Axis, LoopKernel, Stage } from "../../kernel/program";
import { importer, replacer } from "../../kernel/rebuild";
import { opsOf, stageRoots } from "./loop-kernel";
import { isStatic } from "./loop-nest";

export interface RowGroups {
  /** The axis of rows, and that of groups of so many of them. */
  readonly rows: Axis;
  readonly groups: Axis;
  readonly size: number;
  /**
   * The last stage for a group. The values of a row's reductions have the stage's number and `kernel.stages.length` more
   * for each row before it in the group.
   */
  readonly last: Stage;
}

const SIZES = [4, 2];
/** Fewer groups are not worth it: threads share groups. */
const LEAST_GROUPS = 4;
/** Operations of the last stage for a group, beyond which its values do not fit the registers. */
const MOST_OPS = 40;

/** How the rows of a kernel are grouped; null if they are not. */
export function groupRows({ axes, stages }: LoopKernel): RowGroups | null {
  const rows = axes.at(-1);
  const last = stages.at(-1)!;
  if (rows === undefined || !isStatic(rows) || stages.length < 2) return null;
  if (stages.some((s) => s.axes.length !== 1 || !isStatic(s.axes[0]!)) || last.reductions.length > 0) return null;
  const ops = opsOf(stageRoots(last));
  const size = SIZES.find((n) => rows.size % n === 0 && rows.size >= LEAST_GROUPS * n && n * ops <= MOST_OPS);
  if (size === undefined) return null;
  const id = 1 + Math.max(...[...axes, ...stages.flatMap((s) => s.axes)].map((a) => a.id));
  const groups = { id, size: rows.size / size };
  return { rows, groups, size, last: forGroup(last, stages.length, rows, groups, size) };
}

/** A stage that only stores, for the rows of a group at once. */
function forGroup({ axes, stores }: Stage, nStages: number, rows: Axis, groups: Axis, size: number): Stage {
  const b = new ScalarBuilder();
  const imported = importer(b);
  const first = b.op("mul", [b.axis(groups.id, groups.size), b.int(size)], "int32");
  const versions = Array.from({ length: size }, (_, r) => {
    const row = b.op("add", [first, b.int(r)], "int32");
    return replacer(b, (s) => {
      if (s.tag === "axis" && s.axis === rows.id) return row;
      return s.tag === "reduced" ? b.reduced(s.stage + r * nStages, s.slot, s.dtype) : null;
    });
  });
  const all = versions.flatMap((of) =>
    stores.map(({ buffer, index, value }) => ({ buffer, index: of(imported(index)), value: of(imported(value)) })),
  );
  return { axes, reductions: [], stores: all };
}
