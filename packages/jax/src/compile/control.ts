/** Loops and branches as kernels: programs inside the program. */
import type { DType } from "../aval/dtype";
import { prod, range } from "../base/list";
import type { ControlExpr, SubProgram } from "../kernel/expr";
import type { Carried, ControlKernel, NestedProgram, Program } from "../kernel/program";

export interface ControlContext {
  compile(sub: SubProgram): Program;
  /** A buffer of the outer program for the time of this kernel. */
  workspace(dtype: DType, length: number): number;
}

export function controlKernel(
  x: ControlExpr,
  operands: readonly number[],
  outs: readonly number[],
  context: ControlContext,
): ControlKernel {
  const nested = (sub: SubProgram): NestedProgram => {
    const program = context.compile(sub);
    return { program, arena: context.workspace("uint8", program.arenaBytes) };
  };
  const carried = (first: number, n: number): Carried[] =>
    range(n).map((i) => {
      const { dtype, shape } = x.outs[i]!;
      return { init: operands[first + i]!, out: outs[i]!, spare: context.workspace(dtype, prod(shape)) };
    });
  switch (x.kind) {
    case "scan":
      return {
        kind: "scan",
        body: nested(x.body),
        length: x.length,
        reverse: x.reverse,
        consts: operands.slice(0, x.nConsts),
        carry: carried(x.nConsts, x.nCarry),
        xs: operands.slice(x.nConsts + x.nCarry),
        ys: outs.slice(x.nCarry),
      };
    case "while":
      return {
        kind: "while",
        cond: nested(x.cond),
        body: nested(x.body),
        condConsts: operands.slice(0, x.nCond),
        bodyConsts: operands.slice(x.nCond, x.nCond + x.nBody),
        carry: carried(x.nCond + x.nBody, x.outs.length),
        flag: context.workspace("bool", 2),
      };
    default:
      return {
        kind: "switch",
        index: operands[0]!,
        branches: x.branches.map(nested),
        operands: operands.slice(1),
        outs,
      };
  }
}

export function controlReads(k: ControlKernel): number[] {
  switch (k.kind) {
    case "scan":
      return [...k.consts, ...k.carry.map((c) => c.init), ...k.xs];
    case "while":
      return [...k.condConsts, ...k.bodyConsts, ...k.carry.map((c) => c.init)];
    default:
      return [k.index, ...k.operands];
  }
}

export function controlWrites(k: ControlKernel): number[] {
  const carried = (cs: readonly Carried[]): number[] => cs.flatMap((c) => [c.out, c.spare]);
  switch (k.kind) {
    case "scan":
      return [...carried(k.carry), ...k.ys, k.body.arena];
    case "while":
      return [...carried(k.carry), k.cond.arena, k.body.arena, k.flag];
    default:
      return [...k.outs, ...k.branches.map((b) => b.arena)];
  }
}
