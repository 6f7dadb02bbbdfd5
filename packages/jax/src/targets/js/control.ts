/** Loops and branches as plain code around runs of programs. */
import type { Carried, ControlKernel, NestedProgram, ScanKernel, WhileKernel } from "../../kernel/program";
import type { BufferView } from "./kernels";

export type RunNested = (nested: NestedProgram, ins: readonly BufferView[], outs: readonly BufferView[]) => void;

type Elements = { subarray(from: number, to: number): Elements; set(from: Elements): void } & BufferView["data"];

const part = ({ dtype, data }: BufferView, from: number, to: number): BufferView => {
  const view = (data as Elements).subarray(from, to);
  return { dtype, data: view, whole: view, start: 0 };
};

const copy = (from: BufferView, to: BufferView, length: number): void => {
  if (from !== to) (to.data as Elements).set((from.data as Elements).subarray(0, length));
};

export function runControl(kernel: ControlKernel, buffers: readonly BufferView[], run: RunNested): void {
  const views = (numbers: readonly number[]): BufferView[] => numbers.map((b) => buffers[b]!);
  switch (kernel.kind) {
    case "scan":
      return runScan(kernel, buffers, views, run);
    case "while":
      return runWhile(kernel, buffers, views, run);
    default: {
      const branch = kernel.branches[buffers[kernel.index]!.data[0]!]!;
      run(branch, views(kernel.operands), views(kernel.outs));
    }
  }
}

/** Where carried values are now, and where the next run writes them. */
class Carrying {
  current: BufferView[];
  private next: BufferView[];
  private readonly places: { out: BufferView; spare: BufferView }[];

  constructor(carry: readonly Carried[], buffers: readonly BufferView[]) {
    this.places = carry.map((c) => ({ out: buffers[c.out]!, spare: buffers[c.spare]! }));
    this.current = carry.map((c) => buffers[c.init]!);
    this.next = this.places.map((p) => p.spare);
  }

  get targets(): BufferView[] {
    return this.next;
  }

  advance(): void {
    this.current = this.next;
    this.next = this.places.map((p, i) => (this.current[i] === p.out ? p.spare : p.out));
  }

  /** Puts the last values where they are expected. */
  finish(lengths: readonly number[]): void {
    this.places.forEach(({ out }, i) => copy(this.current[i]!, out, lengths[i]!));
  }
}

function runScan(
  kernel: ScanKernel,
  buffers: readonly BufferView[],
  views: (numbers: readonly number[]) => BufferView[],
  run: RunNested,
): void {
  const { body, length, reverse, consts, carry, xs, ys } = kernel;
  const { program } = body;
  const lengths = program.inputs.map((b) => program.buffers[b]!.length);
  const outLengths = program.outputs.map((o) => (o.kind === "buffer" ? program.buffers[o.buffer]!.length : 0));
  const carrying = new Carrying(carry, buffers);
  const firstX = consts.length + carry.length;
  for (let step = 0; step < length; step++) {
    const i = reverse ? length - 1 - step : step;
    const slice = (b: number, n: number): BufferView => part(buffers[b]!, i * n, (i + 1) * n);
    const ins = [...views(consts), ...carrying.current, ...xs.map((b, k) => slice(b, lengths[firstX + k]!))];
    const outs = [...carrying.targets, ...ys.map((b, k) => slice(b, outLengths[carry.length + k]!))];
    run(body, ins, outs);
    carrying.advance();
  }
  carrying.finish(lengths.slice(consts.length, firstX));
}

function runWhile(
  { cond, body, condConsts, bodyConsts, carry, flag }: WhileKernel,
  buffers: readonly BufferView[],
  views: (numbers: readonly number[]) => BufferView[],
  run: RunNested,
): void {
  const carrying = new Carrying(carry, buffers);
  const { program } = body;
  for (;;) {
    run(cond, [...views(condConsts), ...carrying.current], views([flag]));
    if (buffers[flag]!.data[0] === 0) break;
    run(body, [...views(bodyConsts), ...carrying.current], carrying.targets);
    carrying.advance();
  }
  carrying.finish(program.inputs.slice(bodyConsts.length).map((b) => program.buffers[b]!.length));
}
