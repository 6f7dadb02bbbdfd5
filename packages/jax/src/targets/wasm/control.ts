/** Loops and branches: calls of nested programs' functions, each with an argument block behind that of its program. */
import { sizeBytesOf } from "../../aval/dtype";
import type {
  Carried,
  ControlKernel,
  NestedProgram,
  Program,
  ScanKernel,
  SwitchKernel,
  WhileKernel,
} from "../../kernel/program";
import type { Func, Local } from "./assembler";
import type { ProgramLayout } from "./program-layout";

/** A nested program as a function of its argument block. */
export interface NestedFunction {
  readonly func: Func;
  /** Bytes from the outer block to this one. */
  readonly offset: number;
  /** Words of inputs, then outputs; then these. */
  readonly words: ProgramLayout;
}

export interface ControlHost {
  readonly run: Func;
  readonly args: Local;
  /** Emits the function of a nested program and reserves its argument block. */
  nested(nested: NestedProgram): NestedFunction;
  pushPointer(buffer: number): void;
  /** Of the outer block. */
  readonly layout: ProgramLayout;
  /** Emits that all threads wait for one another; null for a single thread. */
  readonly meet: (() => void) | null;
}

const bytesOfInput = ({ program }: NestedProgram, i: number): number => bytesOfBuffer(program, program.inputs[i]!);
const bytesOfBuffer = (program: Program, b: number): number =>
  program.buffers[b]!.length * sizeBytesOf(program.buffers[b]!.dtype);

function bytesOfOutput({ program }: NestedProgram, i: number): number {
  const out = program.outputs[i]!;
  return out.kind === "buffer" ? bytesOfBuffer(program, out.buffer) : 0;
}

/** Writes words of a nested block, and calls its function. */
class Block {
  private readonly host: ControlHost;
  private readonly fn: NestedFunction;
  readonly nInputs: number;

  constructor(host: ControlHost, nested: NestedProgram) {
    this.host = host;
    this.fn = host.nested(nested);
    this.nInputs = nested.program.inputs.length;
    const { words } = this.fn;
    this.set(words.arena, () => host.pushPointer(nested.arena));
    for (const word of ["scratch", "common", "bursts"] as const) {
      this.set(words[word], () => host.run.get(host.args).mem("i32.load", 4 * host.layout[word]));
    }
  }

  set(word: number, push: () => void): void {
    const { run, args } = this.host;
    run.get(args);
    push();
    run.mem("i32.store", this.fn.offset + 4 * word);
  }

  push(word: number): void {
    this.host.run.get(this.host.args).mem("i32.load", this.fn.offset + 4 * word);
  }

  setPointer(word: number, buffer: number): void {
    this.set(word, () => this.host.pushPointer(buffer));
  }

  call(): void {
    this.host.run.get(this.host.args).i32(this.fn.offset).op("i32.add").call(this.fn.func);
  }
}

export function emitControl(host: ControlHost, kernel: ControlKernel): void {
  switch (kernel.kind) {
    case "scan":
      return emitScan(host, kernel);
    case "while":
      return emitWhile(host, kernel);
    default:
      emitSwitch(host, kernel);
  }
}

/** Sum of both addresses of a carried value, so that the other one is the sum less the one. */
function addressSums({ run, pushPointer }: ControlHost, carry: readonly Carried[]): Local[] {
  return carry.map(({ out, spare }) => {
    const sum = run.local("i32");
    pushPointer(out);
    pushPointer(spare);
    run.op("i32.add").set(sum);
    return sum;
  });
}

/** What was just written is read next, and the other place is written. */
function swap(
  { run }: ControlHost,
  body: Block,
  input: number,
  output: number,
  sum: Local,
  others: readonly [Block, number][],
): void {
  const written = run.local("i32");
  body.push(output);
  run.set(written);
  body.set(input, () => run.get(written));
  for (const [block, word] of others) block.set(word, () => run.get(written));
  body.set(output, () => run.get(sum).get(written).op("i32.sub"));
  run.release(written);
}

function emitScan(host: ControlHost, kernel: ScanKernel): void {
  const { body, length, reverse, consts, carry, xs, ys } = kernel;
  const { run } = host;
  const firstX = consts.length + carry.length;
  if (length === 0) {
    carry.forEach((c, j) => {
      host.pushPointer(c.out);
      host.pushPointer(c.init);
      run.i32(bytesOfInput(body, consts.length + j)).memoryCopy();
    });
    return;
  }
  const block = new Block(host, body);
  consts.forEach((b, j) => block.setPointer(j, b));
  carry.forEach((c, j) => {
    block.setPointer(consts.length + j, c.init);
    // The last run writes to where the result is wanted.
    block.setPointer(block.nInputs + j, length % 2 === 1 ? c.out : c.spare);
  });
  const slices = [
    ...xs.map((b, k) => ({ word: firstX + k, buffer: b, bytes: bytesOfInput(body, firstX + k) })),
    ...ys.map((b, k) => ({
      word: block.nInputs + carry.length + k,
      buffer: b,
      bytes: bytesOfOutput(body, carry.length + k),
    })),
  ];
  for (const { word, buffer, bytes } of slices) {
    block.set(word, () => {
      host.pushPointer(buffer);
      if (reverse) run.i32((length - 1) * bytes).op("i32.add");
    });
  }
  const sums = addressSums(host, carry);
  const step = run.local("i32");
  run.range(step, 0, length, 1, () => {
    block.call();
    carry.forEach((_, j) => swap(host, block, consts.length + j, block.nInputs + j, sums[j]!, []));
    for (const { word, bytes } of slices) {
      block.set(word, () => {
        block.push(word);
        run.i32(reverse ? -bytes : bytes).op("i32.add");
      });
    }
  });
  run.release(step, ...sums);
}

function emitWhile(host: ControlHost, kernel: WhileKernel): void {
  const { cond, body, condConsts, bodyConsts, carry, flag } = kernel;
  const { run } = host;
  const test = new Block(host, cond);
  const block = new Block(host, body);
  condConsts.forEach((b, j) => test.setPointer(j, b));
  bodyConsts.forEach((b, j) => block.setPointer(j, b));
  test.setPointer(test.nInputs, flag);
  carry.forEach((c, j) => {
    test.setPointer(condConsts.length + j, c.init);
    block.setPointer(bodyConsts.length + j, c.init);
    block.setPointer(block.nInputs + j, c.spare);
  });
  const sums = addressSums(host, carry);
  run.block((done) => {
    run.loop((again) => {
      test.call();
      host.pushPointer(flag);
      run.mem("i32.load8_u").op("i32.eqz").brIf(done);
      // Nobody writes the flag again before all have read it.
      host.meet?.();
      block.call();
      carry.forEach((_, j) =>
        swap(host, block, bodyConsts.length + j, block.nInputs + j, sums[j]!, [[test, condConsts.length + j]]),
      );
      run.br(again);
    });
  });
  carry.forEach((c, j) => {
    block.push(bodyConsts.length + j);
    host.pushPointer(c.out);
    run.op("i32.ne").if(() => {
      host.pushPointer(c.out);
      block.push(bodyConsts.length + j);
      run.i32(bytesOfInput(body, bodyConsts.length + j)).memoryCopy();
    });
  });
  run.release(...sums);
}

function emitSwitch(host: ControlHost, { index, branches, operands, outs }: SwitchKernel): void {
  const { run } = host;
  branches.forEach((branch, i) => {
    host.pushPointer(index);
    run.mem("i32.load").i32(i).op("i32.eq");
    run.if(() => {
      const block = new Block(host, branch);
      operands.forEach((b, j) => block.setPointer(j, b));
      outs.forEach((b, j) => block.setPointer(block.nInputs + j, b));
      block.call();
    });
  });
}
