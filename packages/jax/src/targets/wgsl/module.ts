/** One kernel as one WGSL module with one entry point: bindings, indices, and the dispatch size. */
import type { DType } from "../../aval/dtype";
import { prod } from "../../base/list";
import { memoryDType } from "../../kernel/decompose";
import { isHalf } from "../../kernel/math/half";
import type { Axis, Kernel, Program } from "../../kernel/program";
import type { Location, Nested } from "./control";
import { preludeFor } from "./prelude";
import { type BufferAccess, wgslType } from "./scalar";

/**
 * Bindings besides those of single buffers: the program's arena; copies of buffers that are too many to bind; memory
 * of one kernel's own; numbers of loop iterations; where elements start (a uniform, one int32 for each of the
 * program's buffers).
 */
type SharedBinding = "arena" | "pack" | "scratch" | "counters" | "starts";

export type Binding = { readonly kind: SharedBinding } | { readonly kind: "buffer"; readonly buffer: number };

export interface WgslKernel {
  readonly label: string;
  readonly code: string;
  readonly bindings: readonly Binding[];
  readonly dispatch: readonly [number, number, number];
  /** float32 elements of memory that the kernels of an operation share. */
  readonly scratchLength: number;
}

/** How kernels address the buffers of a program. */
export interface Addressing {
  /** True if elements of inputs and packed buffers start where the uniform says; otherwise at the beginning. */
  readonly starts: boolean;
  /** Inputs and outputs without bindings of their own: their elements are in the pack. */
  readonly packed: ReadonlySet<number>;
  readonly nested: Nested;
}

/** Collects the buffers a kernel touches, and says how to load and store their elements. */
export class ModuleBindings implements BufferAccess {
  private readonly program: Program;
  private readonly addressing: Addressing;
  /** Keyed by buffer number, or by the name of a shared binding. */
  private readonly used = new Map<number | SharedBinding, { readonly binding: number; written: boolean }>();

  constructor(program: Program, addressing: Addressing) {
    this.program = program;
    this.addressing = addressing;
  }

  /** The element as memory holds it: 16-bit floats as their bits. */
  load(buffer: number, index: string): string {
    const { dtype } = this.program.buffers[buffer]!;
    const { place, isWord } = this.place(buffer, index, false);
    const stored = isWord ? "uint32" : elementDType(dtype);
    const wanted = memoryDType(dtype);
    if (wanted === "bool") return `(${place} != 0u)`;
    return wgslType(stored) === wgslType(wanted) ? place : `bitcast<${wgslType(wanted)}>(${place})`;
  }

  /** The element as it is computed with: 16-bit floats as f32. */
  loadValue(buffer: number, index: string): string {
    const { dtype } = this.program.buffers[buffer]!;
    return isHalf(dtype) ? `from_${dtype}(${this.load(buffer, index)})` : this.load(buffer, index);
  }

  store(buffer: number, index: string, value: string): string {
    const { dtype } = this.program.buffers[buffer]!;
    const { place, isWord } = this.place(buffer, index, true);
    if (dtype === "bool") return `${place} = select(0u, 1u, ${value});`;
    const same = wgslType(memoryDType(dtype)) === (isWord ? "u32" : wgslType(elementDType(dtype)));
    // The bits of a 16-bit float come as an integer of either sign.
    if (isHalf(dtype)) return `${place} = u32(${value});`;
    return `${place} = ${same ? value : `bitcast<u32>(${value})`};`;
  }

  storeValue(buffer: number, index: string, value: string): string {
    const { dtype } = this.program.buffers[buffer]!;
    return this.store(buffer, index, isHalf(dtype) ? `to_${dtype}(${value})` : value);
  }

  /** An element of the kernel's own float32 memory, to read or assign to. */
  scratch(index: string): string {
    this.touch("scratch", true);
    return `scratch[u32(${index})]`;
  }

  private place(buffer: number, index: string, written: boolean): { place: string; isWord: boolean } {
    return this.located(this.addressing.nested.locations[buffer]!, index, written);
  }

  private located(
    { buffer, words, counted }: Location,
    index: string,
    written: boolean,
  ): { place: string; isWord: boolean } {
    const { nested, packed, starts } = this.addressing;
    const { place } = nested.root.buffers[buffer]!;
    const terms = counted.map(({ slot, size }) => `i32(counters[${slot}]) * ${size}`);
    if (counted.length > 0) this.touch("counters", false);
    const first = words + (place.at === "arena" ? place.offsetBytes / 4 : 0);
    if (first !== 0) terms.push(`${first}`);
    terms.push(index);
    if (place.at === "arena") {
      this.touch("arena", written);
      return { place: `arena[u32(${terms.join(" + ")})]`, isWord: true };
    }
    const isPacked = packed.has(buffer);
    this.touch(isPacked ? "pack" : buffer, written);
    if (isPacked || (place.at === "input" && starts)) {
      this.touch("starts", false);
      terms.unshift(`starts[${buffer >> 2}][${buffer & 3}]`);
    }
    return { place: `${isPacked ? "pack" : `b${buffer}`}[u32(${terms.join(" + ")})]`, isWord: isPacked };
  }

  /** Statements that end all invocations where the kernel is not to run, and what they declare. */
  gates(): { shared: string[]; body: string[] } {
    const { gates } = this.addressing.nested;
    const body = gates.flatMap(({ index, value }) => {
      const { place } = this.located(index, "0", false);
      return [`if (lane == 0u) { gate = i32(${place}); }`, `if (workgroupUniformLoad(&gate) != ${value}) { return; }`];
    });
    return { shared: gates.length === 0 ? [] : ["var<workgroup> gate: i32;"], body };
  }

  private touch(key: number | SharedBinding, written: boolean): void {
    const known = this.used.get(key);
    if (known === undefined) this.used.set(key, { binding: this.used.size, written });
    else known.written ||= written;
  }

  /** Declarations, and what to bind in order. */
  declare(): { text: string; bindings: Binding[] } {
    const lines: string[] = [];
    const bindings: Binding[] = [];
    for (const [key, { binding, written }] of this.used) {
      const mode = written ? "read_write" : "read";
      let declaration: string;
      if (key === "starts")
        declaration = `var<uniform> starts: array<vec4i, ${Math.ceil(this.addressing.nested.root.buffers.length / 4)}>;`;
      else if (key === "scratch") declaration = `var<storage, read_write> scratch: array<f32>;`;
      else if (typeof key === "string") declaration = `var<storage, ${mode}> ${key}: array<u32>;`;
      else {
        const element = wgslType(elementDType(this.addressing.nested.root.buffers[key]!.dtype));
        declaration = `var<storage, ${mode}> b${key}: array<${element}>;`;
      }
      lines.push(`@group(0) @binding(${binding}) ${declaration}`);
      bindings.push(typeof key === "string" ? { kind: key } : { kind: "buffer", buffer: key });
    }
    return { text: lines.join("\n"), bindings };
  }
}

/** The dtype that a buffer's binding is declared with. */
const elementDType = (dtype: DType): DType => (dtype === "bool" ? "uint32" : memoryDType(dtype));

export const WORKGROUP = 64;
const MAX_DISPATCH = 65535;

/** Workgroups in x and y for `n` of them; y is used past the limit of a dimension. */
export function dispatchSize(n: number): [number, number, number] {
  if (n <= MAX_DISPATCH) return [Math.max(1, n), 1, 1];
  return [MAX_DISPATCH, Math.ceil(n / MAX_DISPATCH), 1];
}

/** Assembles the module text. `point` is the index of the invocation or of the workgroup, checked against `count`. */
export function assemble(
  label: string,
  bindings: ModuleBindings,
  body: readonly string[],
  options: {
    readonly perGroup: boolean;
    readonly count: number;
    readonly shared?: readonly string[];
    readonly workgroup?: number;
    readonly scratchLength?: number;
  },
): WgslKernel {
  const { perGroup, count, shared = [], workgroup = WORKGROUP, scratchLength = 0 } = options;
  const groups = perGroup ? count : Math.ceil(count / workgroup);
  const dispatch = dispatchSize(groups);
  const point = perGroup
    ? `let point = i32(group.x + group.y * ${dispatch[0]}u);`
    : `let point = i32((group.x + group.y * ${dispatch[0]}u) * ${workgroup}u + lane);`;
  const gates = bindings.gates();
  const { text, bindings: list } = bindings.declare();
  const own = [
    ...shared,
    ...gates.shared,
    `@compute @workgroup_size(${workgroup})`,
    "fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32) {",
    ...gates.body,
    point,
    `if (point >= ${count}) { return; }`,
    ...body,
    "}",
  ].join("\n");
  const code = [text, preludeFor(own), own].filter((part) => part !== "").join("\n");
  return { label, code, bindings: list, dispatch, scratchLength };
}

/** Statements that set `a<id>` of each axis from a flat row-major index. */
export function unflatten(axes: readonly Axis[], flat: string): string[] {
  let step = prod(axes.map((a) => a.size));
  // No point at all: the loop over `flat` has an empty body, which must be valid nevertheless.
  if (step === 0) return axes.map(({ id }) => `let a${id} = 0;`);
  const lines: string[] = [];
  axes.forEach(({ id, size }, i) => {
    step /= size;
    const high = step === 1 ? flat : `(${flat} / ${step})`;
    lines.push(`let a${id} = ${size === 1 ? "0" : i === 0 ? high : `(${high} % ${size})`};`);
  });
  return lines;
}

export type KernelOf<K extends Kernel["kind"]> = Extract<Kernel, { kind: K }>;
