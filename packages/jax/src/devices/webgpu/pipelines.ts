/** Compiled pipelines by their text: equal kernels of different programs share one. */
export class PipelineCache {
  private readonly device: GPUDevice;
  private readonly byCode = new Map<string, GPUComputePipeline>();

  constructor(device: GPUDevice) {
    this.device = device;
  }

  get(label: string, code: string): GPUComputePipeline {
    let pipeline = this.byCode.get(code);
    if (pipeline === undefined) {
      const module = this.device.createShaderModule({ label, code });
      pipeline = this.device.createComputePipeline({ label, layout: "auto", compute: { module, entryPoint: "main" } });
      if (this.byCode.size >= 1024) this.byCode.delete(this.byCode.keys().next().value!);
      this.byCode.set(code, pipeline);
    }
    return pipeline;
  }
}
