/** The reference device: evaluates programs in plain TypeScript. Slow and right; other devices are tested against it. */
import { storageView } from "../../aval/data-array";
import { DTYPES, type DType, sizeBytesOf } from "../../aval/dtype";
import { OutOfMemoryError, invariant } from "../../base/errors";
import type { Device, DeviceBuffer, Executable, PrepareOptions } from "../../kernel/device";
import { runCallback } from "../../kernel/callback";
import type { BufferSpec, Kernel, Program } from "../../kernel/program";
import { runRoutine, runSort } from "../../kernel/routines/index";
import { type RunNested, runControl } from "../../targets/js/control";
import { type BufferView, runContract, runCumulative, runLoop, runScatter } from "../../targets/js/kernels";

const LIMIT_BYTES = 2 ** 32;

interface CpuBuffer {
  bytes: Uint8Array;
}

export function createCpuDevice(): Device {
  let liveBytes = 0;
  let liveBlocks = 0;
  return {
    name: "cpu",
    dtypes: new Set(DTYPES),
    byteLength: (dtype, length) => sizeBytesOf(dtype) * length,
    malloc(bytes): CpuBuffer {
      if (liveBytes + bytes > LIMIT_BYTES) throw new OutOfMemoryError(bytes, LIMIT_BYTES - liveBytes, LIMIT_BYTES);
      liveBytes += bytes;
      liveBlocks++;
      return { bytes: new Uint8Array(bytes) };
    },
    free(buffer) {
      liveBytes -= bytesOf(buffer).length;
      liveBlocks--;
      (buffer as CpuBuffer).bytes = new Uint8Array(0);
    },
    write(buffer, _dtype, data) {
      bytesOf(buffer).set(data);
    },
    read: async (buffer, dtype, offset, length) => readBytes(buffer, dtype, offset, length),
    readSync: readBytes,
    viewSync: viewBytes,
    prepare: (program, options) => new CpuExecutable(program, options),
    whenDone: async () => undefined,
    memory: () => ({ liveBytes, liveBlocks }),
  };
}

const bytesOf = (buffer: DeviceBuffer): Uint8Array => (buffer as CpuBuffer).bytes;

function viewBytes(buffer: DeviceBuffer, dtype: DType, offset: number, length: number): Uint8Array {
  const size = sizeBytesOf(dtype);
  return bytesOf(buffer).subarray(offset * size, (offset + length) * size);
}

const readBytes = (...where: Parameters<typeof viewBytes>): Uint8Array => viewBytes(...where).slice();

class CpuExecutable implements Executable {
  private readonly program: Program;
  readonly name: string;

  constructor(program: Program, options: PrepareOptions) {
    this.program = program;
    this.name = options.name;
  }

  run(inputs: readonly DeviceBuffer[], offsets: readonly number[], outputs: readonly DeviceBuffer[]): void {
    const { program } = this;
    let nextOutput = 0;
    const ins = program.inputs.map((b, i) => viewOf(bytesOf(inputs[i]!), program.buffers[b]!, offsets[i]!));
    const outs = program.outputs.map((o) =>
      o.kind === "buffer" ? viewOf(bytesOf(outputs[nextOutput++]!), program.buffers[o.buffer]!, 0) : null,
    );
    runProgram(program, ins, outs, new Uint8Array(program.arenaBytes));
  }

  dispose(): void {}

  sources(): [] {
    return [];
  }
}

function viewOf(bytes: Uint8Array, { dtype, length }: BufferSpec, start: number): BufferView {
  const size = sizeBytesOf(dtype);
  const even = bytes.subarray(0, Math.floor(bytes.length / size) * size);
  const rest = even.subarray(start * size);
  invariant(rest.length >= length * size, `buffer of ${rest.length} bytes for ${length} ${dtype}`);
  return { dtype, data: storageView(rest, dtype), whole: storageView(even, dtype), start };
}

/** Runs a program; `outs` are where its outputs of kind "buffer" go. */
function runProgram(
  program: Program,
  ins: readonly BufferView[],
  outs: readonly (BufferView | null)[],
  arena: Uint8Array,
): void {
  const buffers = program.buffers.map((spec): BufferView => {
    const { place, dtype, length } = spec;
    if (place.at === "input") return ins[place.index]!;
    if (place.at === "output") return outs[place.index]!;
    return viewOf(arena.subarray(place.offsetBytes, place.offsetBytes + length * sizeBytesOf(dtype)), spec, 0);
  });
  for (const kernel of program.kernels) runKernel(kernel, buffers);
}

function runKernel(kernel: Kernel, buffers: readonly BufferView[]): void {
  switch (kernel.kind) {
    case "loop":
      return runLoop(kernel, buffers);
    case "contract":
      return runContract(kernel, buffers);
    case "cumulative":
      return runCumulative(kernel, buffers);
    case "scatter":
      return runScatter(kernel, buffers);
    case "sort":
      return runSort(kernel, (i) => buffers[i]!.data);
    case "routine":
      return runRoutine(kernel, (i) => buffers[i]!.data);
    case "callback":
      return runCallback(kernel, (i) => buffers[i]!.data);
    case "scan":
    case "while":
    case "switch": {
      const run: RunNested = ({ program, arena }, ins, outs) =>
        runProgram(program, ins, outs, buffers[arena]!.data as unknown as Uint8Array);
      return runControl(kernel, buffers, run);
    }
    default:
      kernel satisfies never;
  }
}
