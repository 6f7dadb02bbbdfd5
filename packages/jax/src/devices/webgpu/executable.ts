/** A program ready to run: pipelines, and how to encode them into one command buffer. */
import { prod } from "../../base/list";
import { callHost } from "../../kernel/callback";
import type { DeviceBuffer, Executable, KernelSource } from "../../kernel/device";
import type { Program } from "../../kernel/program";
import type { Location } from "../../targets/wgsl/control";
import type { Binding, WgslKernel } from "../../targets/wgsl/module";
import { type WgslProgram, wgslProgram } from "../../targets/wgsl/program";
import type { BufferPool } from "./buffers";
import { Recording, type Stop, encode } from "./encode";
import type { PipelineCache } from "./pipelines";
import { WORD, fromWords, readWords } from "./words";
import type { WorkQueue } from "./work-queue";

/** Bind groups kept for each kernel: programs in a loop get the same buffers again. */
const MAX_GROUPS = 8;

interface Step {
  readonly kernel: WgslKernel;
  readonly pipeline: GPUComputePipeline;
  readonly layout: GPUBindGroupLayout;
  readonly groups: { readonly buffers: readonly GPUBuffer[]; readonly group: GPUBindGroup }[];
}

interface Variant {
  readonly wgsl: WgslProgram;
  readonly steps: ReadonlyMap<WgslKernel, Step>;
  readonly counters: GPUBuffer | null;
  readonly scratchBytes: number;
  /** Where the elements of each buffer start. Written and read in the order of the queue, so one is enough. */
  readonly starts: GPUBuffer | null;
}

/** What one call binds. */
interface Call {
  readonly variant: Variant;
  readonly inputs: readonly GPUBuffer[];
  readonly outputs: readonly GPUBuffer[];
  readonly arena: GPUBuffer | null;
  readonly pack: GPUBuffer | null;
  readonly scratch: GPUBuffer | null;
  readonly counters: GPUBuffer | null;
  readonly starts: GPUBuffer | null;
  /** Where the elements of each buffer of the program start, in what is bound for it. */
  readonly firsts: Int32Array;
  /** Copies packed outputs to where they belong. */
  readonly copyOut: (encoder: GPUCommandEncoder) => void;
}

export class WebgpuExecutable implements Executable {
  private readonly gpu: GPUDevice;
  private readonly work: WorkQueue;
  private readonly pool: BufferPool;
  private readonly pipelines: PipelineCache;
  private readonly program: Program;
  private readonly name: string;
  /** For each program output, which of the caller's output buffers it is. */
  private readonly outputNumbers: readonly number[];
  private readonly direct: Variant;
  private shifted: Variant | null = null;

  constructor(
    gpu: GPUDevice,
    work: WorkQueue,
    pool: BufferPool,
    pipelines: PipelineCache,
    program: Program,
    name: string,
  ) {
    this.gpu = gpu;
    this.work = work;
    this.pool = pool;
    this.pipelines = pipelines;
    this.program = program;
    this.name = name;
    for (const { length } of program.buffers) pool.check(length * WORD);
    pool.check(program.arenaBytes);
    this.direct = this.makeVariant(false);
    let next = 0;
    this.outputNumbers = program.outputs.map((o) => (o.kind === "buffer" ? next++ : -1));
  }

  private makeVariant(shifted: boolean): Variant {
    const { gpu, program } = this;
    const maxBuffers = gpu.limits.maxStorageBuffersPerShaderStage;
    const wgsl = wgslProgram(program, this.name, { maxBuffers, starts: shifted });
    const steps = new Map<WgslKernel, Step>();
    for (const kernel of wgsl.kernels) {
      const pipeline = this.pipelines.get(kernel.label, kernel.code);
      steps.set(kernel, { kernel, pipeline, layout: pipeline.getBindGroupLayout(0), groups: [] });
    }
    const counters =
      wgsl.nCounters === 0
        ? null
        : gpu.createBuffer({ size: WORD * wgsl.nCounters, usage: GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_SRC });
    const scratchBytes = WORD * Math.max(0, ...wgsl.kernels.map((k) => k.scratchLength));
    if (!wgsl.addressing.starts) return { wgsl, steps, counters, scratchBytes, starts: null };
    const size = 16 * Math.ceil(program.buffers.length / 4);
    const starts = gpu.createBuffer({ size, usage: GPUBufferUsage.UNIFORM | GPUBufferUsage.COPY_DST });
    return { wgsl, steps, counters, scratchBytes, starts };
  }

  run(inputs: readonly DeviceBuffer[], offsets: readonly number[], outputs: readonly DeviceBuffer[]): void {
    const [ins, outs] = [[...inputs] as GPUBuffer[], [...outputs] as GPUBuffer[]];
    const starts = [...offsets];
    this.work.run(() => this.start(ins, starts, outs));
  }

  /** Submits everything, or what there is up to the first look at values: then the promise is of the rest. */
  private start(inputs: GPUBuffer[], offsets: number[], outputs: GPUBuffer[]): void | Promise<void> {
    const { gpu } = this;
    const variant = offsets.every((o) => o === 0) ? this.direct : (this.shifted ??= this.makeVariant(true));
    const recording = new Recording(gpu);
    const call = this.prepareCall(variant, inputs, offsets, outputs, recording.encoder);
    const groups = new Map<Step, GPUBindGroup>();
    let current = recording;
    const steps = encode(variant.wgsl.steps, (kernel) => {
      const step = variant.steps.get(kernel)!;
      let group = groups.get(step);
      if (group === undefined) groups.set(step, (group = this.groupOf(step, call)));
      current.dispatch(step.pipeline, group, kernel.dispatch);
    });
    const finish = (): void => {
      current.endPass();
      call.copyOut(current.encoder);
      current.submit();
      this.release(call);
    };
    const first = steps.next();
    if (first.done) return finish();
    const goOn = async (): Promise<void> => {
      try {
        for (let next: IteratorResult<Stop, void> = first; !next.done;) {
          current.submit();
          const goesOn = await this.answer(next.value, call);
          current = new Recording(gpu);
          next = steps.next(goesOn);
        }
      } catch (error) {
        this.release(call);
        throw error;
      }
      finish();
    };
    return goOn();
  }

  private release({ arena, pack, scratch }: Call): void {
    for (const buffer of [arena, pack, scratch]) if (buffer !== null) this.pool.give(buffer);
  }

  private async answer(stop: Stop, call: Call): Promise<boolean> {
    if ("flag" in stop) return (await this.valueAt(stop.flag, call)) !== 0;
    for (const { index, value } of stop.gates) if ((await this.valueAt(index, call)) !== value) return false;
    const { kernel, operands } = stop;
    const elements: Uint8Array[] = [];
    for (const [i, at] of operands.entries()) elements.push(await this.wordsAt(at, prod(kernel.shapes[i]!), call));
    callHost(
      kernel,
      elements.map((words, i) => fromWords(words, kernel.dtypes[i]!)),
    );
    return true;
  }

  private async valueAt(at: Location, call: Call): Promise<number> {
    return new Int32Array((await this.wordsAt(at, 1, call)).buffer)[0]!;
  }

  private async wordsAt({ buffer, words, counted }: Location, length: number, call: Call): Promise<Uint8Array> {
    const { gpu, program } = this;
    const { place } = program.buffers[buffer]!;
    let first = words + (place.at === "arena" ? place.offsetBytes / WORD : call.firsts[buffer]!);
    for (const { slot, size } of counted) {
      first += new Int32Array((await readWords(gpu, call.counters!, slot, 1)).buffer)[0]! * size;
    }
    const isPacked = call.variant.wgsl.addressing.packed.has(buffer);
    const binding: Binding =
      place.at === "arena" ? { kind: "arena" } : isPacked ? { kind: "pack" } : { kind: "buffer", buffer };
    return readWords(gpu, this.resolve(binding, call), first, length);
  }

  /** Takes memory, writes where elements start, and moves what has no binding of its own into one buffer. */
  private prepareCall(
    variant: Variant,
    inputs: readonly GPUBuffer[],
    offsets: readonly number[],
    outputs: readonly GPUBuffer[],
    encoder: GPUCommandEncoder,
  ): Call {
    const { program, pool } = this;
    const { packed } = variant.wgsl.addressing;
    const firsts = new Int32Array(4 * Math.ceil(program.buffers.length / 4));
    const parts: { buffer: number; at: number; words: number; isOutput: boolean }[] = [];
    let words = 0;
    program.buffers.forEach(({ place, length }, b) => {
      if (place.at === "arena") return;
      const offset = place.at === "input" ? offsets[place.index]! : 0;
      firsts[b] = offset;
      if (!packed.has(b)) return;
      // Strides may lead to elements before the start.
      parts.push({ buffer: b, at: words, words: offset + length, isOutput: place.at === "output" });
      firsts[b] = words + offset;
      words += offset + length;
    });
    const { counters, starts } = variant;
    const pack = parts.length === 0 ? null : pool.take(words * WORD);
    const arena = program.arenaBytes > 0 ? pool.take(program.arenaBytes) : null;
    const scratch = variant.scratchBytes > 0 ? pool.take(variant.scratchBytes) : null;
    const copyOut = (end: GPUCommandEncoder): void => {
      for (const p of parts) {
        const own = this.resolve({ kind: "buffer", buffer: p.buffer }, call);
        if (p.isOutput) end.copyBufferToBuffer(pack!, p.at * WORD, own, 0, p.words * WORD);
      }
    };
    const call: Call = { variant, inputs, outputs, arena, pack, scratch, counters, starts, firsts, copyOut };
    if (starts !== null) this.gpu.queue.writeBuffer(starts, 0, firsts as Int32Array<ArrayBuffer>);
    for (const p of parts) {
      const own = this.resolve({ kind: "buffer", buffer: p.buffer }, call);
      if (!p.isOutput) encoder.copyBufferToBuffer(own, 0, pack!, p.at * WORD, p.words * WORD);
    }
    return call;
  }

  private resolve(binding: Binding, call: Call): GPUBuffer {
    if (binding.kind !== "buffer") return call[binding.kind]!;
    const { place } = this.program.buffers[binding.buffer]!;
    if (place.at === "input") return call.inputs[place.index]!;
    return call.outputs[this.outputNumbers[(place as { index: number }).index]!]!;
  }

  private groupOf({ kernel, layout, groups }: Step, call: Call): GPUBindGroup {
    const buffers = kernel.bindings.map((b) => this.resolve(b, call));
    const known = groups.find((g) => g.buffers.every((b, i) => b === buffers[i]));
    if (known !== undefined) return known.group;
    const entries = buffers.map((buffer, binding) => ({ binding, resource: { buffer } }));
    const group = this.gpu.createBindGroup({ layout, entries });
    if (groups.length >= MAX_GROUPS) groups.shift();
    groups.push({ buffers, group });
    return group;
  }

  dispose(): void {
    this.work.run(() => {
      for (const variant of [this.direct, this.shifted]) {
        variant?.starts?.destroy();
        variant?.counters?.destroy();
      }
    });
  }

  sources(): readonly KernelSource[] {
    return this.direct.wgsl.kernels.map(({ label, code }) => ({ label, language: "wgsl", code }));
  }
}
