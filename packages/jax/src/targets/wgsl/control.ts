/** Programs inside programs: where their buffers are in the memory of the outermost one, and when their kernels run. */
import { invariant } from "../../base/errors";
import type { BufferSpec, NestedProgram, Program } from "../../kernel/program";
import type { WgslKernel } from "./module";

/** Elements of a buffer of the outermost program: from `words` on, and from there what counters say. */
export interface Location {
  readonly buffer: number;
  readonly words: number;
  /** Each adds its counter's value times `size`. */
  readonly counted: readonly { readonly slot: number; readonly size: number }[];
}

/** A kernel with gates runs only where each of these int32 elements has that value. */
export interface Gate {
  readonly index: Location;
  readonly value: number;
}

export interface Nested {
  readonly root: Program;
  /** By buffer number of the nested program. */
  readonly locations: readonly Location[];
  readonly gates: readonly Gate[];
}

/** What surrounds the kernels of a program: nothing, for the outermost one. */
export function outermost(root: Program): Nested {
  return { root, locations: root.buffers.map((_, buffer) => ({ buffer, words: 0, counted: [] })), gates: [] };
}

/** The inside of a nested program whose inputs and outputs are at these places. */
export function inside(
  outer: Nested,
  { program, arena }: NestedProgram,
  ins: readonly Location[],
  outs: readonly Location[],
  gates: readonly Gate[] = outer.gates,
): Nested {
  const place = ({ place: p }: BufferSpec): Location => {
    if (p.at === "input") return ins[p.index]!;
    if (p.at === "output") return outs[p.index]!;
    const at = outer.locations[arena]!;
    return { ...at, words: at.words + p.offsetBytes / 4 };
  };
  return { root: outer.root, locations: program.buffers.map(place), gates };
}

/** The elements of iteration number `counter` of a loop, where each has `size`. */
export const slice = (at: Location, slot: number, size: number): Location => ({
  ...at,
  counted: [...at.counted, { slot, size }],
});

/** Where an element of the program's arena is, in words. */
export function arenaWord({ buffer, words }: Location, root: Program): number {
  const { place } = root.buffers[buffer]!;
  invariant(place.at === "arena", "webgpu: a flag is in the arena");
  return place.offsetBytes / 4 + words;
}

/** A kernel of one invocation that sets an element of the arena to zero or to another one, whatever the gates. */
export function setKernel(to: Location, from: Location | null, root: Program, label: string): WgslKernel {
  const value = from === null ? "0u" : `arena[${arenaWord(from, root)}]`;
  const code = [
    "@group(0) @binding(0) var<storage, read_write> arena: array<u32>;",
    "@compute @workgroup_size(1)",
    `fn main() { arena[${arenaWord(to, root)}] = ${value}; }`,
  ].join("\n");
  return { label: `${label}.set`, code, bindings: [{ kind: "arena" }], dispatch: [1, 1, 1], scratchLength: 0 };
}

/** A kernel of one invocation that changes a counter. */
export function counterKernel(slot: number, how: "=" | "+=", value: number): WgslKernel {
  const code = [
    "@group(0) @binding(0) var<storage, read_write> counters: array<i32>;",
    "@compute @workgroup_size(1)",
    `fn main() { counters[${slot}] ${how} ${value}; }`,
  ].join("\n");
  return { label: "counter", code, bindings: [{ kind: "counters" }], dispatch: [1, 1, 1], scratchLength: 0 };
}
