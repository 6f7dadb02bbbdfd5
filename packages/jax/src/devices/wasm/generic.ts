/**
 * Programs of eager operations: every loop kernel is a call of a function that is shared by all kernels that differ only
 * in sizes, strides and offsets. Its arguments are plain numbers: addresses, then sizes. Large ones are shared by the
 * team, from a module of its own that is compiled when it is first wanted; the results are the same bits.
 */
import { type DType, sizeBytesOf } from "../../aval/dtype";
import { prod } from "../../base/list";
import { topological } from "../../kernel/build";
import type { DeviceBuffer, Executable, KernelSource } from "../../kernel/device";
import { type GenericKernel, generalize } from "../../kernel/generalize";
import type { Axis, LoopKernel, Program } from "../../kernel/program";
import type { Scalar } from "../../kernel/scalar";
import { moduleText } from "../../targets/wasm/assembler-text";
import { genericPieces } from "../../targets/wasm/loop-pieces";
import { inRowOrder } from "../../targets/wasm/loop-row-order";
import { emitGenericLoop, emitSharedLoop } from "../../targets/wasm/module";
import { isWorthWaking } from "../../targets/wasm/team-work";
import type { WasmDevice } from "./device";
import { GenericTeam, SharedCall } from "./generic-team";
import { workersCanImport } from "./team-module";

type WasmCall = (...args: number[]) => void;

interface SharedKernel {
  readonly run: WasmCall;
  /** The skeleton's buffers in the order of the function's addresses. */
  readonly buffers: readonly number[];
  /** The same by all threads; null if the workers cannot. */
  readonly team: GenericTeam | null;
}

const MAX_SHARED = 2048;

/** The compiled functions, by key; the least recently compiled are forgotten first. */
export class GenericCache {
  private readonly shared = new Map<string, SharedKernel>();
  private readonly device: WasmDevice;
  private readonly limit: number;

  constructor(device: WasmDevice, limit = MAX_SHARED) {
    this.device = device;
    this.limit = limit;
  }

  /** Number of functions compiled and kept. */
  get size(): number {
    return this.shared.size;
  }

  clear(): void {
    this.shared.clear();
  }

  get(generic: GenericKernel): SharedKernel {
    const { key, skeleton, dtypes } = generic;
    let kernel = this.shared.get(key);
    if (kernel === undefined) {
      const { device } = this;
      const options = device.moduleOptions;
      const dtypeOf = (b: number): DType => dtypes[b]!;
      const { module, buffers } = emitGenericLoop(skeleton, dtypeOf, options);
      const team = workersCanImport(module)
        ? new GenericTeam(device, () => emitSharedLoop(skeleton, dtypeOf, options))
        : null;
      kernel = { run: device.instantiate(module.toBytes(), {}), buffers, team };
      if (this.shared.size >= this.limit) this.shared.delete(this.shared.keys().next().value!);
      this.shared.set(key, kernel);
    }
    return kernel;
  }
}

/** The program as calls of shared kernels; null if it has kernels that are compiled for their sizes. */
export function genericExecutable(device: WasmDevice, program: Program): Executable | null {
  const { kernels } = program;
  if (!kernels.every((k): k is LoopKernel => k.kind === "loop" && !gainsFromSizes(k))) return null;
  const ordered = kernels.flatMap(genericPieces).map((kernel) => inRowOrder(kernel, (b) => program.buffers[b]!.dtype));
  return new GenericExecutable(device, program, ordered);
}

/** Work that is worth a module of its own, also where it gains less, and rows that are written out if their length is known. */
const [LEAST_WORK, MUCH_WORK, SHORT_ROW] = [1 << 13, 1 << 18, 32];

/** Whether a kernel of known sizes is several times as fast: borders and runs become loops of their own, short rows sums without a loop. */
function gainsFromSizes({ axes, stages, inStages }: LoopKernel): boolean {
  if (inStages !== undefined) return true;
  const count = (of: readonly Axis[]): number => prod(of.map((a) => a.size));
  const work = count([...axes, ...stages.flatMap((s) => s.axes)]);
  if (work < LEAST_WORK) return false;
  if (stages.some((s) => s.reductions.length > 0 && count(s.axes) <= SHORT_ROW)) return true;
  const roots = stages.flatMap((s) => [...s.reductions.map((r) => r.value), ...s.stores.map((t) => t.value)]);
  const isOfPlaces = (guard: Scalar | null): boolean =>
    guard !== null && topological([guard]).every((x) => x.tag !== "load");
  // Places that are divided (elements that repeat) are known in pieces.
  const isDivided = (x: Scalar): boolean =>
    x.tag === "op" && (x.op === "div" || x.op === "rem") && x.dtype === "int32" && isOfPlaces(x);
  return topological(roots).some(
    (x) => (x.tag === "load" && isOfPlaces(x.guard)) || (work >= MUCH_WORK && isDivided(x)),
  );
}

/** One call: what its arguments are before the addresses of a run are filled in. */
interface Call {
  readonly run: WasmCall;
  readonly args: number[];
  readonly places: readonly Place[];
  /** How the team does it; null for small ones. */
  readonly shared: SharedCall | null;
}

/** Where an address comes from. */
interface Place {
  readonly from: "input" | "output" | "arena";
  readonly index: number;
  /** Bytes of an element, for the offset of an input. */
  readonly elementBytes: number;
}

class GenericExecutable implements Executable {
  private readonly device: WasmDevice;
  private readonly program: Program;
  private readonly kernels: readonly LoopKernel[];
  private readonly calls: readonly Call[];

  constructor(device: WasmDevice, program: Program, kernels: readonly LoopKernel[]) {
    this.device = device;
    this.program = program;
    this.kernels = kernels;
    // Results that are an argument handed back have no buffer.
    const outputs = program.outputs.flatMap((o, i) => (o.kind === "buffer" ? [i] : []));
    const placeOf = (buffer: number): Place => {
      const { place, dtype } = program.buffers[buffer]!;
      const elementBytes = sizeBytesOf(dtype);
      if (place.at === "arena") return { from: "arena", index: place.offsetBytes, elementBytes };
      const index = place.at === "input" ? place.index : outputs.indexOf(place.index);
      return { from: place.at, index, elementBytes };
    };
    this.calls = kernels.map((kernel) => {
      const generic = generalize(kernel, (b) => program.buffers[b]!.dtype);
      const { run, buffers, team } = device.generic.get(generic);
      const places = buffers.map((b) => placeOf(generic.buffers[b]!));
      const args = [...places.map(() => 0), ...generic.params];
      const isShared = team !== null && device.team !== null && isWorthWaking([kernel], device.moduleOptions.shareFrom);
      return { run, args, places, shared: isShared ? new SharedCall(device, team, args) : null };
    });
  }

  run(inputs: readonly DeviceBuffer[], offsets: readonly number[], outputs: readonly DeviceBuffer[]): void {
    const { arenaBytes } = this.program;
    const arena = arenaBytes > 0 ? this.device.mallocOwn(arenaBytes) : 0;
    const { calls } = this;
    for (let c = 0; c < calls.length; c++) {
      const { run, args, places, shared } = calls[c]!;
      for (let i = 0; i < places.length; i++) {
        const { from, index, elementBytes } = places[i]!;
        if (from === "input") args[i] = (inputs[index] as number) + offsets[index]! * elementBytes;
        else if (from === "output") args[i] = outputs[index] as number;
        else args[i] = arena + index;
      }
      if (shared === null) callWith(run, args);
      else shared.run(() => callWith(run, args));
    }
    if (arenaBytes > 0) this.device.freeOwn(arena);
  }

  dispose(): void {
    for (const { shared } of this.calls) shared?.dispose();
  }

  sources(): KernelSource[] {
    const { program, kernels, device } = this;
    return kernels.map((kernel, i) => {
      const { skeleton, dtypes } = generalize(kernel, (b) => program.buffers[b]!.dtype);
      const { module } = emitGenericLoop(skeleton, (b) => dtypes[b]!, device.moduleOptions);
      return { label: `kernel${i}`, language: "wat", code: moduleText(module) };
    });
  }
}

/** `run(...args)`; spreading a list costs several times the call. */
function callWith(run: WasmCall, a: readonly number[]): void {
  switch (a.length) {
    case 2:
      return run(a[0]!, a[1]!);
    case 3:
      return run(a[0]!, a[1]!, a[2]!);
    case 4:
      return run(a[0]!, a[1]!, a[2]!, a[3]!);
    case 5:
      return run(a[0]!, a[1]!, a[2]!, a[3]!, a[4]!);
    case 6:
      return run(a[0]!, a[1]!, a[2]!, a[3]!, a[4]!, a[5]!);
    case 7:
      return run(a[0]!, a[1]!, a[2]!, a[3]!, a[4]!, a[5]!, a[6]!);
    case 8:
      return run(a[0]!, a[1]!, a[2]!, a[3]!, a[4]!, a[5]!, a[6]!, a[7]!);
    default:
      return run(...a);
  }
}
