/** A contraction in a program: the product's function, and its epilogue as a loop over the finished block. */
import type { ContractKernel, LoopKernel, Store } from "../../kernel/program";
import { isNativeOnWasm } from "./native";
import { decomposeContract, memoryDType } from "../../kernel/decompose";
import { prod } from "../../base/list";
import type { Scalar } from "../../kernel/scalar";
import type { Func, Local } from "./assembler";
import { BLOCK_MULTIPLE } from "./contract-plan";
import { type Computing, contractScratchBytes, contractUnits, emitContract } from "./contract";
import { emitBlockFunc, emitRowsFunc } from "./contract-computed";
import { EPILOGUE_PARAMS, type EpilogueFunc } from "./contract-func";
import { Analysis, loadsOf } from "./loop-analysis";
import { LoopEmitter } from "./loop-emitter";
import { hoist } from "./loop-hoist";
import { emitColumns } from "./loop-parallel";
import type { EmitContext } from "./context";
import type { Team } from "./team";

/** Pushes the address of a program's buffer, found in the argument block at `args`. */
export type PushPointer = (f: Func, args: Local, buffer: number) => void;

/** Emits the functions, and into `run` their call; returns the bytes of scratch memory that it needs. */
export function emitContractCall(
  c: EmitContext,
  kernel: ContractKernel,
  name: string,
  run: Func,
  args: Local,
  scratchOffset: number,
  pushPointer: PushPointer,
  team: Team | null = null,
): number {
  const { module, features } = c;
  const func = module.once(`contract.${name}`, () => {
    const epilogue = kernel.epilogue === null ? null : emitEpilogue(c, kernel, `${name}_epilogue`, pushPointer);
    const computing: Computing = {
      block: (operand, side) => emitBlockFunc(c, kernel, operand, `${name}_${side}`, pushPointer),
      rows: (big, rows, smallRow) => emitRowsFunc(c, kernel, big, rows, smallRow, `${name}_rows`, pushPointer),
    };
    return emitContract(module, name, kernel, features, { epilogue, computing });
  });
  for (const { buffer, computed } of [kernel.lhs, kernel.rhs]) {
    if (computed === undefined) pushPointer(run, args, buffer);
    else run.i32(0);
  }
  pushPointer(run, args, kernel.out);
  run.get(args).mem("i32.load", scratchOffset).get(args);
  const units = contractUnits(kernel, features);
  if (team === null) run.i32(0).i32(units);
  else {
    // Even shares: units * thread / threads, and the same of the next thread.
    const share = (next: number): void => {
      run.getGlobal(team.thread).i32(next).op("i32.add").i32(units).op("i32.mul");
      run.getGlobal(team.threads).op("i32.div_u");
    };
    share(0);
    share(1);
  }
  run.call(func);
  return contractScratchBytes(kernel, features);
}

/** The epilogue's stores over rows [m0, m1) and columns [n0, n1) of one batch; `acc` is what `out` holds there. */
function emitEpilogue(c: EmitContext, kernel: ContractKernel, name: string, pushPointer: PushPointer): EpilogueFunc {
  const { stores } = decomposeContract(kernel, isNativeOnWasm, c.dtypeOf).epilogue!;
  const loop = epilogueLoop(kernel, stores);
  const f = c.module.func(name, EPILOGUE_PARAMS, []);
  const { context, batch, m0: row, m1: rowEnd, n0: start, n1: end } = f.params;
  const columns = loop.axes[2]!.size;
  const analysis = new Analysis(loop.axes, []);
  const [store] = loop.stages;
  const roots = store!.stores.flatMap((s) => [s.index, s.value]);
  analysis.count(roots);
  const e = new LoopEmitter({
    f: f as Func,
    analysis,
    relaxed: c.features.relaxed,
    hostMath: c.hostMath,
    dtypeOf: (b) => memoryDType(c.dtypeOf(b)),
  });
  for (const buffer of new Set([...loadsOf(roots), ...store!.stores].map((x) => x.buffer))) {
    const pointer = f.local("i32", `p${buffer}`);
    pushPointer(f as Func, context, buffer);
    f.set(pointer);
    e.pointers.set(buffer, pointer);
  }
  const col = f.local("i32", "col");
  const vector = columns >= 4;
  const multiple = columns % BLOCK_MULTIPLE === 0 ? BLOCK_MULTIPLE : 1;
  e.axes.set(0, batch).set(1, row).set(2, col);
  e.lanes = vector ? { axis: 2, copy: 0 } : null;
  if (vector)
    hoist(
      e,
      store!.stores.map((s) => s.value),
      analysis.maskOf(loop.axes),
      true,
      4,
    );
  f.block((done) => {
    f.get(row).get(rowEnd).op("i32.ge_s").brIf(done);
    f.loop((again) => {
      e.scoped(() => {
        f.get(start).set(col);
        emitColumns(e, loop, col, end, vector, multiple);
      });
      f.get(row).i32(1).op("i32.add").tee(row).get(rowEnd).op("i32.lt_s").brIf(again);
    });
  });
  return f;
}

function epilogueLoop(kernel: ContractKernel, stores: readonly Store[]): LoopKernel {
  const axes = [prod(kernel.batch), prod(kernel.m), prod(kernel.n)].map((size, id) => ({ id, size }));
  const acc = accumulated(kernel);
  const seen = new Map<Scalar, Scalar>();
  const substitute = (s: Scalar): Scalar => {
    let out = seen.get(s);
    if (out === undefined) {
      if (s.tag === "acc") out = acc;
      else if (s.tag === "op") out = { ...s, args: s.args.map(substitute) };
      else if (s.tag === "load") {
        out = { ...s, index: substitute(s.index), guard: s.guard === null ? null : substitute(s.guard) };
      } else out = s;
      seen.set(s, out);
    }
    return out;
  };
  return {
    kind: "loop",
    axes,
    stages: [
      {
        axes: [],
        reductions: [],
        stores: stores.map(({ buffer, index, value }) => ({
          buffer,
          index: substitute(index),
          value: substitute(value),
        })),
      },
    ],
  };
}

/** The sum at the current point, out of memory. */
function accumulated(kernel: ContractKernel): Scalar {
  const [m, n] = [prod(kernel.m), prod(kernel.n)];
  const int = (value: number): Scalar => ({ tag: "const", dtype: "int32", value });
  const axis = (id: number, size: number): Scalar => ({ tag: "axis", dtype: "int32", axis: id, size });
  const op = (name: "add" | "mul", ...args: Scalar[]): Scalar => ({ tag: "op", dtype: "int32", op: name, args });
  const row = op("add", op("mul", axis(0, prod(kernel.batch)), int(m)), axis(1, m));
  const index = op("add", op("mul", row, int(n)), axis(2, n));
  return { tag: "load", dtype: kernel.dtype, buffer: kernel.out, index, guard: null };
}
