/** Memory of intermediates: an offset for each in one arena, by how long it lives. */
import type { DType } from "../aval/dtype";
import type { BufferSpec, Kernel, LoopKernel, Stage } from "../kernel/program";
import type { Scalar } from "../kernel/scalar";
import { topological } from "../kernel/build";
import { controlReads, controlWrites } from "./control";

const ALIGN = 64;

/** Buffers that a kernel reads and writes. */
export function usesOf(kernel: Kernel): { reads: Set<number>; writes: Set<number> } {
  const reads = new Set<number>();
  const writes = new Set<number>();
  const scan = (roots: readonly Scalar[]): void => {
    for (const s of topological(roots)) if (s.tag === "load") reads.add(s.buffer);
  };
  switch (kernel.kind) {
    case "loop":
      scan(
        kernel.stages.flatMap((s) => [
          ...s.reductions.map((r) => r.value),
          ...s.stores.flatMap((x) => [x.index, x.value]),
        ]),
      );
      for (const s of kernel.stages) for (const x of s.stores) writes.add(x.buffer);
      break;
    case "contract":
      for (const { buffer, computed } of [kernel.lhs, kernel.rhs]) {
        if (computed === undefined) reads.add(buffer);
        else scan(computed.values);
      }
      if (kernel.epilogue === null) writes.add(kernel.out);
      else {
        scan(kernel.epilogue.stores.map((s) => s.value));
        for (const s of kernel.epilogue.stores) writes.add(s.buffer);
        // The engine may keep plain sums in `out` before the epilogue.
        writes.add(kernel.out);
      }
      break;
    case "cumulative":
      reads.add(kernel.x);
      if (kernel.blocks !== null) reads.add(kernel.blocks.totals);
      writes.add(kernel.out);
      break;
    case "scatter":
      reads.add(kernel.operand);
      scan([kernel.index, kernel.value, ...(kernel.guard === null ? [] : [kernel.guard])]);
      writes.add(kernel.out);
      break;
    case "sort":
    case "routine":
      kernel.operands.forEach((b) => reads.add(b));
      kernel.outs.forEach((b) => writes.add(b));
      break;
    case "callback":
      kernel.operands.forEach((b) => reads.add(b));
      break;
    case "scan":
    case "while":
    case "switch":
      for (const b of controlReads(kernel)) reads.add(b);
      for (const b of controlWrites(kernel)) writes.add(b);
      break;
    default:
      kernel satisfies never;
  }
  return { reads, writes };
}

interface Draft {
  readonly dtype: DType;
  readonly length: number;
  readonly place:
    { readonly at: "input"; readonly index: number } | { readonly at: "output"; readonly index: number } | null;
}

/** Gives every buffer without a place one in the arena. */
export function planArena(
  drafts: readonly Draft[],
  kernels: readonly Kernel[],
  byteLength: (dtype: DType, length: number) => number,
): { buffers: BufferSpec[]; arenaBytes: number } {
  const lastUse = new Map<number, number>();
  const uses = kernels.map(usesOf);
  uses.forEach(({ reads, writes }, k) => [...reads, ...writes].forEach((b) => lastUse.set(b, k)));
  const offsets = new Map<number, number>();
  const sizes = drafts.map((d) => Math.ceil(Math.max(1, byteLength(d.dtype, d.length)) / ALIGN) * ALIGN);
  const arena = new FreeList();
  kernels.forEach((kernel, k) => {
    const { reads, writes } = uses[k]!;
    for (const b of writes) {
      if (drafts[b]!.place !== null || offsets.has(b)) continue;
      const dying =
        kernel.kind === "loop"
          ? inPlace(kernel, b, reads, drafts, (r) => offsets.has(r) && lastUse.get(r) === k)
          : null;
      if (dying !== null && sizes[dying] === sizes[b]) {
        offsets.set(b, offsets.get(dying)!);
        // The memory goes on living under its new name.
        lastUse.delete(dying);
      } else offsets.set(b, arena.take(sizes[b]!));
    }
    for (const b of new Set([...reads, ...writes])) {
      if (lastUse.get(b) === k && offsets.has(b)) arena.give(offsets.get(b)!, sizes[b]!);
    }
  });
  const buffers = drafts.map(({ dtype, length, place }, b): BufferSpec => ({
    dtype,
    // plain sums that only an epilogue sees are nowhere
    length: place !== null || offsets.has(b) ? length : 0,
    place: place ?? { at: "arena", offsetBytes: offsets.get(b) ?? 0 },
  }));
  return { buffers, arenaBytes: arena.high };
}

/** A buffer that dies in this kernel and is read only at the very element that is stored. */
function inPlace(
  kernel: LoopKernel,
  written: number,
  reads: ReadonlySet<number>,
  drafts: readonly Draft[],
  dies: (buffer: number) => boolean,
): number | null {
  if (kernel.stages.length !== 1 || kernel.stages[0]!.stores.length !== 1) return null;
  const [stage] = kernel.stages as [Stage];
  const [store] = stage.stores as [Stage["stores"][number]];
  if (store.buffer !== written) return null;
  for (const b of reads) {
    if (!dies(b) || drafts[b]!.dtype !== drafts[written]!.dtype) continue;
    const loads = topological([store.value]).filter((s) => s.tag === "load" && s.buffer === b);
    if (loads.every((s) => s.tag === "load" && s.index === store.index)) return b;
  }
  return null;
}

/** First fit over free ranges of a growing arena. */
class FreeList {
  high = 0;
  private free: { at: number; bytes: number }[] = [];

  take(bytes: number): number {
    const i = this.free.findIndex((f) => f.bytes >= bytes);
    if (i >= 0) {
      const f = this.free[i]!;
      const { at } = f;
      if (f.bytes === bytes) this.free.splice(i, 1);
      else this.free[i] = { at: at + bytes, bytes: f.bytes - bytes };
      return at;
    }
    const last = this.free[this.free.length - 1];
    const at = last !== undefined && last.at + last.bytes === this.high ? last.at : this.high;
    if (at !== this.high) this.free.pop();
    this.high = at + bytes;
    return at;
  }

  give(at: number, bytes: number): void {
    let i = this.free.findIndex((f) => f.at > at);
    if (i < 0) i = this.free.length;
    this.free.splice(i, 0, { at, bytes });
    const merge = (j: number): void => {
      const [a, b] = [this.free[j], this.free[j + 1]];
      if (a !== undefined && b !== undefined && a.at + a.bytes === b.at)
        this.free.splice(j, 2, { at: a.at, bytes: a.bytes + b.bytes });
    };
    merge(i);
    merge(i - 1);
  }
}
