/** What emitters of kernels share: the module, the engine's features, functions of the host. */
import type { DType } from "../../aval/dtype";
import { decomposeLoop, memoryDType } from "../../kernel/decompose";
import type { LoopKernel } from "../../kernel/program";
import type { ScalarOp } from "../../kernel/scalar-op";
import { type Callable, Module } from "./assembler";
import type { WasmFeatures } from "./features";
import { type LoopFunction, emitLoop } from "./loop";
import { inRowOrder } from "./loop-row-order";
import { inTwoPasses } from "./loop-two-passes";
import { isNativeOnWasm } from "./native";
import type { Team } from "./team";

export interface ModuleOptions {
  readonly features: WasmFeatures;
  /** The memory is shared. */
  readonly shared: boolean;
  /** Operations from which on a kernel is shared by the team; infinite for one thread. */
  readonly shareFrom: number;
  /** Threads that a team has at most. */
  readonly maxThreads: number;
}

/** What a kernel's emitter needs to know of its surroundings. */
export interface EmitContext {
  readonly module: Module;
  readonly features: WasmFeatures;
  readonly hostMath: (op: ScalarOp) => Callable;
  /** dtype of a buffer as the program says it. */
  readonly dtypeOf: (buffer: number) => DType;
  /** The threads that share large kernels. */
  readonly team: Team | null;
  /** Operations from which on they do. */
  readonly shareFrom: number;
  readonly maxThreads: number;
}

export function newContext(
  { features, shared, shareFrom, maxThreads }: ModuleOptions,
  dtypeOf: (buffer: number) => DType,
): EmitContext {
  const module = new Module();
  module.importMemory({ min: 1, max: 65536, shared });
  const hostMath = (op: ScalarOp): Callable =>
    module.once(`math.${op}`, () =>
      module.importFunc("math", op, HOST_BINARY.has(op) ? ["f64", "f64"] : ["f64"], ["f64"]),
    );
  return { module, features, hostMath, dtypeOf, team: null, shareFrom, maxThreads };
}

const HOST_BINARY: ReadonlySet<ScalarOp> = /* @__PURE__ */ new Set<ScalarOp>(["rem", "pow", "atan2", "nextafter"]);

/** A loop kernel in basic operations, as a function of the module; the team of the context shares it. */
export function emitLoopFunction(c: EmitContext, kernel: LoopKernel, name: string): LoopFunction {
  return emitLoop(c.module, decomposeLoop(inTwoPasses(inRowOrder(kernel, c.dtypeOf)), isNativeOnWasm, c.dtypeOf), {
    name,
    relaxed: c.features.relaxed,
    hostMath: c.hostMath,
    dtypeOf: (b) => memoryDType(c.dtypeOf(b)),
    team: c.team,
  });
}
