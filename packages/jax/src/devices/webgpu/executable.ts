/** A program ready to run: pipelines, and how to encode them into one command buffer. */
import type { DeviceBuffer, Executable, KernelSource } from "../../kernel/device";
import type { Program } from "../../kernel/program";
import type { Binding, WgslKernel } from "../../targets/wgsl/module";
import { type WgslProgram, type WgslStep, wgslProgram } from "../../targets/wgsl/program";
import type { BufferPool } from "./buffers";
import type { PipelineCache } from "./pipelines";

const WORD = 4;
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
  readonly inputs: readonly GPUBuffer[];
  readonly outputs: readonly GPUBuffer[];
  readonly arena: GPUBuffer | null;
  readonly pack: GPUBuffer | null;
  readonly scratch: GPUBuffer | null;
  readonly counters: GPUBuffer | null;
  readonly starts: GPUBuffer | null;
}

export class WebgpuExecutable implements Executable {
  private readonly gpu: GPUDevice;
  private readonly pool: BufferPool;
  private readonly pipelines: PipelineCache;
  private readonly program: Program;
  private readonly name: string;
  /** For each program output, which of the caller's output buffers it is. */
  private readonly outputNumbers: readonly number[];
  private readonly direct: Variant;
  private shifted: Variant | null = null;

  constructor(gpu: GPUDevice, pool: BufferPool, pipelines: PipelineCache, program: Program, name: string) {
    this.gpu = gpu;
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
      wgsl.nCounters === 0 ? null : gpu.createBuffer({ size: WORD * wgsl.nCounters, usage: GPUBufferUsage.STORAGE });
    const scratchBytes = WORD * Math.max(0, ...wgsl.kernels.map((k) => k.scratchLength));
    if (!wgsl.addressing.starts) return { wgsl, steps, counters, scratchBytes, starts: null };
    const size = 16 * Math.ceil(program.buffers.length / 4);
    const starts = gpu.createBuffer({ size, usage: GPUBufferUsage.UNIFORM | GPUBufferUsage.COPY_DST });
    return { wgsl, steps, counters, scratchBytes, starts };
  }

  run(inputs: readonly DeviceBuffer[], offsets: readonly number[], outputs: readonly DeviceBuffer[]): void {
    const { gpu, pool, program } = this;
    const atBeginning = offsets.every((o) => o === 0);
    const variant = atBeginning ? this.direct : (this.shifted ??= this.makeVariant(true));
    const encoder = gpu.createCommandEncoder();
    const arena = program.arenaBytes > 0 ? pool.take(program.arenaBytes) : null;
    const scratch = variant.scratchBytes > 0 ? pool.take(variant.scratchBytes) : null;
    const call: Call = {
      inputs: inputs as readonly GPUBuffer[],
      outputs: outputs as readonly GPUBuffer[],
      arena,
      pack: null,
      scratch,
      counters: variant.counters,
      starts: variant.starts,
    };
    const packed = variant.starts === null ? null : this.place(variant, call, offsets, encoder);
    const pack = packed?.buffer ?? null;
    if (variant.steps.size > 0) {
      const pass = encoder.beginComputePass();
      const groups = new Map<Step, GPUBindGroup>();
      const whole = { ...call, pack };
      const dispatch = (kernel: WgslKernel): void => {
        const step = variant.steps.get(kernel)!;
        let group = groups.get(step);
        if (group === undefined) groups.set(step, (group = this.groupOf(step, whole)));
        pass.setPipeline(step.pipeline);
        pass.setBindGroup(0, group);
        pass.dispatchWorkgroups(...kernel.dispatch);
      };
      encode(variant.wgsl.steps, dispatch);
      pass.end();
    }
    packed?.copyOut();
    gpu.queue.submit([encoder.finish()]);
    if (arena !== null) pool.give(arena);
    if (pack !== null) pool.give(pack);
    if (scratch !== null) pool.give(scratch);
  }

  /** Writes where elements start, and moves what has no binding of its own into one buffer. */
  private place(variant: Variant, call: Call, offsets: readonly number[], encoder: GPUCommandEncoder) {
    const { program, pool } = this;
    const { packed } = variant.wgsl.addressing;
    const starts = new Int32Array(4 * Math.ceil(program.buffers.length / 4));
    const parts: { from: GPUBuffer; at: number; words: number; isOutput: boolean }[] = [];
    let words = 0;
    program.buffers.forEach(({ place, length }, b) => {
      if (place.at === "arena") return;
      const offset = place.at === "input" ? offsets[place.index]! : 0;
      starts[b] = offset;
      if (!packed.has(b)) return;
      const from = this.resolve({ kind: "buffer", buffer: b }, call);
      // Strides may lead to elements before the start.
      parts.push({ from, at: words, words: offset + length, isOutput: place.at === "output" });
      starts[b] = words + offset;
      words += offset + length;
    });
    this.gpu.queue.writeBuffer(variant.starts!, 0, starts);
    if (parts.length === 0) return null;
    const buffer = pool.take(words * WORD);
    for (const p of parts) {
      if (!p.isOutput) encoder.copyBufferToBuffer(p.from, 0, buffer, p.at * WORD, p.words * WORD);
    }
    const copyOut = (): void => {
      for (const p of parts) if (p.isOutput) encoder.copyBufferToBuffer(buffer, p.at * WORD, p.from, 0, p.words * WORD);
    };
    return { buffer, copyOut };
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
    for (const variant of [this.direct, this.shifted]) {
      variant?.starts?.destroy();
      variant?.counters?.destroy();
    }
  }

  sources(): readonly KernelSource[] {
    return this.direct.wgsl.kernels.map(({ label, code }) => ({ label, language: "wgsl", code }));
  }
}

function encode(steps: readonly WgslStep[], dispatch: (kernel: WgslKernel) => void): void {
  for (const step of steps) {
    if ("code" in step) {
      dispatch(step);
      continue;
    }
    dispatch(step.reset);
    for (let t = 0; t < step.length; t++) {
      encode(t === 0 ? step.first : step.rest[t % 2 === 1 ? 0 : 1], dispatch);
      dispatch(step.advance);
    }
  }
}
