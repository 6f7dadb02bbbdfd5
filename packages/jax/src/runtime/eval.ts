/** The bottom interpreter: does operations on devices. A program of one equation, cached by input layouts. */
import { type ShapedArray } from "../aval/shaped-array";
import { DTypeError, DeviceError, LeakedTracerError } from "../base/errors";
import { compileExprs } from "../compile/index";
import { affineView } from "../compile/affine-view";
import { Trace, currentScope } from "../core/interpreter";
import type { AnyParams, AnyPrimitive } from "../core/primitive";
import { Literal, Tracer } from "../core/tracer";
import type { Device, DeviceBuffer, DeviceName, KernelSource } from "../kernel/device";
import { withEffects } from "../kernel/effects";
import type { Expr } from "../kernel/expr";
import { exprInput } from "../kernel/expr-build";
import { ConcreteArray, ownArray } from "./array";
import { allocate } from "./create";
import { type Layout, contiguousLayout, stridedLayout, stridesOf } from "./layout";
import { type Plan, type ProgramPlan, ownTable, planTable } from "./plans";
import { getDevice } from "./registry";
import { scalarArray } from "./scalars";

export class EvalTrace extends Trace {
  readonly parent = null;

  process(primitive: AnyPrimitive, args: readonly Tracer[], params: AnyParams): Tracer[] {
    return evaluate(primitive, args, params, runPlan);
  }
}

/** Does an operation; `run` is what to do with the plan for it. */
export function evaluate(
  primitive: AnyPrimitive,
  args: readonly Tracer[],
  params: AnyParams,
  run: (plan: Plan, arrays: readonly ConcreteArray[], committed: boolean) => ConcreteArray[],
): Tracer[] {
  if (primitive.evaluate !== undefined) return primitive.evaluate(args, params);
  const table = planTable(primitive, params);
  const n = args.length;
  const arrays = new Array<ConcreteArray>(n);
  const layouts = new Array<Layout>(n);
  const device = commonDevice(primitive.name, args);
  let temporaries: ConcreteArray[] | null = null;
  let committed = false;
  let outs: ConcreteArray[];
  try {
    for (let i = 0; i < n; i++) {
      let x = concrete(args[i]!, device);
      if (x !== args[i] && !(args[i] instanceof Literal)) (temporaries ??= []).push(x);
      if (table.holdsProgram && x.layout.strides !== null) (temporaries ??= []).push((x = makeContiguous(x)));
      arrays[i] = x;
      layouts[i] = x.layout;
      if (x.committed) committed = true;
    }
    let plan = table.find(device, layouts);
    if (plan === null) {
      plan = makePlan(primitive, params, device, layouts, !table.holdsProgram);
      table.add(plan);
    }
    outs = run(plan, arrays, committed);
  } finally {
    if (temporaries !== null) for (const t of temporaries) t.dispose();
  }
  const scope = currentScope();
  if (scope !== null) for (const out of outs) scope.add(out);
  return outs;
}

/** The device of the arguments; arguments that are not committed move to the device of one that is. */
function commonDevice(op: string, args: readonly Tracer[]): Device {
  let device: Device | null = null;
  let fixed = false;
  for (const x of args) {
    if (!(x instanceof ConcreteArray)) {
      if (!(x instanceof Tracer))
        throw new DTypeError(`${op}: expected an array, got ${x === null ? "null" : typeof x}`);
      continue;
    }
    const own = x.storage.device;
    if (device === null || own === device) {
      device = own;
      fixed ||= x.committed;
    } else if (x.committed) {
      if (fixed) {
        throw new DeviceError(
          `${op}: arguments are committed to different devices, got ${device.name} and ${own.name}; ` +
            `move one with await devicePut(x, "${device.name}")`,
        );
      }
      device = own;
      fixed = true;
    }
  }
  return device ?? getDevice();
}

function concrete(x: Tracer, device: Device): ConcreteArray {
  if (x instanceof ConcreteArray) return x.storage.device === device ? x : moveTo(x, device);
  if (x instanceof Literal) return scalarArray(x, device);
  throw new LeakedTracerError(
    `a traced ${x.aval} was used after its transformation (grad, vmap, jit, ...) had ended; ` +
      `return the value from the transformed function instead of storing it elsewhere`,
  );
}

/** A copy on another device; uncommitted. */
export function moveTo(x: ConcreteArray, device: Device): ConcreteArray {
  const storage = allocate(device, x.aval);
  if (x.aval.size > 0) {
    const flat = makeContiguous(x);
    const from = flat.storage;
    const bytes = from.device.readSync(from.buffer!, x.aval.dtype, flat.offset, x.aval.size);
    if (flat !== x) flat.dispose();
    device.write(storage.buffer!, x.aval.dtype, bytes);
  }
  return ownArray(storage, x.aval, false);
}

function makePlan(
  primitive: AnyPrimitive,
  params: AnyParams,
  device: Device,
  inputs: readonly Layout[],
  generic: boolean,
): Plan {
  const avals = inputs.map((l) => l.aval);
  const outAvals = primitive.type(avals, params);
  const { result: exprs, effect } = withEffects(() =>
    primitive.lower(
      avals.map((a, i) => exprInput(i, a)),
      avals,
      params,
    ),
  );
  return planFor(exprs, outAvals, device, inputs, { generic, name: primitive.name, copyInputs: false, effect });
}

/** Compiles before arguments are there: for row-major ones of these avals. */
export function compileAhead(
  primitive: AnyPrimitive,
  params: AnyParams,
  avals: readonly ShapedArray[],
  deviceName: DeviceName | null,
): { text(): string } {
  const table = planTable(primitive, params);
  const device = deviceName === null ? getDevice() : getDevice(deviceName);
  const layouts = avals.map((a) => contiguousLayout(a));
  let plan = table.find(device, layouts);
  if (plan === null) {
    plan = makePlan(primitive, params, device, layouts, !table.holdsProgram);
    table.add(plan);
  }
  if (plan.kind === "program") plan.executable.compile?.();
  const found = plan;
  const sources = (): readonly KernelSource[] => (found.kind === "program" ? found.executable.sources() : []);
  return {
    text: () =>
      sources()
        .map((s) => `// ${s.label} (${s.language})\n${s.code}`)
        .join("\n"),
  };
}

function planFor(
  exprs: readonly Expr[],
  outAvals: readonly ShapedArray[],
  device: Device,
  inputs: readonly Layout[],
  options: { generic: boolean; name: string; copyInputs: boolean; effect: Expr | null },
): Plan {
  if (!options.copyInputs && options.effect === null) {
    const strides = inputs.map(stridesOf);
    const views = exprs.map((e) => affineView(e, strides));
    if (views.every((v) => v !== null)) {
      const outs = views.map((v, i) => ({
        input: v!.input,
        offset: v!.offset,
        layout: stridedLayout(outAvals[i]!, v!.strides),
      }));
      return { kind: "view", device, inputs, outs };
    }
  }
  const specs = inputs.map((l) => ({ aval: l.aval, strides: l.strides }));
  const program = compileExprs(specs, exprs, {
    name: options.name,
    copyInputs: options.copyInputs,
    effect: options.effect,
    computesOperands: device.computesOperands ?? false,
    byteLength: (dtype, n) => device.byteLength(dtype, n),
  });
  const executable = device.prepare(program, { generic: options.generic, name: options.name });
  const outs = program.outputs.map((o, i) => (o.kind === "input" ? o.input : contiguousLayout(outAvals[i]!)));
  return { kind: "program", device, inputs, executable, outs };
}

export function runPlan(plan: Plan, arrays: readonly ConcreteArray[], committed: boolean): ConcreteArray[] {
  if (plan.kind === "view") {
    return plan.outs.map(({ input, offset, layout }) => {
      const x = arrays[input]!;
      const { storage } = x;
      storage.retain();
      return new ConcreteArray(storage, layout, x.offset + offset, committed);
    });
  }
  return runProgram(plan, arrays, committed);
}

function runProgram(plan: ProgramPlan, arrays: readonly ConcreteArray[], committed: boolean): ConcreteArray[] {
  return withBuffers(plan, arrays, committed, (inputs, offsets, outputs) => {
    plan.executable.run(inputs, offsets, outputs);
  });
}

/** Makes the results of a program, and gives `run` the buffers; if that fails the results are freed. */
export function withBuffers(
  { device, outs }: ProgramPlan,
  arrays: readonly ConcreteArray[],
  committed: boolean,
  run: (inputs: readonly DeviceBuffer[], offsets: readonly number[], outputs: readonly DeviceBuffer[]) => void,
): ConcreteArray[] {
  const n = arrays.length;
  const buffers = new Array<DeviceBuffer>(n);
  const offsets = new Array<number>(n);
  for (let i = 0; i < n; i++) {
    const x = arrays[i]!;
    buffers[i] = x.storage.buffer!;
    offsets[i] = x.offset;
  }
  const results = new Array<ConcreteArray>(outs.length);
  const outBuffers: DeviceBuffer[] = [];
  let made = 0;
  try {
    for (; made < outs.length; made++) {
      const out = outs[made]!;
      if (typeof out === "number") results[made] = arrays[out]!.handle();
      else {
        const storage = allocate(device, out.aval);
        outBuffers.push(storage.buffer!);
        results[made] = new ConcreteArray(storage, out, 0, committed);
      }
    }
    run(buffers, offsets, outBuffers);
  } catch (error) {
    for (let i = 0; i < made; i++) results[i]!.dispose();
    throw error;
  }
  return results;
}

const copies = /* @__PURE__ */ ownTable();

/** The array itself if its elements lie row-major, else a fresh copy that does; the caller disposes a copy. */
export function makeContiguous(x: ConcreteArray): ConcreteArray {
  if (x.layout.strides === null) return x;
  const { device } = x.storage;
  const inputs = [x.layout];
  let plan = copies.find(device, inputs);
  if (plan === null) {
    const exprs = [exprInput(0, x.aval)];
    plan = planFor(exprs, [x.aval], device, inputs, { generic: true, name: "copy", copyInputs: true, effect: null });
    copies.add(plan);
  }
  return runPlan(plan, [x], x.committed)[0]!;
}
