/** A program ready to run: pipelines, and how to encode them into one command buffer. */
import { DeviceError } from "../../base/errors";
import type { DeviceBuffer, Executable, KernelSource } from "../../kernel/device";
import type { Program } from "../../kernel/program";
import type { Binding, WgslKernel } from "../../targets/wgsl/module";
import { wgslProgram } from "../../targets/wgsl/program";
import type { BufferPool } from "./buffers";
import type { PipelineCache } from "./pipelines";

const WORD = 4;

export class WebgpuExecutable implements Executable {
  private readonly gpu: GPUDevice;
  private readonly pool: BufferPool;
  private readonly program: Program;
  private readonly kernels: readonly WgslKernel[];
  private readonly pipelines: readonly GPUComputePipeline[];
  /** For each program output, which of the caller's output buffers it is. */
  private readonly outputNumbers: readonly number[];

  constructor(gpu: GPUDevice, pool: BufferPool, pipelines: PipelineCache, program: Program, name: string) {
    this.gpu = gpu;
    this.pool = pool;
    this.program = program;
    this.kernels = wgslProgram(program, name);
    const limit = gpu.limits.maxStorageBuffersPerShaderStage;
    for (const { label, bindings } of this.kernels) {
      if (bindings.length > limit) {
        throw new DeviceError(
          `webgpu: kernel ${label} needs ${bindings.length} buffers, the device binds ${limit} at once`,
        );
      }
    }
    this.pipelines = this.kernels.map((k) => pipelines.get(k.label, k.code));
    let next = 0;
    this.outputNumbers = program.outputs.map((o) => (o.kind === "buffer" ? next++ : -1));
  }

  run(inputs: readonly DeviceBuffer[], offsets: readonly number[], outputs: readonly DeviceBuffer[]): void {
    const { gpu, pool, program } = this;
    const encoder = gpu.createCommandEncoder();
    const temporary: GPUBuffer[] = [];
    const arena = program.arenaBytes > 0 ? pool.take(program.arenaBytes) : null;
    if (arena !== null) temporary.push(arena);
    // Bindings start at a buffer's beginning: an input that starts later is copied.
    const sources = inputs.map((buffer, i) => {
      if (offsets[i] === 0) return buffer as GPUBuffer;
      const bytes = program.buffers[program.inputs[i]!]!.length * WORD;
      const copy = pool.take(bytes);
      temporary.push(copy);
      encoder.copyBufferToBuffer(buffer as GPUBuffer, offsets[i]! * WORD, copy, 0, bytes);
      return copy;
    });
    const resolve = (binding: Binding): GPUBuffer => {
      if (binding.kind === "arena") return arena!;
      const { place } = program.buffers[binding.buffer]!;
      if (place.at === "input") return sources[place.index]!;
      return outputs[this.outputNumbers[(place as { index: number }).index]!] as GPUBuffer;
    };
    if (this.kernels.length > 0) {
      const pass = encoder.beginComputePass();
      this.kernels.forEach((kernel, i) => {
        const pipeline = this.pipelines[i]!;
        pass.setPipeline(pipeline);
        const entries = kernel.bindings.map((b, binding) => ({ binding, resource: { buffer: resolve(b) } }));
        pass.setBindGroup(0, gpu.createBindGroup({ layout: pipeline.getBindGroupLayout(0), entries }));
        pass.dispatchWorkgroups(...kernel.dispatch);
      });
      pass.end();
    }
    gpu.queue.submit([encoder.finish()]);
    for (const buffer of temporary) pool.give(buffer);
  }

  dispose(): void {}

  sources(): readonly KernelSource[] {
    return this.kernels.map(({ label, code }) => ({ label, language: "wgsl", code }));
  }
}
