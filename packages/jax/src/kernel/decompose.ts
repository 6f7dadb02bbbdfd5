/**
 * Rewrites scalar operations that a target lacks into basic ones: add sub mul div fma neg abs floor ceil round trunc
 * sqrt max min, integer and bit operations, comparisons, select, cast, bitcast. Afterwards float16 and bfloat16 occur
 * nowhere: values are float32, elements are loaded and stored as their uint16 bits.
 */
import { type DType, isFloat } from "../aval/dtype";
import { InternalError } from "../base/errors";
import { BelowMaximum } from "./below-maximum";
import { RULES, DOUBLE_RULES } from "./math/index";
import { SharingBuilder, lang } from "./math/lang";
import { fromHalfBits, isHalf, roundToHalf, toHalfBits } from "./math/half";
import type { ContractKernel, LoopKernel, Stage, Store } from "./program";
import type { LoadScalar, OpScalar, Scalar } from "./scalar";
import { type ScalarOp, isSelect } from "./scalar-op";

/** What a target can say itself; `dtype` is that of the (first value) operand. */
export type IsNative = (op: ScalarOp, dtype: DType) => boolean;

/** The operations that every target has. */
export const BASIC_OPS: ReadonlySet<ScalarOp> = /* @__PURE__ */ new Set<ScalarOp>([
  "add", "sub", "mul", "div", "fma", "neg", "abs", "floor", "ceil", "round", "trunc", "sqrt", "max", "min", "and", "or",
  "xor", "not", "shl", "shr_logical", "shr_arithmetic", "eq", "ne", "lt", "le", "select", "cast", "bitcast",
]); // prettier-ignore

/** dtype of the value that a scalar of this dtype is held as, and of the memory that holds its elements. */
export const valueDType = (dtype: DType): DType => (isHalf(dtype) ? "float32" : dtype);
export const memoryDType = (dtype: DType): DType => (isHalf(dtype) ? "uint16" : dtype);

/** Rewrites scalars of one kernel; equal results are the same object. */
export class Decomposer {
  private readonly b: SharingBuilder;
  private readonly done = new Map<Scalar, Scalar>();
  private readonly isNative: IsNative;
  private readonly belowMaximum: BelowMaximum;

  constructor(isNative: IsNative, b = new SharingBuilder()) {
    this.isNative = isNative;
    this.b = b;
    this.belowMaximum = new BelowMaximum(b);
  }

  scalar(s: Scalar): Scalar {
    let result = this.done.get(s);
    if (result === undefined) {
      result = this.rewrite(s);
      this.done.set(s, result);
      this.done.set(result, result);
    }
    return result;
  }

  private rewrite(s: Scalar): Scalar {
    switch (s.tag) {
      case "const":
        return this.b.const(s.value, valueDType(s.dtype));
      case "axis":
      case "param":
        return this.b.leaf(s);
      case "reduced":
      case "acc":
        return this.b.leaf({ ...s, dtype: valueDType(s.dtype) });
      case "load":
        return this.load(s);
      case "op":
        return this.op(s);
      default:
        s satisfies never;
        throw new InternalError("decompose: unknown scalar");
    }
  }

  private load({ dtype, buffer, index, guard }: LoadScalar): Scalar {
    const load = this.b.load(
      memoryDType(dtype),
      buffer,
      this.scalar(index),
      guard === null ? null : this.scalar(guard),
    );
    return isHalf(dtype) ? this.scalar(fromHalfBits(lang(this.b), load, dtype)) : load;
  }

  private op(s: OpScalar): Scalar {
    const args = s.args.map((a) => this.scalar(a));
    const valueArg = isSelect(s.op) ? 1 : 0;
    const from = s.args[valueArg]!.dtype;
    if (s.op === "cast" && isHalf(s.dtype)) {
      if (from === s.dtype) return args[0]!;
      const single = this.scalar(this.b.op("cast", "float32", args[0]!));
      return this.scalar(roundToHalf(lang(this.b), single, s.dtype));
    }
    if (s.op === "cast" && valueDType(from) === s.dtype) return args[0]!;
    if (s.op === "bitcast" && isHalf(from)) {
      const bits = isHalf(s.dtype) ? from : s.dtype;
      if (bits === s.dtype) return this.scalar(this.b.op("cast", s.dtype, toHalfBits(lang(this.b), args[0]!, from)));
    }
    if (s.op === "bitcast" && isHalf(s.dtype)) {
      const bits = this.b.op("and", "uint32", this.b.op("cast", "uint32", args[0]!), this.b.const(0xffff, "uint32"));
      return this.scalar(fromHalfBits(lang(this.b), bits, s.dtype));
    }
    const dtype = valueDType(s.dtype);
    const operand = args[valueArg]!.dtype;
    if (this.isNative(s.op, operand)) return this.b.op(s.op, dtype, ...args);
    const rule = (operand === "float64" ? DOUBLE_RULES[s.op] : undefined) ?? RULES[s.op];
    if (rule === undefined) throw new InternalError(`decompose: no rule for ${s.op} on ${operand}`);
    const m = lang(this.b, isFloat(operand) ? operand : "float32", (x) => this.belowMaximum.has(x));
    // A formula that uses its own operation leaves that to the target.
    const own = this.b.op(s.op, dtype, ...args);
    this.done.set(own, own);
    const result = this.scalar(rule(m, ...(args as [Scalar, Scalar, Scalar])));
    this.done.set(own, result);
    return result;
  }

  store({ buffer, index, value }: Store, dtype: DType): Store {
    const at = this.scalar(index);
    if (!isHalf(dtype)) return { buffer, index: at, value: this.scalar(value) };
    const from = beforeRounding(value, dtype);
    const single = this.scalar(this.b.op("cast", "float32", this.scalar(from)));
    return { buffer, index: at, value: this.scalar(toHalfBits(lang(this.b), single, dtype)) };
  }

  stage(stage: Stage, dtypeOf: (buffer: number) => DType): Stage {
    this.belowMaximum.enter(stage);
    const reductions = stage.reductions.map((r) => ({
      ...r,
      value: this.scalar(r.value),
      dtype: valueDType(r.dtype),
    }));
    const stores = stage.stores.map((s) => this.store(s, dtypeOf(s.buffer)));
    this.belowMaximum.leave(reductions);
    return { ...stage, reductions, stores };
  }
}

const isCastTo = (s: Scalar, dtype: DType): s is OpScalar => s.tag === "op" && s.op === "cast" && s.dtype === dtype;

/** Storing rounds: what is cast to the stored dtype at last, also by way of float32, needs no rounding of its own. */
function beforeRounding(value: Scalar, dtype: DType): Scalar {
  const [x] = isCastTo(value, dtype) ? value.args : [value];
  if (isCastTo(x!, "float32") && x.args[0]!.dtype === dtype) return beforeRounding(x.args[0]!, dtype);
  return x!;
}

/** A loop kernel of basic operations; `dtypeOf` gives the dtype of a buffer. */
export function decomposeLoop(kernel: LoopKernel, isNative: IsNative, dtypeOf: (buffer: number) => DType): LoopKernel {
  const d = new Decomposer(isNative);
  return { kind: "loop", axes: kernel.axes, stages: kernel.stages.map((s) => d.stage(s, dtypeOf)) };
}

/** The epilogue of a contraction, in basic operations. */
export function decomposeContract(
  kernel: ContractKernel,
  isNative: IsNative,
  dtypeOf: (buffer: number) => DType,
): ContractKernel {
  if (kernel.epilogue === null) return kernel;
  const d = new Decomposer(isNative);
  return { ...kernel, epilogue: { stores: kernel.epilogue.stores.map((s) => d.store(s, dtypeOf(s.buffer))) } };
}
