/** Steps of a program in the order in which they run. */
import type { WgslKernel } from "../../targets/wgsl/module";
import type { WgslCall, WgslStep, WgslWhile } from "../../targets/wgsl/program";

/** Rounds of a loop between two looks at its condition: few at first, since most loops that are short are very short. */
const FIRST_ROUNDS = 4;
const MAX_ROUNDS = 64;

/** Where the host must look at values: it answers whether a loop goes on. */
export type Stop = WgslWhile | WgslCall;

/** Dispatches kernels, and yields where the host has something to do. */
export function* encode(
  steps: readonly WgslStep[],
  dispatch: (kernel: WgslKernel) => void,
): Generator<Stop, void, boolean> {
  for (const step of steps) {
    if ("code" in step) dispatch(step);
    else if ("kernel" in step) yield step;
    else if ("flag" in step) {
      yield* encode(step.first, dispatch);
      for (let rounds = FIRST_ROUNDS; yield step; rounds = Math.min(2 * rounds, MAX_ROUNDS)) {
        for (let i = 0; i < rounds; i++) yield* encode(step.round, dispatch);
      }
    } else {
      dispatch(step.reset);
      for (let t = 0; t < step.length; t++) {
        yield* encode(t === 0 ? step.first : step.rest[t % 2 === 1 ? 0 : 1], dispatch);
        dispatch(step.advance);
      }
    }
  }
}

/** Compute passes of one program: commands are collected until `submit`. */
export class Recording {
  readonly encoder: GPUCommandEncoder;
  private pass: GPUComputePassEncoder | null = null;
  private readonly gpu: GPUDevice;

  constructor(gpu: GPUDevice) {
    this.gpu = gpu;
    this.encoder = gpu.createCommandEncoder();
  }

  dispatch(pipeline: GPUComputePipeline, group: GPUBindGroup, size: readonly [number, number, number]): void {
    this.pass ??= this.encoder.beginComputePass();
    this.pass.setPipeline(pipeline);
    this.pass.setBindGroup(0, group);
    this.pass.dispatchWorkgroups(...size);
  }

  endPass(): void {
    this.pass?.end();
    this.pass = null;
  }

  submit(): void {
    this.endPass();
    this.gpu.queue.submit([this.encoder.finish()]);
  }
}
