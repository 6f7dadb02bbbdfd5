/** For tests: random programs of tensor expressions. */
import { type DType, isFloat } from "../src/aval/dtype";
import { ShapedArray } from "../src/aval/shaped-array";
import { prod, range } from "../src/base/list";
import type { Expr } from "../src/kernel/expr";
import {
  exprBroadcast, exprConcat, exprConst, exprContract, exprCumulative, exprExpand, exprFlip, exprFull, exprGather,
  exprInput, exprIota, exprPad, exprPermute, exprReduce, exprReshape, exprScalar, exprScatter, exprSlice, exprWindow,
} from "../src/kernel/expr-build"; // prettier-ignore
import { type TestInput, randomNumbers } from "./run-program";

const DTYPES: readonly DType[] = ["float32", "float32", "float32", "int32", "bool", "uint8", "int8", "float16"];
const MAX_SIZE = 400;

export function randomProgram(seed: number): { inputs: TestInput[]; results: Expr[] } {
  const random = randomNumbers(seed * 7919);
  const int = (n: number): number => Math.floor(random() * n);
  const choose = <T>(xs: readonly T[]): T => xs[int(xs.length)]!;
  const inputs: TestInput[] = [];
  const pool: Expr[] = [];
  const sizes = [1, 2, 3, 4, 5, 6];
  for (let i = 0; i < 2 + int(3); i++) {
    const shape = range(int(4)).map(() => (random() < 0.02 ? 0 : choose(sizes)));
    const dtype = i === 0 ? "float32" : choose(DTYPES);
    const permuted = random() < 0.2 && shape.length === 2 && prod(shape) > 0;
    const strides = permuted ? [1, shape[0]!] : random() < 0.1 ? shape.map(() => 0) : null;
    inputs.push({ shape, dtype, strides });
    pool.push(exprInput(i, ShapedArray.of(shape, dtype)));
  }
  const add = (x: Expr): void => {
    if (prod(x.shape) <= MAX_SIZE && x.shape.length <= 5) pool.push(x);
  };
  const asFloat = (x: Expr): Expr => (isFloat(x.dtype) ? x : exprScalar("cast", [x], "float32"));
  const sameShape = (x: Expr, dtype: DType): Expr => {
    const cast = (y: Expr): Expr => exprScalar("cast", [y], dtype);
    const others = pool.filter((y) => y.shape.join() === x.shape.join());
    if (others.length > 1 && random() < 0.6) return cast(choose(others));
    // Something that broadcasts to it.
    const fit = pool.filter(
      (y) =>
        y.shape.length <= x.shape.length &&
        y.shape.every((n, i) => n === 1 || n === x.shape[x.shape.length - y.shape.length + i]),
    );
    if (fit.length > 0 && random() < 0.7) {
      const y = choose(fit);
      return cast(exprBroadcast(y, x.shape, range(x.shape.length - y.shape.length, x.shape.length)));
    }
    return random() < 0.5
      ? exprFull(int(3) - 1, x.shape, dtype === "bool" || dtype === "uint8" ? "int8" : dtype).dtype === dtype
        ? exprFull(int(3) - 1, x.shape, dtype)
        : cast(exprFull(1, x.shape, "int32"))
      : cast(x.shape.length > 0 ? exprIota("int32", x.shape, int(x.shape.length)) : exprConst(2, "int32"));
  };
  const steps: (() => void)[] = [
    () => {
      const x = choose(pool);
      if (x.dtype === "bool")
        return add(exprScalar(choose(["and", "or", "xor", "eq"] as const), [x, sameShape(x, "bool")]));
      const ops = isFloat(x.dtype)
        ? (["add", "sub", "mul", "max", "min"] as const)
        : (["add", "sub", "mul", "max", "min", "div", "rem", "and", "shr_logical"] as const);
      add(exprScalar(choose<(typeof ops)[number]>(ops), [x, sameShape(x, x.dtype)]));
    },
    () => {
      const x = choose(pool);
      if (isFloat(x.dtype))
        return add(exprScalar(choose(["neg", "abs", "sin", "tanh", "floor", "is_finite"] as const), [x]));
      if (x.dtype === "bool") return add(exprScalar("not", [x]));
      add(exprScalar(choose(["neg", "abs", "not", "popcount", "clz", "sign"] as const), [x]));
    },
    () => {
      const x = choose(pool);
      add(exprScalar("cast", [x], choose(DTYPES)));
    },
    () => {
      const x = choose(pool);
      add(exprScalar("select", [sameShape(x, "bool"), x, sameShape(x, x.dtype)]));
    },
    () => {
      const x = choose(pool);
      if (x.dtype !== "bool") add(exprScalar(choose(["lt", "le", "eq", "ne"] as const), [x, sameShape(x, x.dtype)]));
    },
    () => {
      const x = choose(pool);
      const rank = x.shape.length;
      const perm = range(rank).sort(() => random() - 0.5);
      add(exprPermute(x, perm));
    },
    () => {
      const x = choose(pool);
      const n = prod(x.shape);
      const divisors = range(1, n + 1).filter((d) => n % d === 0);
      if (n === 0) return;
      const d = choose(divisors);
      const rest = n / d;
      const e = choose(range(1, rest + 1).filter((k) => rest % k === 0));
      add(exprReshape(x, choose([[d, rest], [n], [d, e, rest / e], [1, d, rest]])));
    },
    () => {
      const x = choose(pool);
      const extra = choose([1, 2, 3]);
      const at = int(x.shape.length + 1);
      const expanded = exprExpand(x, [at]);
      const shape = expanded.shape.map((m, i) => (i === at ? extra : m));
      add(exprBroadcast(expanded, shape, range(shape.length)));
    },
    () => {
      const x = choose(pool);
      if (x.shape.length === 0) return;
      if (random() < 0.3) return add(exprFlip(x, [int(x.shape.length)]));
      const starts = x.shape.map((n) => int(n));
      const limits = x.shape.map((n, i) => starts[i]! + int(n - starts[i]! + 1));
      add(
        exprSlice(
          x,
          starts,
          limits,
          x.shape.map(() => 1 + int(2)),
        ),
      );
    },
    () => {
      const x = choose(pool);
      const values = (lo: number, hi: number): number[] => x.shape.map(() => lo + int(hi - lo));
      const fill =
        random() < 0.5 ? exprConst(1, x.dtype) : exprScalar("cast", [exprReshapeScalar(choose(pool))], x.dtype);
      const [low, high] = [values(-1, 3), values(-1, 3)];
      const interior = random() < 0.3 ? values(0, 3) : x.shape.map(() => 0);
      const shape = x.shape.map((n, i) => low[i]! + high[i]! + (n === 0 ? 0 : n + (n - 1) * interior[i]!));
      if (x.shape.length > 0 && shape.every((n) => n >= 0)) add(exprPad(x, fill, low, high, interior));
    },
    () => {
      const x = choose(pool);
      if (x.shape.length === 0) return;
      const axis = int(x.shape.length);
      const others = pool.filter(
        (y) =>
          y.dtype === x.dtype &&
          y.shape.length === x.shape.length &&
          y.shape.every((n, i) => i === axis || n === x.shape[i]),
      );
      add(exprConcat([x, choose(others), choose(others)].slice(0, 2 + int(2)), axis));
    },
    () => {
      const x = choose(pool);
      if (x.shape.length < 2) return;
      const nLead = int(x.shape.length);
      const spatial = x.shape.slice(nLead);
      const window = spatial.map((n) => 1 + int(Math.min(3, n)));
      if (spatial.some((n) => n === 0)) return;
      add(
        exprWindow(
          x,
          nLead,
          window,
          spatial.map(() => 1 + int(2)),
          spatial.map(() => 1),
        ),
      );
    },
    ...range(3).map(() => () => {
      const x = choose(pool);
      if (x.shape.length === 0) return;
      const axes = range(x.shape.length).filter(() => random() < 0.5);
      const op =
        x.dtype === "bool"
          ? choose(["and", "or", "max", "min"] as const)
          : choose(["add", "add", "max", "min"] as const);
      if (axes.some((a) => x.shape[a] === 0) && (op === "max" || op === "min")) return;
      const y = exprReduce(op, x, axes);
      add(y);
      // As softmax and norms do it: the reduction goes back to every element.
      const kept = range(x.shape.length).filter((a) => !axes.includes(a));
      if (random() < 0.6 && x.dtype !== "bool") add(exprScalar("sub", [x, exprBroadcast(y, x.shape, kept)]));
    }),
    () => {
      const x = choose(pool);
      const axis = int(x.shape.length);
      if (x.shape.length > 0 && x.shape[axis] !== 0 && x.dtype !== "bool")
        add(exprReduce(choose(["argmax", "argmin"] as const), x, [axis]));
    },
    ...range(2).map(() => () => {
      const x = asFloat(choose(pool));
      const y = exprScalar("cast", [choose(pool)], x.dtype);
      const used = new Set<number>();
      const pairs: [number, number][] = [];
      x.shape.forEach((n, a) => {
        const b = y.shape.findIndex((m, j) => m === n && !used.has(j));
        if (b >= 0 && random() < 0.8) {
          used.add(b);
          pairs.push([a, b]);
        }
      });
      const nBatch = random() < 0.4 ? int(pairs.length + 1) : 0;
      const [batch, contract] = [pairs.slice(0, nBatch), pairs.slice(nBatch)];
      const out = exprContract({
        lhs: x,
        rhs: y,
        lhsBatch: batch.map((p) => p[0]),
        rhsBatch: batch.map((p) => p[1]),
        lhsContract: contract.map((p) => p[0]),
        rhsContract: contract.map((p) => p[1]),
      });
      add(out);
      if (random() < 0.5) add(exprScalar("tanh", [out]));
    }),
    () => {
      const x = choose(pool);
      if (x.shape.length === 0 || x.shape[0] === 0) return;
      const n = 1 + int(4);
      const indices = exprReshape(exprSlice(exprScalar("cast", [exprIota("int32", [8], 0)], "int32"), [0], [n]), [
        n,
        1,
      ]);
      const moved = random() < 0.5 ? exprScalar("sub", [exprFull(2, [n, 1], "int32"), indices]) : indices;
      const mode = choose(["clip", "fill"] as const);
      add(
        exprGather({
          operand: x,
          indices: moved,
          shape: [n, ...x.shape.slice(1)],
          offsetDims: range(1, x.shape.length),
          collapsedSliceDims: [0],
          operandBatchingDims: [],
          indicesBatchingDims: [],
          startIndexMap: [0],
          sliceSizes: [1, ...x.shape.slice(1)],
          mode,
          fillValue: 1,
        }),
      );
    },
    () => {
      const x = choose(pool);
      const updatesFrom = pool.filter(
        (y) => y.shape.length === x.shape.length && y.shape.slice(1).join() === x.shape.slice(1).join(),
      );
      if (x.shape.length === 0 || x.dtype === "bool" || updatesFrom.length === 0) return;
      const updates = exprScalar("cast", [choose(updatesFrom)], x.dtype);
      const n = updates.shape[0]!;
      add(
        exprScatter({
          combine: choose(["set", "add", "max"] as const),
          operand: x,
          indices: exprReshape(exprScalar("sub", [exprIota("int32", [n], 0), exprFull(1, [n], "int32")]), [n, 1]),
          updates,
          updateWindowDims: range(1, x.shape.length),
          insertedWindowDims: [0],
          operandBatchingDims: [],
          indicesBatchingDims: [],
          scatterDimsToOperandDims: [0],
          mode: choose(["clip", "fill"] as const),
        }),
      );
    },
    () => {
      const x = choose(pool);
      if (x.shape.length === 0 || x.dtype === "bool") return;
      const axis = int(x.shape.length);
      add(exprCumulative(choose(["add", "max", "min"] as const), x, axis, random() < 0.3));
    },
  ];
  const nSteps = 3 + int(18);
  for (let i = 0; i < nSteps; i++) choose(steps)();
  const results = range(1 + int(4)).map(() => pool[pool.length - 1 - int(Math.min(pool.length, 8))]!);
  return { inputs, results };
}

/** Some element of x as a scalar. */
function exprReshapeScalar(x: Expr): Expr {
  if (prod(x.shape) === 0) return exprConst(0, x.dtype);
  return exprReshape(
    exprSlice(
      x,
      x.shape.map(() => 0),
      x.shape.map(() => 1),
    ),
    [],
  );
}
